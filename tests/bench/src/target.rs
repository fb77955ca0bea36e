//! `Target`: a target of the benchmark and its result.

use std::fmt;

use crate::contender::Contender::{
    self, AllRoutes, AroundAsync, AroundSync, Async, Batch, BatchAsync, Borrowed, Buffered, BufferedAsync, ByHand,
    Floor, FloorJson, Handlers, Http, PeerBatch, PeerChannel, PeerCurrent, PeerHttp, PeerStream, Route, Routes,
    StaticAsync, StaticSync, Stream, Sync,
};
use crate::contender::Producer::{AsyncWriter, Iter, Reader, Writer};
use crate::event::{ECHOES, Event, GET, LARGE_CHUNKS, MESSAGES, PAUSED, POST, SHORT, SMALL, SMALL_CHUNKS};
use crate::sheet::Measure::{
    self, BinarySize, Build, ChunkCalls, Cpu, CpuApart, Crates, FirstByte, FirstByteApart, FirstByteCalls,
    FirstPollInstructions, FirstReply, Instructions, Median, MemoryGrowth, PeakMemory, SystemCalls,
};
use crate::sheet::Sheet;
use crate::statistics::Estimate;

/// The upper limit for a measure of a contender, relative to another one or absolute.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    measure: Measure,
    contender: Contender,
    against: Option<Contender>,
    /// Whether the limit is for the difference from the other contender, not for the ratio.
    is_difference: bool,
    most: f64,
    /// The value above which the benchmark fails. Only counts have one, since they differ by at most a few hundredths
    /// between runs.
    gate: Option<f64>,
}

/// Lists all targets.
#[must_use]
pub fn all() -> Vec<Target> {
    let [kb_64, mb_1, mb_6] = [64 << 10, 1 << 20, 6_000_000].map(|bytes| Median(Event::Text(bytes)));
    let ratio = |measure, contender, against, most| Target::new(measure, contender, Some(against), most);
    let counted = |measure, contender, most, gate| Target::new(measure, contender, None, most).gated(gate);
    let mut targets = Vec::new();
    for contender in [Sync, Async] {
        targets.push(ratio(FirstReply, contender, PeerCurrent, 0.80));
        targets.push(ratio(FirstReply, contender, Floor, 1.10));
    }
    for contender in [StaticSync, StaticAsync] {
        targets.push(ratio(FirstReply, contender, PeerCurrent, 0.62));
        targets.push(ratio(FirstReply, contender, Floor, 0.90));
    }
    targets.extend([
        ratio(Median(SMALL), Sync, PeerCurrent, 0.87),
        ratio(Median(SMALL), Async, PeerCurrent, 0.92),
        ratio(Median(SMALL), Sync, Floor, 1.30),
        ratio(Median(SMALL), Async, Floor, 1.38),
        ratio(Cpu(SMALL), Sync, PeerCurrent, 0.80),
        ratio(Cpu(SMALL), Async, PeerCurrent, 0.88),
        ratio(Cpu(SMALL), Sync, Floor, 1.30),
        ratio(Cpu(SMALL), Async, Floor, 1.42),
        counted(SystemCalls, Sync, 4.0, 4.0),
        counted(SystemCalls, Async, 6.0, 6.0),
        // These targets were surpassed long ago; the gates keep the results.
        counted(Instructions(SMALL), Sync, 62.0, 13.0),
        counted(Instructions(SMALL), Async, 66.0, 16.9),
    ]);
    for contender in [Sync, Async] {
        targets.push(ratio(PeakMemory(SMALL), contender, PeerCurrent, 0.68));
        targets.push(ratio(PeakMemory(SMALL), contender, Floor, 1.32));
    }
    targets.push(ratio(BinarySize, Sync, PeerCurrent, 0.38));
    targets.push(ratio(BinarySize, Async, PeerCurrent, 0.43));
    // Absolute sizes in KB, for the quick form, which compiles no other runtime.
    targets.push(counted(BinarySize, Sync, 646.0, 646.0));
    targets.push(counted(BinarySize, Async, 730.0, 730.0));
    for (measure, most) in [(kb_64, 0.82), (mb_1, 0.55), (mb_6, 0.72)] {
        for contender in [Sync, Async, Borrowed] {
            targets.push(ratio(measure, contender, PeerCurrent, most));
            targets.push(ratio(measure, contender, FloorJson, 1.10));
        }
    }
    let handlers = ratio(FirstPollInstructions, Handlers(100), Handlers(1), 1.03);
    // Before `main`, the C library reads a list of the process's memory segments. A binary whose last segment ends in
    // another page has a line more in it, which costs 1.6 % of the instructions and says nothing about handlers.
    targets.push(handlers.gated(1.05));
    targets.extend(around());
    targets.extend(http());
    targets.extend(streams());
    targets.extend(batches());
    targets
}

/// Lists the targets of around functions that do nothing: the instructions that they add.
fn around() -> [Target; 3] {
    let more = |contender, against, most| {
        let target = Target::new(Instructions(SMALL), contender, Some(against), most).gated(most);
        Target { is_difference: true, ..target }
    };
    [more(AroundSync, Sync, 0.30), more(AroundAsync(1), Async, 0.70), more(AroundAsync(2), AroundAsync(1), 0.35)]
}

/// Lists the targets of HTTP.
fn http() -> Vec<Target> {
    let ratio = Target::new;
    let peer = |measure, most| ratio(measure, Http, Some(PeerHttp), most);
    let gated = |target: Target| target.gated(target.most);
    let counted = |measure, contender, most, gate| Target::new(measure, contender, None, most).gated(gate);
    let [text, binary, json] = ECHOES.map(Median);
    vec![
        gated(peer(Instructions(GET), 0.26)),
        gated(peer(Instructions(POST), 0.27)),
        counted(Instructions(GET), Http, 53.0, 51.0),
        counted(Instructions(POST), Http, 54.8, 54.2),
        gated(peer(SystemCalls, 0.75)),
        counted(SystemCalls, Http, 6.0, 6.0),
        peer(Median(GET), 0.62),
        peer(Cpu(GET), 0.56),
        peer(FirstReply, 0.80),
        peer(PeakMemory(GET), 0.62),
        gated(peer(BinarySize, 0.38)),
        counted(BinarySize, Http, 1029.0, 1029.0),
        counted(Crates, Http, 48.0, 48.0),
        peer(Build, 0.45),
        peer(text, 0.45),
        peer(binary, 0.50),
        peer(json, 0.65),
        ratio(Instructions(GET), Route, Some(Http), 1.10),
        gated(ratio(FirstPollInstructions, Routes(100), Some(Routes(1)), 1.08)),
        gated(ratio(FirstPollInstructions, AllRoutes, Some(ByHand), 1.25)),
    ]
}

/// Lists the targets of streamed replies.
fn streams() -> Vec<Target> {
    let ratio = Target::new;
    let peer = |measure, producer, most| ratio(measure, Stream(producer), Some(PeerStream), most);
    let channel = |measure, producer, most| ratio(measure, Stream(producer), Some(PeerChannel), most);
    let gated = |target: Target| target.gated(target.most);
    let counted = |measure, contender, most, gate| Target::new(measure, contender, None, most).gated(gate);
    let mut targets = Vec::new();
    for producer in [Iter, Reader, AsyncWriter] {
        targets.push(channel(Cpu(LARGE_CHUNKS), producer, 0.65));
        targets.push(channel(CpuApart(LARGE_CHUNKS), producer, 0.88));
    }
    for producer in [Iter, AsyncWriter] {
        targets.push(channel(Cpu(SMALL_CHUNKS), producer, 0.50));
        targets.push(channel(CpuApart(SMALL_CHUNKS), producer, 0.50));
    }
    for (event, streamed, buffered) in [
        (SHORT, Iter, Buffered),
        (SHORT, AsyncWriter, BufferedAsync),
        (PAUSED, Writer, Buffered),
        (PAUSED, AsyncWriter, BufferedAsync),
    ] {
        targets.push(ratio(FirstByte(event), Stream(streamed), Some(buffered), 1.20));
        targets.push(ratio(FirstByteApart(event), Stream(streamed), Some(buffered), 1.05));
    }
    targets.extend([
        gated(peer(Instructions(LARGE_CHUNKS), Iter, 0.22)),
        gated(peer(Instructions(SMALL_CHUNKS), Iter, 0.14)),
        gated(peer(Instructions(SMALL_CHUNKS), AsyncWriter, 0.17)),
        counted(ChunkCalls(SMALL_CHUNKS), Stream(Iter), 0.1, 0.1),
        counted(ChunkCalls(SMALL_CHUNKS), Stream(AsyncWriter), 0.1, 0.1),
        counted(ChunkCalls(SMALL_CHUNKS), Stream(Writer), 1.01, 1.01),
        counted(FirstByteCalls(SHORT), Stream(Iter), 1.0, 1.0),
        counted(FirstByteCalls(SHORT), Stream(Writer), 3.0, 3.0),
        counted(FirstByteCalls(SHORT), Stream(AsyncWriter), 1.0, 1.0),
        counted(Instructions(SHORT), Stream(Iter), 10.9, 10.9),
        counted(Instructions(SHORT), Stream(Writer), 11.9, 11.9),
        counted(Instructions(SHORT), Stream(AsyncWriter), 18.9, 18.9),
    ]);
    for producer in [Iter, Reader, Writer, AsyncWriter] {
        targets.push(counted(MemoryGrowth, Stream(producer), 1024.0, 1024.0));
    }
    targets
}

/// Lists the targets of batches.
fn batches() -> Vec<Target> {
    let peer = |measure, contender| Target::new(measure, contender, Some(PeerBatch), 0.50);
    vec![
        peer(Cpu(MESSAGES), Batch),
        peer(Cpu(MESSAGES), BatchAsync),
        peer(Instructions(MESSAGES), Batch).gated(0.44),
        peer(Instructions(MESSAGES), BatchAsync).gated(0.46),
    ]
}

/// A target with its result.
#[derive(Clone, Copy, Debug)]
pub struct Verdict {
    /// The target.
    pub target: Target,
    /// The measured value.
    pub value: Estimate,
}

impl Target {
    /// Creates a target without a gate.
    fn new(measure: Measure, contender: Contender, against: Option<Contender>, most: f64) -> Self {
        Self { measure, contender, against, is_difference: false, most, gate: None }
    }

    fn gated(self, gate: f64) -> Self {
        Self { gate: Some(gate), ..self }
    }

    /// Compares the target with the measured value, if there is one.
    #[must_use]
    pub fn judge(self, sheet: &Sheet) -> Option<Verdict> {
        let Self { measure, contender, against, is_difference, .. } = self;
        let value = match against {
            Some(against) if is_difference => {
                let median = sheet.median(measure, contender)? - sheet.median(measure, against)?;
                Estimate { median, low: median, high: median }
            }
            Some(against) => sheet.ratio(measure, contender, against)?,
            None => {
                let median = sheet.median(measure, contender)?;
                Estimate { median, low: median, high: median }
            }
        };
        Some(Verdict { target: self, value })
    }
}

impl Verdict {
    /// Whether the target was reached.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.value.median <= self.target.most
    }

    /// Whether this is a reason to fail.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.target.gate.is_some_and(|most| self.value.median > most)
    }

    /// Returns the cells of its row in the table.
    #[must_use]
    pub fn row(&self) -> Vec<String> {
        let Self { target: Target { measure, contender, against, is_difference, most, .. }, value } = self;
        let more = if *is_difference { "more than " } else { "" };
        vec![
            measure.to_string(),
            contender.to_string(),
            against.map_or("as it is".to_owned(), |against| format!("{more}{against}")),
            if value.low < value.high {
                format!("{:.3} ({:.3}–{:.3})", value.median, value.low, value.high)
            } else {
                format!("{:.3}", value.median)
            },
            format!("≤ {most:.2}"),
            if self.is_met() { "met" } else { "**not met**" }.to_owned(),
        ]
    }
}

/// A sentence about a result above its gate.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { target: Target { measure, contender, against, is_difference, most, gate }, value } = self;
        write!(f, "{measure}: {contender} has {:.3}", value.median)?;
        if let Some(against) = against {
            write!(f, " {} {against}", if *is_difference { "more than" } else { "of" })?;
        }
        write!(f, ", at most {:.2} is allowed", gate.unwrap_or(*most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_above_its_gate_fails_and_is_named() {
        let mut sheet = Sheet::default();
        sheet.record(SystemCalls, Sync, 4.0);
        sheet.record(SystemCalls, Async, 6.01);
        sheet.record(FirstPollInstructions, Handlers(1), 100.0);
        sheet.record(FirstPollInstructions, Handlers(100), 102.0);
        let verdicts: Vec<_> = all().into_iter().filter_map(|target| target.judge(&sheet)).collect();
        assert_eq!(verdicts.len(), 3);
        let failed: Vec<_> = verdicts.iter().filter(|verdict| verdict.fails()).map(ToString::to_string).collect();
        assert_eq!(failed, ["system calls an invocation: Mayfly, async has 6.010, at most 6.00 is allowed"]);
    }

    #[test]
    fn a_gate_may_be_stricter_than_the_target() {
        for (thousands, is_met, fails) in [(13.0, true, false), (20.0, true, true), (70.0, false, true)] {
            let mut sheet = Sheet::default();
            sheet.record(Instructions(SMALL), Sync, thousands);
            let verdict = all().into_iter().find_map(|target| target.judge(&sheet)).unwrap();
            assert_eq!((verdict.is_met(), verdict.fails()), (is_met, fails), "{verdict}");
        }
    }

    #[test]
    fn a_time_above_its_target_is_shown_but_is_no_failure() {
        let mut sheet = Sheet::default();
        for round in [1.0, 2.0, 3.0] {
            sheet.record(FirstReply, Sync, 1.2 * round);
            sheet.record(FirstReply, Floor, round);
        }
        let verdict = all().into_iter().find_map(|target| target.judge(&sheet)).unwrap();
        assert!(!verdict.is_met() && !verdict.fails());
        assert_eq!(verdict.row()[2..], ["floor", "1.200", "≤ 1.10", "**not met**"].map(str::to_owned));
    }
}
