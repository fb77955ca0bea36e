//! Servers that close, reset, stall, respond early, or read slowly.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::sleep;
use std::time::{Duration, Instant};

use mayfly_tests::{Piece, Process, Profile, RuntimeApi, Streamed, streams, until};
use serde_json::json;

use crate::{assert_serves, script, start};

/// The handlers whose source ends when the connection is closed.
const ENDING: [&str; 5] = ["written", "mixed", "awaited", "deferred", "polled"];
/// More than the buffers of a socket hold.
const LARGE: usize = 640;

/// Starts an endless stream and reads its first chunk.
fn begun(api: &RuntimeApi) -> Streamed {
    let blocks: Vec<_> = (0..LARGE).map(|_| json!({ "blocks": 1 })).collect();
    let stream = api.stream(&script(&json!(blocks)));
    assert!(matches!(stream.piece(), Piece::Chunk(_)), "{stream:?}");
    stream
}

#[track_caller]
fn assert_ended(process: &Process) {
    let _ = process.wait_for_log("the source is dropped");
}

#[test]
fn a_server_that_closes_the_connection_ends_the_source() {
    for handler in ENDING {
        for resets in [false, true] {
            let api = RuntimeApi::start();
            let process = start(Profile::Debug, handler, &api);
            let stream = begun(&api);
            if resets {
                stream.reset();
            } else {
                stream.close();
            }
            drop(stream);
            assert_ended(&process);
            let log = process.wait_for_log("failed to POST");
            assert!(log.contains("/response: "), "{log}");
            assert_serves(&api);
        }
    }
}

#[test]
fn a_source_that_ignores_its_errors_ends_too() {
    let api = RuntimeApi::start();
    let process = start(Profile::Debug, "careless", &api);
    let stream = begun(&api);
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
        let stream = begun(&api);
        stream.respond(413, r#"{"errorType":"RequestEntityTooLarge"}"#);
        assert_ended(&process);
        let log = process.wait_for_log("RequestEntityTooLarge");
        assert!(log.contains("was rejected: 413"), "{log}");
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
        stream.respond(413, r#"{"errorType":"RequestEntityTooLarge"}"#);
        assert_ended(&process);
        let log = process.wait_for_log("RequestEntityTooLarge");
        assert!(log.contains("was rejected: 413"), "{log}");
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
        let stream = begun(&api);
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
        assert_eq!(stream.rest_of_whole().len(), (LARGE - 1) << 16, "{handler}");
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
        let stream = begun(&api);
        let mut count = 1;
        while let Piece::Chunk(_) = stream.piece() {
            count += 1;
            sleep(Duration::from_millis(1));
            if count % 100 == 0 {
                let more = process.resident_kib().saturating_sub(before);
                assert!(more <= 1024, "{handler}: {more} KiB after {count} chunks");
            }
        }
        assert_eq!(count, LARGE, "{handler}");
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
