//! Cold starts: times from the start of the process.

use std::time::Instant;

use anyhow::Result;

use super::interleaved;
use crate::compile::Binaries;
use crate::contender::Contender;
use crate::event::{Answer, Event};
use crate::process::{Launch, Process};
use crate::sheet::{Measure, Sheet};
use crate::stand_in::StandIn;

/// Measures the time to the first poll and to the first reply.
///
/// # Errors
/// If a function does not start.
pub fn cold(
    sheet: &mut Sheet,
    binaries: &Binaries,
    contenders: &[Contender],
    event: Event,
    rounds: usize,
) -> Result<()> {
    let answer = Answer::of(event);
    interleaved(contenders, rounds, |contender| {
        let stand_in = StandIn::listen()?;
        let api = stand_in.address()?;
        let start = Instant::now();
        let process = Process::start(contender, binaries.path(contender), api, &Launch::default())?;
        let mut caller = stand_in.first_poll()?;
        let polled = start.elapsed();
        let replied = polled + caller.invoke(&answer)?;
        sheet.record(Measure::FirstPoll, contender, polled.as_secs_f64() * 1e3);
        sheet.record(Measure::FirstReply, contender, replied.as_secs_f64() * 1e3);
        drop(process);
        Ok(())
    })
}
