//! The counts, which are the same in each run: system calls, instructions, sizes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::compile::{self, Binaries};
use crate::contender::Contender;
use crate::event::{Answer, Event, Order};
use crate::pin::Pinned;
use crate::process::{Launch, Process};
use crate::sheet::{Measure, Sheet};
use crate::stand_in::StandIn;
use crate::statistics::number;

/// The numbers of invocations of two runs; their difference leaves out the start and the end.
const RUNS: [usize; 2] = [50, 250];
/// The same for streamed replies, which take long.
const RUNS_OF_STREAMS: [usize; 2] = [1, 3];
/// The same for batches, whose many messages take longer.
const RUNS_OF_BATCHES: [usize; 2] = [1, 2];

/// Checks that strace and valgrind are installed.
///
/// # Errors
/// If one of them is not; the message names its package.
pub fn need_tools() -> Result<()> {
    for tool in ["strace", "valgrind"] {
        let found = Command::new(tool).arg("--version").output();
        ensure!(
            found.is_ok_and(|output| output.status.success()),
            "the program `{tool}` is not there; it is in Debian's package of that name: apt-get install {tool}"
        );
    }
    Ok(())
}

/// Records the sizes of the binaries.
///
/// # Errors
/// If the metadata of a binary cannot be read.
pub fn binary_sizes(sheet: &mut Sheet, binaries: &Binaries, contenders: &[Contender]) -> Result<()> {
    for &contender in contenders {
        let bytes = usize::try_from(fs::metadata(binaries.path(contender))?.len())?;
        sheet.record(Measure::BinarySize, contender, number(bytes) / 1e3);
    }
    Ok(())
}

/// Counts the crates.
///
/// # Errors
/// If cargo fails.
pub fn crates(sheet: &mut Sheet, contenders: &[Contender]) -> Result<()> {
    for &contender in contenders {
        sheet.record(Measure::Crates, contender, number(compile::crates(contender)?));
    }
    Ok(())
}

/// Counts the system calls of an invocation with strace.
///
/// # Errors
/// If a function or strace fails.
pub fn system_calls(sheet: &mut Sheet, binaries: &Binaries, contenders: &[Contender]) -> Result<()> {
    for &contender in contenders {
        let event = contender.events()[0];
        let count = |invocations| strace(contender, binaries.path(contender), event, invocations);
        sheet.record(Measure::SystemCalls, contender, an_invocation(event, count)?);
    }
    Ok(())
}

/// Counts the system calls of a chunk of a streamed reply with strace.
///
/// # Errors
/// If a function or strace fails.
pub fn chunk_calls(sheet: &mut Sheet, binaries: &Binaries, contenders: &[Contender]) -> Result<()> {
    for &contender in contenders {
        for &event in contender.events() {
            let Event::Stream(Order { chunks, .. }) = event else { continue };
            let count = |invocations| strace(contender, binaries.path(contender), event, invocations);
            sheet.record(Measure::ChunkCalls(event), contender, an_invocation(event, count)? / number(chunks));
        }
    }
    Ok(())
}

/// Counts what delays the first byte of a streamed reply: the system calls before it, and the instructions of a reply
/// that has no other byte.
///
/// # Errors
/// If a function, strace or valgrind fails.
pub fn first_byte_counts(sheet: &mut Sheet, binaries: &Binaries, contender: Contender, event: Event) -> Result<()> {
    let executable = binaries.path(contender);
    sheet.record(Measure::FirstByteCalls(event), contender, number(calls_to_first_byte(contender, executable, event)?));
    let count = |invocations| callgrind(contender, executable, event, invocations);
    let [few, many] = RUNS;
    let instructions = number(count(many)? - count(few)?) / number(many - few);
    sheet.record(Measure::Instructions(event), contender, instructions / 1e3);
    Ok(())
}

/// Counts the instructions of an invocation with valgrind.
///
/// # Errors
/// If a function or valgrind fails.
pub fn instructions(sheet: &mut Sheet, binaries: &Binaries, contenders: &[Contender]) -> Result<()> {
    for &contender in contenders {
        for &event in contender.events() {
            let count = |invocations| callgrind(contender, binaries.path(contender), event, invocations);
            sheet.record(Measure::Instructions(event), contender, an_invocation(event, count)? / 1e3);
        }
    }
    Ok(())
}

/// Counts the instructions from the start to the first poll with valgrind.
///
/// # Errors
/// If a function or valgrind fails.
pub fn first_poll_instructions(sheet: &mut Sheet, binaries: &Binaries, contenders: &[Contender]) -> Result<()> {
    for &contender in contenders {
        let count = callgrind(contender, binaries.path(contender), contender.events()[0], 0)?;
        sheet.record(Measure::FirstPollInstructions, contender, number(count) / 1e3);
    }
    Ok(())
}

fn an_invocation(event: Event, mut count: impl FnMut(usize) -> Result<usize>) -> Result<f64> {
    let [few, many] = match event {
        Event::Stream(_) => RUNS_OF_STREAMS,
        Event::Messages(_) => RUNS_OF_BATCHES,
        _ => RUNS,
    };
    let difference = number(many - few);
    let (few, many) = (count(few)?, count(many)?);
    Ok(number(many.saturating_sub(few)) / difference)
}

/// Counts the system calls of a whole run.
fn strace(contender: Contender, executable: &Path, event: Event, invocations: usize) -> Result<usize> {
    let counts = executable.with_extension("strace");
    let under = ["strace", "-f", "-c", "-U", "calls,name", "-o", &counts.to_string_lossy()].map(str::to_owned);
    run(contender, executable, &under, event, invocations, End::ByItself)?;
    let text = fs::read_to_string(&counts).context("strace has written nothing")?;
    let total = text.lines().find_map(|line| line.trim().strip_suffix("total"));
    total.and_then(|total| total.trim().parse().ok()).with_context(|| format!("strace counted nothing:\n{text}"))
}

/// Counts the system calls of the thread that receives the last event, from there to the beginning of its reply.
fn calls_to_first_byte(contender: Contender, executable: &Path, event: Event) -> Result<usize> {
    let trace = executable.with_extension("strace");
    let under = ["strace", "-f", "-o", &trace.to_string_lossy()].map(str::to_owned);
    run(contender, executable, &under, event, 2, End::ByItself)?;
    let text = fs::read_to_string(&trace).context("strace has written nothing")?;
    let lines: Vec<_> = text.lines().filter_map(|line| line.split_once(' ')).collect();
    let received = lines.iter().rposition(|(_, call)| call.contains("\"HTTP/1.1 200")).context("no event is traced")?;
    let thread = lines[received].0;
    let calls = lines[received + 1..].iter().filter(|(of, call)| *of == thread && !call.contains("resumed>"));
    let before = calls.take_while(|(_, call)| !call.contains("\"POST /")).count();
    Ok(before + 1)
}

/// Counts the instructions of a run up to the last poll.
fn callgrind(contender: Contender, executable: &Path, event: Event, invocations: usize) -> Result<usize> {
    let counts: PathBuf = executable.with_extension("callgrind");
    let out = format!("--callgrind-out-file={}", counts.display());
    let under = ["valgrind", "--tool=callgrind", &out].map(str::to_owned);
    run(contender, executable, &under, event, invocations, End::BySignal)?;
    let text = fs::read_to_string(&counts).context("valgrind has written nothing")?;
    let totals = text.lines().find_map(|line| line.strip_prefix("totals: "));
    totals.and_then(|totals| totals.trim().parse().ok()).context("valgrind counted nothing")
}

/// The way to end a run.
#[derive(Clone, Copy, PartialEq)]
enum End {
    /// The Runtime API goes away, so that a tracer sees the function end.
    ByItself,
    /// SIGTERM while the function waits for the next invocation, so that it runs nothing more.
    BySignal,
}

fn run(
    contender: Contender,
    executable: &Path,
    under: &[String],
    event: Event,
    invocations: usize,
    end: End,
) -> Result<()> {
    // On one CPU, so that a response has either always or never arrived when the function reads it.
    let _pinned = Pinned::to_one_cpu()?;
    let stand_in = StandIn::listen()?;
    let launch = Launch { under: under.to_vec(), ..Launch::default() };
    let mut process = Process::start(contender, executable, stand_in.address()?, &launch)?;
    let mut caller = stand_in.first_poll()?;
    let answer = Answer::of(event);
    for _ in 0..invocations {
        match event {
            Event::Stream(_) => caller.stream(&answer).map(drop)?,
            _ => caller.invoke(&answer).map(drop)?,
        }
    }
    if end == End::BySignal {
        process.terminate()?;
    } else {
        drop((caller, stand_in));
        process.exit()?;
    }
    Ok(())
}
