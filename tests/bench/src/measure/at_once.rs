//! The throughput of a function that takes several invocations at a time.

use anyhow::Result;

use super::interleaved;
use crate::compile::Binaries;
use crate::contender::Contender;
use crate::event::{Answer, SMALL};
use crate::process::{Launch, Process};
use crate::sheet::{Measure, Sheet};
use crate::stand_in::StandIn;
use crate::statistics::number;

const BEFORE: usize = 2_000;
const MEASURED: usize = 10_000;

/// Measures the throughput on all CPUs, which the function and the stand-in share.
///
/// # Errors
/// If a function fails.
pub fn at_once(
    sheet: &mut Sheet,
    binaries: &Binaries,
    contenders: &[Contender],
    at_once: usize,
    rounds: usize,
) -> Result<()> {
    let answer = Answer::of(SMALL);
    let launch = Launch { at_once: Some(at_once), ..Launch::default() };
    interleaved(contenders, rounds, |contender| {
        let stand_in = StandIn::listen()?;
        let process = Process::start(contender, binaries.path(contender), stand_in.address()?, &launch)?;
        let took = stand_in.serve(&answer, BEFORE, MEASURED)?;
        sheet.record(Measure::Throughput(at_once), contender, number(MEASURED) / took.as_secs_f64());
        drop(process);
        Ok(())
    })
}
