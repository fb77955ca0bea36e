//! Servers that close, reset, stall, respond early, or read slowly.

use std::io::{Read, Write};
use std::iter;
use std::net::TcpListener;
use std::thread::sleep;
use std::time::{Duration, Instant};

use mayfly_tests::{Piece, Process, Profile, RuntimeApi, Streamed, streams, until};
use serde_json::{Value, json};

use crate::{assert_serves, script, start};

/// The handlers whose source ends when the connection is closed.
const ENDING: [&str; 5] = ["written", "mixed", "awaited", "deferred", "polled"];
/// The handlers whose source can wait without a thread.
const WAITING: [&str; 3] = ["awaited", "deferred", "polled"];
/// The settings by which a process has several pollers, a runtime with threads, both, or neither.
const SETTINGS: [&[(&str, &str)]; 4] = [
    &[],
    &[("OWN_RUNTIME", "1")],
    &[("AWS_LAMBDA_MAX_CONCURRENCY", "4")],
    &[("AWS_LAMBDA_MAX_CONCURRENCY", "4"), ("OWN_RUNTIME", "1")],
];
/// More than the buffers of a socket hold.
const LARGE: usize = 640;

/// Runs a test with each handler whose source can wait without a thread, in each setting, and checks that the process
/// still streams afterwards.
#[track_caller]
fn with_each_waiting(test: impl Fn(&RuntimeApi, &Process, &str)) {
    for handler in WAITING {
        for settings in SETTINGS {
            let api = RuntimeApi::start();
            let launch = Process::of(&streams(Profile::Debug)).handler(&format!("streams::{handler}")).api(&api);
            let process = settings.iter().fold(launch, |launch, (name, value)| launch.env(name, value)).start();
            test(&api, &process, handler);
            let stream = streamed(&api, &json!([{ "write": "still here" }]));
            assert_eq!(stream.rest_of_whole(), b"still here");
            stream.accept();
        }
    }
}

/// Starts an endless stream and reads its first chunk. Returns the size of that, too.
fn begun(api: &RuntimeApi) -> (Streamed, usize) {
    let blocks: Vec<_> = (0..LARGE).map(|_| json!({ "blocks": 1 })).collect();
    let stream = api.stream(&script(&json!(blocks)));
    let Piece::Chunk(first) = stream.piece() else { panic!("{stream:?}") };
    (stream, first.len())
}

/// Breaks off a stream in one of the two ways, and checks that its source ends.
#[track_caller]
fn assert_broken_off(process: &Process, stream: Streamed, resets: bool) {
    if resets {
        stream.reset();
    } else {
        stream.close();
    }
    drop(stream);
    assert_ended(process);
    let log = process.wait_for_log("failed to POST");
    assert!(log.contains("/response: "), "{log}");
}

#[track_caller]
fn assert_ended(process: &Process) {
    let _ = process.wait_for_log("the source is dropped");
}

/// Refuses the rest of a stream, and checks that its source ends with that reason.
#[track_caller]
fn assert_rejected(process: &Process, stream: &Streamed) {
    stream.respond(413, r#"{"errorType":"RequestEntityTooLarge"}"#);
    assert_ended(process);
    let log = process.wait_for_log("RequestEntityTooLarge");
    assert!(log.contains("was rejected: 413"), "{log}");
}

#[test]
fn a_server_that_closes_the_connection_ends_the_source() {
    for handler in ENDING {
        for resets in [false, true] {
            let api = RuntimeApi::start();
            let process = start(Profile::Debug, handler, &api);
            assert_broken_off(&process, begun(&api).0, resets);
            assert_serves(&api);
        }
    }
}

/// Starts a stream. Other pollers may ask for an invocation meanwhile.
fn streamed(api: &RuntimeApi, steps: &Value) -> Streamed {
    api.next().hand_out(&script(steps));
    let post = iter::repeat_with(|| api.request()).find(|request| request.method == "POST");
    Streamed::from(post.expect("the requests do not end"))
}

/// Starts a stream whose source sends a chunk and waits for an hour, and reads the chunk.
fn waiting(api: &RuntimeApi) -> Streamed {
    let stream = streamed(api, &json!([{ "write": "a" }, { "sleep": 3_600_000 }, { "write": "b" }]));
    assert_eq!(stream.chunk(), "a");
    stream
}

#[test]
fn a_server_that_closes_the_connection_ends_a_source_that_only_waits() {
    for resets in [false, true] {
        with_each_waiting(|api, process, _| assert_broken_off(process, waiting(api), resets));
    }
}

#[test]
fn a_response_ends_a_source_that_only_waits() {
    with_each_waiting(|api, process, _| assert_rejected(process, &waiting(api)));
}

/// As cargo-lambda does.
#[test]
fn a_server_that_accepts_a_stream_before_its_end_gets_all_of_it() {
    with_each_waiting(|api, _, handler| {
        let steps = json!([{ "write": "a" }, { "sleep": 300 }, { "write": "b" }, { "sleep": 1 }, { "write": "c" }]);
        let stream = streamed(api, &steps);
        assert_eq!(stream.chunk(), "a");
        stream.accept();
        assert_eq!(stream.rest_of_whole(), b"bc", "{handler}");
    });
}

#[test]
fn a_source_that_waits_between_its_chunks_sends_all_of_them() {
    with_each_waiting(|api, _, handler| {
        let pause = json!({ "sleep": 1 });
        let steps = json!([{ "write": "a" }, pause, { "zeros": 1_000_000 }, pause, pause, { "write": "b" }]);
        let stream = streamed(api, &steps);
        let bytes = stream.rest_of_whole();
        assert!(bytes.len() == 1_000_002 && bytes.starts_with(b"a\0") && bytes.ends_with(b"\0b"), "{handler}");
        stream.accept();
    });
}

#[test]
fn a_source_that_ignores_its_errors_ends_too() {
    let api = RuntimeApi::start();
    let process = start(Profile::Debug, "careless", &api);
    let (stream, _) = begun(&api);
    stream.close();
    drop(stream);
    let _ = process.wait_for_log("failed to POST");
    assert_serves(&api);
}

#[test]
fn a_response_before_the_end_of_the_stream_is_read() {
    for handler in ENDING {
        let api = RuntimeApi::start();
        let process = start(Profile::Debug, handler, &api);
        let (stream, _) = begun(&api);
        assert_rejected(&process, &stream);
        assert_serves(&api);
        drop(stream);
    }
}

#[test]
fn a_response_after_200_mb_ends_the_source_while_memory_stays_flat() {
    for handler in ["written", "awaited"] {
        let api = RuntimeApi::start();
        let process = start(Profile::Debug, handler, &api);
        assert_serves(&api);
        let before = process.resident_kib();
        let stream = api.stream(&script(&json!([{ "blocks": 1_000_000 }])));
        let mut read = 0;
        while read < 200 << 20 {
            let Piece::Chunk(chunk) = stream.piece() else { panic!("the stream ends after {read} bytes") };
            read += chunk.len();
        }
        assert_rejected(&process, &stream);
        let more = process.resident_kib().saturating_sub(before);
        assert!(more <= 1024, "{handler}: {more} KiB");
        assert_serves(&api);
        drop(stream);
    }
}

#[test]
fn a_server_error_in_place_of_an_acceptance_ends_the_process() {
    for handler in ["written", "awaited"] {
        let api = RuntimeApi::start();
        let process = start(Profile::Debug, handler, &api);
        let stream = api.stream(&script(&json!([{ "write": "a" }, "flush", { "write": "b" }])));
        assert_eq!(stream.rest_of_whole(), b"ab");
        stream.respond(500, r#"{"errorType":"ServiceException"}"#);
        let exit = process.exit();
        assert_eq!(exit.code, Some(1));
        assert!(exit.log.contains("ServiceException"), "{}", exit.log);
    }
}

#[test]
fn a_rejected_stream_is_logged() {
    for steps in [json!([{ "write": "short" }]), json!([{ "write": "a" }, "flush", { "write": "b" }])] {
        let api = RuntimeApi::start();
        let process = start(Profile::Debug, "written", &api);
        let stream = api.stream(&script(&steps));
        let _ = stream.rest_of_whole();
        stream.respond(410, r#"{"errorType":"Gone"}"#);
        let log = process.wait_for_log("\"Gone\"");
        assert!(log.contains("was rejected: 410"), "{log}");
        assert_serves(&api);
    }
}

#[test]
fn a_server_that_stalls_costs_neither_memory_nor_time() {
    for handler in ENDING {
        let api = RuntimeApi::start();
        let process = start(Profile::Debug, handler, &api);
        assert_serves(&api);
        let before = process.resident_kib();
        let (stream, first) = begun(&api);
        // Until the buffers of the sockets are full.
        let mut cpu = process.cpu_time();
        until("the process to wait", || {
            sleep(Duration::from_millis(300));
            std::mem::replace(&mut cpu, process.cpu_time()).eq(&process.cpu_time()).then_some(())
        });
        sleep(Duration::from_secs(1));
        let used = process.cpu_time().saturating_sub(cpu);
        assert!(used <= Duration::from_millis(20), "{handler}: {used:?}");
        let more = process.resident_kib().saturating_sub(before);
        assert!(more <= 1024, "{handler}: {more} KiB");
        assert_eq!(first + stream.rest_of_whole().len(), LARGE << 16, "{handler}");
        stream.accept();
        assert_serves(&api);
    }
}

#[test]
fn a_slow_reader_gets_everything_while_memory_stays_flat() {
    for handler in ENDING {
        let api = RuntimeApi::start();
        let process = start(Profile::Debug, handler, &api);
        assert_serves(&api);
        let (before, start) = (process.resident_kib(), Instant::now());
        let (stream, mut bytes) = begun(&api);
        let mut count = 1;
        while let Piece::Chunk(chunk) = stream.piece() {
            count += 1;
            bytes += chunk.len();
            sleep(Duration::from_millis(1));
            if count % 100 == 0 {
                let more = process.resident_kib().saturating_sub(before);
                assert!(more <= 1024, "{handler}: {more} KiB after {count} chunks");
            }
        }
        assert_eq!(bytes, LARGE << 16, "{handler}");
        assert!(start.elapsed() >= Duration::from_millis(500));
        stream.accept();
    }
}

#[test]
fn a_reader_of_a_kilobyte_a_second_costs_no_memory() {
    for handler in ["written", "awaited"] {
        let server = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let launch = Process::of(&streams(Profile::Debug)).handler(&format!("streams::{handler}"));
        let address = server.local_addr().expect("a listener has an address").to_string();
        let process = launch.env("AWS_LAMBDA_RUNTIME_API", &address).start();
        let (mut function, _) = server.accept().expect("the function connects");
        let _ = function.read(&mut [0; 1024]).expect("the function polls");
        let delivery = script(&json!([{ "blocks": 1_000_000 }]));
        function.write_all(&[delivery.head(), delivery.payload()].concat()).expect("the function reads");
        // Once the buffers of the sockets are full, the function waits for the reader.
        let mut cpu = Duration::ZERO;
        until("the function to wait", || {
            sleep(Duration::from_millis(300));
            std::mem::replace(&mut cpu, process.cpu_time()).eq(&process.cpu_time()).then_some(())
        });
        let before = process.resident_kib();
        for _ in 0..4 {
            function.read_exact(&mut [0; 1000]).expect("the function writes");
            sleep(Duration::from_secs(1));
        }
        let more = process.resident_kib().saturating_sub(before);
        assert!(more <= 512, "{handler}: {more} KiB");
        let used = process.cpu_time().saturating_sub(cpu);
        assert!(used <= Duration::from_millis(50), "{handler}: {used:?}");
    }
}
