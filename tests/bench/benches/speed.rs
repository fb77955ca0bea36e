//! `cargo bench -p mayfly-bench [-- --quick]`: compile → measure → compare with the targets → write tables.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use mayfly_bench::compile::Binaries;
use mayfly_bench::contender::Contender::{
    self, AllRoutes, AroundAsync, AroundSync, Async, Batch, BatchAsync, Borrowed, Buffered, BufferedAsync, ByHand,
    Floor, FloorJson, Handlers, Http, PeerBatch, PeerChannel, PeerConcurrent, PeerCurrent, PeerDefault, PeerHttp,
    PeerStream, Route, Routes, StaticAsync, StaticSync, Stream, Sync,
};
use mayfly_bench::contender::Producer::{AsyncWriter, Iter, Reader, Writer};
use mayfly_bench::event::{ECHOES, GET, LARGE_CHUNKS, MESSAGES, PAUSED, POST, SHORT, SMALL, SMALL_CHUNKS, large};
use mayfly_bench::request::Request;
use mayfly_bench::sheet::Sheet;
use mayfly_bench::target::{self, Verdict};
use mayfly_bench::{machine, measure, recorded, table};

const ALL: [Contender; 34] = [
    Floor,
    FloorJson,
    PeerCurrent,
    PeerDefault,
    PeerChannel,
    PeerStream,
    PeerConcurrent,
    Sync,
    Borrowed,
    AroundSync,
    Async,
    AroundAsync(1),
    AroundAsync(2),
    StaticSync,
    StaticAsync,
    Handlers(1),
    Handlers(10),
    Handlers(100),
    PeerHttp,
    Http,
    Route,
    Routes(1),
    Routes(100),
    AllRoutes,
    ByHand,
    Stream(Iter),
    Stream(Reader),
    Stream(Writer),
    Stream(AsyncWriter),
    Buffered,
    BufferedAsync,
    PeerBatch,
    Batch,
    BatchAsync,
];

/// Mayfly's streams.
const STREAMS: [Contender; 4] = [Stream(Iter), Stream(Reader), Stream(Writer), Stream(AsyncWriter)];

/// Returns whether the quick form measures a contender as well.
fn is_quick(contender: Contender) -> bool {
    !matches!(
        contender,
        FloorJson
            | PeerCurrent
            | PeerDefault
            | PeerChannel
            | PeerStream
            | PeerConcurrent
            | Borrowed
            | StaticSync
            | StaticAsync
            | Handlers(10)
            | PeerHttp
            | Buffered
            | BufferedAsync
            | PeerBatch
            | BatchAsync
    )
}

/// Compares functions on Mayfly with `lambda_runtime` and with the floor, the least that is possible.
#[derive(Debug, Parser)]
struct Options {
    /// Only count what is the same in each run: system calls, instructions, sizes.
    #[arg(long)]
    quick: bool,
    /// Only measure streamed replies.
    #[arg(long, conflicts_with = "quick")]
    streams: bool,
    /// The least number of pairs for each ratio.
    #[arg(long, default_value_t = 31)]
    rounds: usize,
    /// The file for the tables, in addition to standard output.
    #[arg(long, default_value = concat!(env!("CARGO_TARGET_TMPDIR"), "/speed.md"))]
    out: PathBuf,
    /// The flag that cargo adds.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(failed) if failed.is_empty() => ExitCode::SUCCESS,
        Ok(failed) => {
            for verdict in failed {
                eprintln!("error: {verdict}");
            }
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Runs the benchmark and returns the failures.
fn run(options: &Options) -> Result<Vec<Verdict>> {
    measure::need_tools()?;
    let is_chosen = |&contender: &Contender| {
        if options.streams { needs_streams(contender) } else { !options.quick || is_quick(contender) }
    };
    let contenders: Vec<_> = ALL.into_iter().filter(is_chosen).collect();
    let binaries = Binaries::compile(&contenders)?;
    for &service in contenders.iter().filter(|contender| matches!(contender, PeerHttp | Http)) {
        measure::check_replies(&binaries, &[service], &Request::ALL)?;
    }
    if contenders.contains(&Route) {
        measure::check_replies(&binaries, &[Route], &[Request::Get])?;
    }
    let streams: Vec<_> = contenders.iter().copied().filter(|&contender| is_streamed(contender)).collect();
    measure::check_streams(&binaries, &streams)?;
    let batches: Vec<_> = contenders.iter().copied().filter(|&contender| is_batch(contender)).collect();
    measure::check_batches(&binaries, &batches)?;
    let mut sheet = Sheet::default();
    if options.quick {
        recorded::peers(&mut sheet);
    } else if options.streams {
        time_streams(&mut sheet, &binaries, options.rounds)?;
    } else {
        time(&mut sheet, &binaries, options.rounds)?;
    }
    count(&mut sheet, &binaries, &contenders)?;
    let verdicts: Vec<_> = target::all().into_iter().filter_map(|target| target.judge(&sheet)).collect();
    let report = [
        format!("{}\n", machine::line()),
        table::medians(&sheet, &[Floor, FloorJson, PeerCurrent, PeerDefault, Sync, Async, Borrowed]),
        table::medians(&sheet, &[PeerConcurrent, StaticSync, StaticAsync, Handlers(1), Handlers(10), Handlers(100)]),
        table::medians(&sheet, &[PeerHttp, Http, Route, Routes(1), Routes(100), AllRoutes, ByHand]),
        table::medians(&sheet, &[[PeerChannel, PeerStream].as_slice(), &STREAMS, &[Buffered, BufferedAsync]].concat()),
        table::medians(&sheet, &[PeerBatch, Batch, BatchAsync]),
        table::verdicts(&verdicts),
    ]
    .join("\n");
    println!("{report}");
    fs::write(&options.out, report).with_context(|| format!("{} cannot be written", options.out.display()))?;
    println!("these tables are in {}", options.out.display());
    Ok(verdicts.into_iter().filter(Verdict::fails).collect())
}

/// Returns whether a contender streams its replies.
fn is_streamed(contender: Contender) -> bool {
    matches!(contender, PeerChannel | PeerStream | Stream(_))
}

/// Returns whether a contender streams its replies, or is what such a reply is compared with.
fn needs_streams(contender: Contender) -> bool {
    is_streamed(contender) || matches!(contender, Buffered | BufferedAsync)
}

/// Returns whether a contender handles batches.
fn is_batch(contender: Contender) -> bool {
    matches!(contender, PeerBatch | Batch | BatchAsync)
}

/// Measures times, in pairs.
fn time(sheet: &mut Sheet, binaries: &Binaries, rounds: usize) -> Result<()> {
    eprintln!("measuring: cold starts");
    // A start is short and its time varies, so more pairs cost little.
    let starting = [Floor, PeerCurrent, PeerDefault, Sync, Async, StaticSync, StaticAsync];
    measure::cold(sheet, binaries, &starting, SMALL, 5 * rounds)?;
    measure::cold(sheet, binaries, &[PeerHttp, Http], GET, 5 * rounds)?;
    eprintln!("measuring: {SMALL}");
    measure::warm(sheet, binaries, &[Floor, PeerCurrent, PeerDefault, Sync, Async], SMALL, rounds)?;
    for size in large() {
        eprintln!("measuring: {size}");
        let contenders = [Floor, FloorJson, PeerCurrent, PeerDefault, Sync, Async, Borrowed];
        measure::warm(sheet, binaries, &contenders, size, rounds)?;
    }
    for event in [GET, POST].into_iter().chain(ECHOES) {
        eprintln!("measuring: {event}");
        measure::warm(sheet, binaries, &[PeerHttp, Http], event, rounds)?;
    }
    time_streams(sheet, binaries, rounds)?;
    eprintln!("measuring: {MESSAGES}");
    measure::warm(sheet, binaries, &[PeerBatch, Batch, BatchAsync], MESSAGES, rounds)?;
    eprintln!("measuring: clean builds");
    measure::clean_builds(sheet, binaries, &[PeerHttp, Http])?;
    eprintln!("measuring: several at once");
    measure::at_once(sheet, binaries, &[Floor, PeerConcurrent, Sync, Async], 8, rounds)
}

/// Measures the times of streamed replies.
fn time_streams(sheet: &mut Sheet, binaries: &Binaries, rounds: usize) -> Result<()> {
    for event in [LARGE_CHUNKS, SMALL_CHUNKS] {
        eprintln!("measuring: {event}");
        measure::streams(sheet, binaries, &[[PeerChannel, PeerStream].as_slice(), &STREAMS].concat(), event, rounds)?;
    }
    eprintln!("measuring: first bytes");
    let contenders = [Stream(Iter), Stream(AsyncWriter), Buffered, BufferedAsync];
    measure::first_bytes(sheet, binaries, &contenders, SHORT, rounds)?;
    let contenders = [Stream(Writer), Stream(AsyncWriter), Buffered, BufferedAsync];
    measure::first_bytes(sheet, binaries, &contenders, PAUSED, rounds)?;
    // It has no counterpart, so few rounds suffice: the kernel holds its first bytes back for 40 ms.
    measure::first_bytes(sheet, binaries, &[PeerStream], SHORT, 2)
}

/// Counts system calls, instructions and sizes, once.
fn count(sheet: &mut Sheet, binaries: &Binaries, contenders: &[Contender]) -> Result<()> {
    let is_invoked = |contender: &Contender| {
        !matches!(
            contender,
            PeerConcurrent | FloorJson | Handlers(_) | Routes(_) | AllRoutes | ByHand | Buffered | BufferedAsync
        )
    };
    let (batches, invoked): (Vec<_>, Vec<_>) =
        contenders.iter().copied().filter(is_invoked).partition(|&contender| is_batch(contender));
    let (streams, others): (Vec<_>, Vec<_>) = invoked.into_iter().partition(|&contender| is_streamed(contender));
    eprintln!("counting: sizes, system calls, instructions");
    measure::binary_sizes(sheet, binaries, contenders)?;
    if contenders.contains(&Http) {
        measure::crates(sheet, &[PeerHttp, Http])?;
    }
    measure::system_calls(sheet, binaries, &others)?;
    measure::instructions(sheet, binaries, &others)?;
    let is_started = |contender: &Contender| !is_streamed(*contender) && !is_batch(*contender);
    let started: Vec<_> = contenders.iter().copied().filter(is_started).collect();
    measure::first_poll_instructions(sheet, binaries, &started)?;
    eprintln!("counting: batches");
    measure::instructions(sheet, binaries, &batches)?;
    eprintln!("counting: streams");
    measure::chunk_calls(sheet, binaries, &streams)?;
    measure::instructions(sheet, binaries, &streams)?;
    for contender in [Stream(Iter), Stream(Writer), Stream(AsyncWriter)] {
        measure::first_byte_counts(sheet, binaries, contender, SHORT)?;
    }
    measure::memory_growth(sheet, binaries, &streams)
}
