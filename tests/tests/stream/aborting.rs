//! Panics under `panic = "abort"` while a reply is being streamed.

use std::time::{Duration, Instant};

use mayfly_tests::{Piece, Process, Profile, Request, RuntimeApi, Streamed, streams};
use serde_json::json;

use crate::{ALL, WRITERS, report, script, start};

/// The signal that `abort` raises.
const SIGABRT: i32 = 6;

#[track_caller]
fn assert_aborted(process: Process, message: &str) {
    let exit = process.exit();
    assert_eq!(exit.signal, Some(SIGABRT), "{}", exit.log);
    assert!(exit.log.contains(message), "{}", exit.log);
}

#[test]
fn a_panic_between_two_chunks_is_reported_in_trailers() {
    for handler in ALL {
        let api = RuntimeApi::start();
        let process = start(Profile::Abort, handler, &api);
        let stream = api.stream(&script(&json!([{ "zeros": 70_000 }, { "panic": "the mill burst" }])));
        let (chunks, end) = stream.rest();
        // Bytes that are not sent yet are lost with the process.
        assert!((65_408..=70_000).contains(&chunks.concat().len()), "{handler}");
        let (header, report) = report(&end);
        assert_eq!((header.as_str(), &report["errorMessage"]), ("Runtime.HandlerPanic", &json!("the mill burst")));
        assert!(report["stackTrace"][0].to_string().contains("script.rs"), "{report}");
        stream.accept();
        assert_aborted(process, "the mill burst");
    }
}

#[test]
fn a_panic_before_the_first_chunk_is_an_ordinary_error() {
    for handler in ALL {
        let api = RuntimeApi::start();
        let process = start(Profile::Abort, handler, &api);
        let error = api.error(&script(&json!([{ "panic": "the mill burst" }])));
        assert_eq!(error.text("errorMessage"), "the mill burst", "{handler}");
        assert_aborted(process, "the mill burst");
    }
}

#[test]
fn a_panic_in_another_thread_between_two_chunks_names_the_thread() {
    for handler in WRITERS {
        let api = RuntimeApi::start();
        let process = start(Profile::Abort, handler, &api);
        let steps = json!([{ "write": "a" }, "flush", { "panic_elsewhere": ["elsewhere", 0] }, { "sleep": 20_000 }]);
        let stream = api.stream(&script(&steps));
        let (chunks, end) = stream.rest();
        assert_eq!(chunks.concat(), b"a", "{handler}");
        let message = report(&end).1["errorMessage"].as_str().unwrap().to_owned();
        assert!(message.starts_with("aborted by a panic outside this invocation"), "{message}");
        assert!(message.ends_with(": elsewhere"), "{message}");
        stream.accept();
        assert_aborted(process, "elsewhere");
    }
}

#[test]
fn a_panic_in_the_middle_of_a_chunk_closes_the_connection() {
    for handler in WRITERS {
        let api = RuntimeApi::start();
        let process = start(Profile::Abort, handler, &api);
        let steps = json!([{ "write": "a" }, "flush", { "panic_elsewhere": ["elsewhere", 500] }, { "blocks": 1_000 }]);
        let stream = api.stream(&script(&steps));
        assert_eq!(stream.chunk(), "a");
        // The server reads no more, so that the write of some chunk takes until the panic.
        let _ = process.wait_for_log("interrupted the write of a chunk");
        let (chunks, end) = stream.rest();
        assert_eq!(end, Piece::Broken, "{handler}, after {} chunks", chunks.len());
        assert_aborted(process, "elsewhere");
    }
}

#[test]
fn every_stream_of_a_process_with_several_pollers_is_ended() {
    let api = RuntimeApi::start();
    let launch = Process::of(&streams(Profile::Abort)).handler("streams::written").api(&api);
    let process = launch.env("AWS_LAMBDA_MAX_CONCURRENCY", "2").start();
    let waiting = api.next();
    let first = api.stream(&script(&json!([{ "write": "a" }, "flush", { "sleep": 20_000 }])));
    assert_eq!(first.chunk(), "a");
    let delivery = script(&json!([{ "write": "b" }, "flush", { "panic": "the mill burst" }]));
    waiting.hand_out(&delivery);
    let second = Streamed::from(Request::from(api.posted_for(&delivery)));
    let start = Instant::now();
    let (chunks, end) = second.rest();
    assert_eq!(chunks.concat(), b"b");
    assert_eq!(report(&end).1["errorMessage"], "the mill burst");
    second.accept();
    let (_, end) = first.rest();
    let message = report(&end).1["errorMessage"].to_string();
    assert!(message.contains("aborted by a panic outside this invocation"), "{message}");
    first.accept();
    assert_aborted(process, "the mill burst");
    assert!(start.elapsed() < Duration::from_secs(10));
}
