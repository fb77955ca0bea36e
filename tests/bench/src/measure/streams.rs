//! Streamed replies: their CPU, their first byte and their memory.

use std::rc::Rc;
use std::thread::{available_parallelism, sleep};
use std::time::Duration;

use anyhow::{Result, ensure};

use super::interleaved;
use crate::compile::Binaries;
use crate::contender::Contender;
use crate::event::{Answer, Event, Order, PAUSED, SHORT_AND_LONG};
use crate::pin::Pinned;
use crate::process::{Launch, Process};
use crate::sheet::{Measure, Sheet};
use crate::stand_in::{Caller, StandIn};
use crate::statistics::{number, percentile};

/// The numbers of invocations before the measured ones, and of those.
const STREAMS: (usize, usize) = (2, 8);
const FIRST: (usize, usize) = (20, 100);

/// The CPUs of a function and the stand-in.
#[derive(Clone, Copy, PartialEq)]
enum Cpus {
    Shared,
    OneEach,
}

impl Cpus {
    /// Lists those that this machine allows.
    fn all() -> Result<Vec<Self>> {
        let has_several = available_parallelism()?.get() > 1;
        Ok([Self::Shared, Self::OneEach].into_iter().take(if has_several { 2 } else { 1 }).collect())
    }

    /// Starts a function on these CPUs.
    fn start(self, contender: Contender, binaries: &Binaries) -> Result<Function> {
        Ok(self.start_all(&[contender], binaries)?.swap_remove(0))
    }

    /// Starts functions on these CPUs, all of them on the same one.
    fn start_all(self, contenders: &[Contender], binaries: &Binaries) -> Result<Vec<Function>> {
        let mut pinned = Pinned::to_one_cpu()?;
        let start = |&contender: &Contender| {
            let stand_in = StandIn::listen()?;
            let api = stand_in.address()?;
            Ok((stand_in, Process::start(contender, binaries.path(contender), api, &Launch::default())?))
        };
        let started = contenders.iter().map(start).collect::<Result<Vec<_>>>()?;
        if self == Self::OneEach {
            drop(pinned);
            pinned = Pinned::to_another_cpu()?;
        }
        let pinned = Rc::new(pinned);
        let ready = |(stand_in, process): (StandIn, Process)| {
            Ok(Function { caller: stand_in.first_poll()?, process, _pinned: Rc::clone(&pinned) })
        };
        started.into_iter().map(ready).collect()
    }
}

/// A function that waits for an event, with the stand-in on its CPU or on another one.
struct Function {
    process: Process,
    caller: Caller,
    _pinned: Rc<Pinned>,
}

impl Function {
    /// Hands out an event; returns the time to the first byte of the reply, after its end.
    fn first_byte(&mut self, contender: Contender, answer: &Answer) -> Result<Duration> {
        match contender {
            Contender::Buffered | Contender::BufferedAsync => self.caller.invoke(answer),
            _ => Ok(self.caller.stream(answer)?.first_byte),
        }
    }
}

/// Checks that each contender streams the bytes that are ordered, so that no error is measured.
///
/// # Errors
/// If one does not.
pub fn check_streams(binaries: &Binaries, contenders: &[Contender]) -> Result<()> {
    for &contender in contenders {
        for &event in contender.events() {
            let Event::Stream(Order { chunks, bytes, .. }) = event else { continue };
            let streamed = Cpus::Shared.start(contender, binaries)?.caller.stream(&Answer::of(event))?;
            // `lambda_runtime` sends the head of an HTTP response before them.
            let head = if matches!(contender, Contender::PeerChannel | Contender::PeerStream) { 1..200 } else { 0..1 };
            let is_right = streamed.bytes.checked_sub(chunks * bytes).is_some_and(|more| head.contains(&more));
            ensure!(is_right, "{contender} streams {} bytes in place of {chunks} times {bytes}", streamed.bytes);
        }
    }
    Ok(())
}

/// Measures the CPU of streamed replies, with the function and the stand-in on one CPU and on a CPU each.
///
/// # Errors
/// If a function fails.
pub fn streams(
    sheet: &mut Sheet,
    binaries: &Binaries,
    contenders: &[Contender],
    event: Event,
    rounds: usize,
) -> Result<()> {
    let answer = Answer::of(event);
    for cpus in Cpus::all()? {
        interleaved(contenders, rounds, |contender| {
            let Function { process, mut caller, _pinned } = cpus.start(contender, binaries)?;
            let mut stream = |times| (0..times).try_for_each(|_| caller.stream(&answer).map(drop));
            stream(STREAMS.0)?;
            let before = process.cpu_time()?;
            stream(STREAMS.1)?;
            let used = process.cpu_time()?.saturating_sub(before).as_secs_f64() * 1e6 / number(STREAMS.1);
            let measure = if cpus == Cpus::Shared { Measure::Cpu(event) } else { Measure::CpuApart(event) };
            sheet.record(measure, contender, used);
            Ok(())
        })?;
    }
    Ok(())
}

/// Measures the time to the first byte of streamed and of other replies, on one CPU and on a CPU each.
///
/// The functions of a round take turns: what disturbs the machine disturbs all of them, and each has waited for its event
/// for a while. After a streamed reply, the stand-in has to accept a connection before it can send the next event. If
/// one function got all events, its CPU would idle longer than that of a function whose replies are not streamed, and
/// so wake up later.
///
/// # Errors
/// If a function fails.
pub fn first_bytes(
    sheet: &mut Sheet,
    binaries: &Binaries,
    contenders: &[Contender],
    event: Event,
    rounds: usize,
) -> Result<()> {
    let answer = Answer::of(event);
    for cpus in Cpus::all()? {
        for _ in 0..rounds {
            let functions = cpus.start_all(contenders, binaries)?;
            let mut turns: Vec<_> = contenders.iter().zip(functions).map(|(&of, by)| (of, by, Vec::new())).collect();
            for turn in 0..FIRST.0 + FIRST.1 {
                // Each function follows each neighbour equally often.
                turns.reverse();
                turns.rotate_left(turn % 2);
                for (contender, function, times) in &mut turns {
                    // Caches are cold after a pause, so they are for all.
                    if event == PAUSED {
                        sleep(Duration::from_millis(1));
                    }
                    let first_byte = function.first_byte(*contender, &answer)?;
                    if turn >= FIRST.0 {
                        times.push(first_byte.as_secs_f64() * 1e6);
                    }
                }
            }
            let measure = match cpus {
                Cpus::Shared => Measure::FirstByte(event),
                Cpus::OneEach => Measure::FirstByteApart(event),
            };
            for (contender, _, times) in turns {
                sheet.record(measure, contender, percentile(&times, 50));
            }
        }
    }
    Ok(())
}

/// Measures the growth of the memory from a short to a long reply.
///
/// # Errors
/// If a function fails.
pub fn memory_growth(sheet: &mut Sheet, binaries: &Binaries, contenders: &[Contender]) -> Result<()> {
    let [short, long] = SHORT_AND_LONG.map(Answer::of);
    for &contender in contenders {
        let Function { process, mut caller, _pinned } = Cpus::Shared.start(contender, binaries)?;
        caller.stream(&short)?;
        let before = process.peak_memory()?;
        caller.stream(&long)?;
        let growth = usize::try_from(process.peak_memory()? - before)?;
        sheet.record(Measure::MemoryGrowth, contender, number(growth));
    }
    Ok(())
}
