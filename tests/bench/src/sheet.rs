//! `Sheet`: the measured values, by measure and contender.

use std::fmt;

use crate::contender::Contender;
use crate::event::Event;
use crate::statistics::{Estimate, median};

/// A measured quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The time from the start of the process to its first poll.
    FirstPoll,
    /// The time from the start of the process to its first reply.
    FirstReply,
    /// The time from handing out an event to its reply, at the median.
    Median(Event),
    /// The time from handing out an event to its reply, at the 99th percentile.
    Tail(Event),
    /// The CPU time of the process per invocation.
    Cpu(Event),
    /// The same with the process and the stand-in on a CPU each.
    CpuApart(Event),
    /// The time from handing out an event to the first byte of its reply, at the median.
    FirstByte(Event),
    /// The same with the process and the stand-in on a CPU each.
    FirstByteApart(Event),
    /// The page faults per invocation.
    PageFaults(Event),
    /// The peak memory.
    PeakMemory(Event),
    /// The peak memory after a streamed reply of 200 MB, above that after one of 1 MB.
    MemoryGrowth,
    /// The system calls per invocation.
    SystemCalls,
    /// The system calls per chunk that the event orders.
    ChunkCalls(Event),
    /// The system calls from the event to the first byte of a streamed reply, that of the byte included.
    FirstByteCalls(Event),
    /// The user-mode instructions per invocation.
    Instructions(Event),
    /// The user-mode instructions from the start of the process to its first poll.
    FirstPollInstructions,
    /// The size of the stripped binary.
    BinarySize,
    /// The crates that the function is compiled from, itself included.
    Crates,
    /// The time of a clean build.
    Build,
    /// The invocations per second, with that many at a time.
    Throughput(usize),
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FirstPoll => f.write_str("cold start to the first poll, ms"),
            Self::FirstReply => f.write_str("cold start to the first reply, ms"),
            Self::Median(event) => write!(f, "{event}: p50, µs"),
            Self::Tail(event) => write!(f, "{event}: p99, µs"),
            Self::Cpu(event) => write!(f, "{event}: CPU an invocation, µs"),
            Self::CpuApart(event) => write!(f, "{event}: CPU an invocation, on a CPU each, µs"),
            Self::FirstByte(event) => write!(f, "{event}: first byte, p50, µs"),
            Self::FirstByteApart(event) => write!(f, "{event}: first byte, on a CPU each, p50, µs"),
            Self::PageFaults(event) => write!(f, "{event}: page faults an invocation"),
            Self::PeakMemory(event) => write!(f, "{event}: most memory, KiB"),
            Self::MemoryGrowth => f.write_str("most memory of a reply of 200 MB above that of 1 MB, KiB"),
            Self::SystemCalls => f.write_str("system calls an invocation"),
            Self::ChunkCalls(event) => write!(f, "{event}: system calls a chunk"),
            Self::FirstByteCalls(event) => write!(f, "{event}: system calls to the first byte"),
            Self::Instructions(event) => write!(f, "{event}: user instructions an invocation, thousands"),
            Self::FirstPollInstructions => f.write_str("user instructions to the first poll, thousands"),
            Self::BinarySize => f.write_str("binary, KB"),
            Self::Crates => f.write_str("crates compiled"),
            Self::Build => f.write_str("clean build, s"),
            Self::Throughput(at_once) => write!(f, "{at_once} at once: invocations a second"),
        }
    }
}

/// All measured values. Those of one measure are in the order of their rounds, so that the values of two contenders
/// form pairs.
#[derive(Debug, Default)]
pub struct Sheet {
    columns: Vec<(Measure, Contender, Vec<f64>)>,
}

impl Sheet {
    /// Adds a value.
    pub fn record(&mut self, measure: Measure, contender: Contender, value: f64) {
        match self.columns.iter_mut().find(|(of, by, _)| (*of, *by) == (measure, contender)) {
            Some((_, _, values)) => values.push(value),
            None => self.columns.push((measure, contender, vec![value])),
        }
    }

    /// Lists the measures in the order in which they were taken.
    #[must_use]
    pub fn measures(&self) -> Vec<Measure> {
        let mut measures = Vec::new();
        for (measure, _, _) in &self.columns {
            if !measures.contains(measure) {
                measures.push(*measure);
            }
        }
        measures
    }

    /// Returns the median of a contender's values, if there are any.
    #[must_use]
    pub fn median(&self, measure: Measure, contender: Contender) -> Option<f64> {
        self.values(measure, contender).map(median)
    }

    /// Returns the ratio of two contenders' values, pair by pair, if both were measured.
    #[must_use]
    pub fn ratio(&self, measure: Measure, ours: Contender, theirs: Contender) -> Option<Estimate> {
        Some(Estimate::of_ratios(self.values(measure, ours)?, self.values(measure, theirs)?))
    }

    /// Counts the values of a contender.
    #[must_use]
    pub fn rounds(&self, measure: Measure, contender: Contender) -> usize {
        self.values(measure, contender).map_or(0, <[f64]>::len)
    }

    fn values(&self, measure: Measure, contender: Contender) -> Option<&[f64]> {
        let (_, _, values) = self.columns.iter().find(|(of, by, _)| (*of, *by) == (measure, contender))?;
        Some(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_in_pairs() {
        let mut sheet = Sheet::default();
        for (ours, theirs) in [(1.0, 2.0), (10.0, 20.0), (100.0, 200.0)] {
            sheet.record(Measure::FirstPoll, Contender::Sync, ours);
            sheet.record(Measure::FirstPoll, Contender::Floor, theirs);
        }
        let ratio = sheet.ratio(Measure::FirstPoll, Contender::Sync, Contender::Floor).unwrap();
        assert_eq!(ratio, Estimate { median: 0.5, low: 0.5, high: 0.5 });
        assert_eq!(sheet.median(Measure::FirstPoll, Contender::Floor), Some(20.0));
        assert_eq!(sheet.median(Measure::FirstReply, Contender::Floor), None);
        assert_eq!(sheet.measures(), [Measure::FirstPoll]);
    }
}
