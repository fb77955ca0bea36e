//! Warm invocations: their time, CPU, page faults and memory.

use anyhow::Result;

use super::interleaved;
use crate::compile::Binaries;
use crate::contender::Contender;
use crate::event::{Answer, Event};
use crate::pin::Pinned;
use crate::process::{Launch, Process};
use crate::sheet::{Measure, Sheet};
use crate::stand_in::StandIn;
use crate::statistics::{number, percentile};

/// Measures time, CPU, page faults and memory with the function and the stand-in on one CPU.
///
/// # Errors
/// If a function fails.
pub fn warm(
    sheet: &mut Sheet,
    binaries: &Binaries,
    contenders: &[Contender],
    event: Event,
    rounds: usize,
) -> Result<()> {
    let _pinned = Pinned::to_one_cpu()?;
    let answer = Answer::of(event);
    let (before, measured) = invocations(&answer);
    interleaved(contenders, rounds, |contender| {
        let stand_in = StandIn::listen()?;
        let process = Process::start(contender, binaries.path(contender), stand_in.address()?, &Launch::default())?;
        let mut caller = stand_in.first_poll()?;
        for _ in 0..before {
            caller.invoke(&answer)?;
        }
        let (cpu, faults) = (process.cpu_time()?, process.page_faults()?);
        let mut times = Vec::with_capacity(measured);
        for _ in 0..measured {
            times.push(caller.invoke(&answer)?.as_secs_f64() * 1e6);
        }
        let cpu = process.cpu_time()?.saturating_sub(cpu).as_secs_f64() * 1e6;
        let faults = usize::try_from(process.page_faults()? - faults)?;
        let peak = usize::try_from(process.peak_memory()?)?;
        sheet.record(Measure::Median(event), contender, percentile(&times, 50));
        sheet.record(Measure::Tail(event), contender, percentile(&times, 99));
        sheet.record(Measure::Cpu(event), contender, cpu / number(measured));
        sheet.record(Measure::PageFaults(event), contender, number(faults) / number(measured));
        sheet.record(Measure::PeakMemory(event), contender, number(peak));
        Ok(())
    })
}

/// Returns the number of invocations before the measured ones, and the number of the measured ones.
fn invocations(answer: &Answer) -> (usize, usize) {
    match answer.bytes().len() {
        0..2000 => (300, 2000),
        2000..100_000 => (50, 300),
        100_000..2_000_000 => (10, 40),
        _ => (4, 12),
    }
}
