//! The bytes of a stream arrive as they are written.

use std::iter;
use std::thread::sleep;
use std::time::{Duration, Instant};

use mayfly_tests::{Delivery, Piece, Process, Profile, Request, RuntimeApi, Streamed, streams};
use serde_json::json;

use crate::{ALL, WRITERS, assert_serves, script, start};

const BLOCK: usize = 64 << 10;
/// The bytes of a chunk of small writes.
const CHUNK: usize = BLOCK - 128;

#[test]
fn the_head_announces_a_streamed_response_with_trailers() {
    let api = RuntimeApi::start();
    let _process = start(Profile::Debug, "written", &api);
    let stream = api.stream(&script(&json!([{ "write": "a" }])).header("Lambda-Runtime-Invocation-Id", "echo"));
    for (name, value) in [
        ("content-type", "text/plain"),
        ("lambda-runtime-function-response-mode", "streaming"),
        ("transfer-encoding", "chunked"),
        ("trailer", "lambda-runtime-function-error-type, lambda-runtime-function-error-body"),
        ("lambda-runtime-invocation-id", "echo"),
    ] {
        assert_eq!(stream.header(name), Some(value), "{stream:?}");
    }
    assert_eq!(stream.rest_of_whole(), b"a");
    stream.accept();
    let next = api.next();
    assert_ne!(next.connection, stream.connection, "the connection of a stream is closed");
}

#[test]
fn any_number_of_bytes_arrives_from_every_source() {
    for handler in ALL {
        let api = RuntimeApi::start();
        let process = start(Profile::Debug, handler, &api);
        for (steps, expected) in [
            (json!([]), Vec::new()),
            (json!([{ "write": "1" }]), b"1".to_vec()),
            (json!([{ "write": "" }]), Vec::new()),
            (json!([{ "write": "a" }, { "write": "" }, { "write": "b" }]), b"ab".to_vec()),
            (json!([{ "zeros": BLOCK - 1 }, { "write": "xy" }]), [vec![0; BLOCK - 1], b"xy".to_vec()].concat()),
            (json!([{ "zeros": BLOCK }]), vec![0; BLOCK]),
            (json!([{ "write": "x" }, { "zeros": 5 * BLOCK + 7 }]), [b"x".to_vec(), vec![0; 5 * BLOCK + 7]].concat()),
        ] {
            let stream = api.stream(&script(&steps));
            // An empty text ends what `Read` has to say.
            if handler == "read" && steps.to_string().contains("\"\"") {
                let _ = stream.rest_of_whole();
            } else {
                assert!(stream.rest_of_whole() == expected, "{handler}: {steps}");
            }
            stream.accept();
        }
        assert_serves(&api);
        drop(api);
        assert_eq!(process.exit().code, Some(1));
    }
}

#[test]
fn an_empty_chunk_between_two_flushes_sends_nothing() {
    for handler in WRITERS {
        let api = RuntimeApi::start();
        let _process = start(Profile::Debug, handler, &api);
        let steps =
            json!(["flush", { "write": "a" }, "flush", "flush", { "write": "" }, "flush", { "write": "b" }, "flush"]);
        let stream = api.stream(&script(&steps));
        assert_eq!(stream.rest(), (vec![b"a".to_vec(), b"b".to_vec()], Piece::End(Vec::new())), "{handler}");
        stream.accept();
    }
}

#[test]
fn small_writes_leave_together_and_large_ones_as_they_are() {
    for handler in ["written", "iterated", "polled"] {
        let api = RuntimeApi::start();
        let _process = start(Profile::Debug, handler, &api);
        let steps: Vec<_> = (0..32).map(|_| json!({ "zeros": 4 << 10 })).collect();
        let stream = api.stream(&script(&json!(steps)));
        let (chunks, end) = stream.rest();
        let sizes = chunks.iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!((&*sizes, end), ([CHUNK, CHUNK, 2 * (BLOCK - CHUNK)].as_slice(), Piece::End(vec![])), "{handler}");
        stream.accept();
        let stream = api.stream(&script(&json!([{ "write": "a" }, { "zeros": 20 << 20 }])));
        let (chunks, _) = stream.rest();
        assert_eq!(chunks.iter().map(Vec::len).collect::<Vec<_>>(), [(20 << 20) + 1], "{handler}");
        stream.accept();
    }
}

#[test]
fn the_first_byte_leaves_by_a_flush_or_when_an_async_source_waits() {
    for (handler, flush) in [
        ("written", true),
        ("mixed", true),
        ("awaited", false),
        ("deferred", false),
        ("polled", false),
        ("read", false),
    ] {
        let api = RuntimeApi::start();
        let _process = start(Profile::Debug, handler, &api);
        let mut steps = vec![json!({ "write": "first" }), json!({ "sleep": 2_000 }), json!({ "write": "second" })];
        if flush {
            steps.insert(1, json!("flush"));
        }
        let stream = api.stream(&script(&json!(steps)));
        let start = Instant::now();
        assert_eq!(stream.chunk(), "first", "{handler}");
        assert!(start.elapsed() < Duration::from_millis(1_500), "{handler}: {:?}", start.elapsed());
        assert_eq!(stream.chunk(), "second", "{handler}");
        assert!(start.elapsed() > Duration::from_millis(1_500), "{handler}: {:?}", start.elapsed());
        assert_eq!(stream.rest_of_whole(), b"");
        stream.accept();
    }
}

#[test]
fn a_stream_and_a_value_leave_through_the_same_process() {
    let api = RuntimeApi::start();
    let _process = start(Profile::Debug, "whole", &api);
    assert_eq!(api.reply(&Delivery::json("1")).json(), 2);
}

#[test]
fn several_pollers_stream_at_once() {
    for handler in ALL {
        for own_runtime in [false, true] {
            let api = RuntimeApi::start();
            let mut launch = Process::of(&streams(Profile::Debug)).handler(&format!("streams::{handler}")).api(&api);
            launch = launch.env("AWS_LAMBDA_MAX_CONCURRENCY", "4");
            if own_runtime {
                launch = launch.env("OWN_RUNTIME", "1");
            }
            let process = launch.start();
            let deliveries: Vec<_> = ["a", "b", "c", "d"]
                .map(|text| script(&json!([{ "write": text }, { "zeros": 3 * BLOCK }, { "write": text }])))
                .into();
            let polls: Vec<_> = deliveries.iter().map(|_| api.next()).collect();
            polls.iter().zip(&deliveries).for_each(|(poll, delivery)| poll.hand_out(delivery));
            // The posts come in any order.
            for _ in &deliveries {
                let posted = iter::repeat_with(|| api.request()).find(|request| request.method == "POST").unwrap();
                let number = deliveries.iter().position(|delivery| posted.path.contains(&delivery.id()));
                let text = [b"a", b"b", b"c", b"d"][number.expect("the id is known")];
                let stream = Streamed::from(posted);
                assert!(stream.rest_of_whole() == [text, &vec![0; 3 * BLOCK][..], text].concat(), "{handler}");
                stream.accept();
            }
            drop(process);
        }
    }
}

#[test]
fn a_users_own_runtime_streams() {
    for handler in ALL {
        let api = RuntimeApi::start();
        let launch = Process::of(&streams(Profile::Debug)).handler(&format!("streams::{handler}")).api(&api);
        let _process = launch.env("OWN_RUNTIME", "1").start();
        let stream = api.stream(&script(&json!([{ "write": "a" }, { "sleep": 50 }, { "zeros": 200_000 }])));
        assert_eq!(stream.rest_of_whole().len(), 200_001, "{handler}");
        stream.accept();
    }
}

#[test]
fn a_connection_that_was_closed_while_the_handler_ran_is_not_used() {
    for handler in ["written", "awaited"] {
        let api = RuntimeApi::start();
        let _process = start(Profile::Debug, handler, &api);
        let delivery =
            script(&json!([{ "sleep": 300 }, { "write": "a" }, "flush", { "sleep": 100 }, { "write": "b" }]));
        let poll = api.next();
        poll.hand_out(&delivery);
        sleep(Duration::from_millis(100));
        poll.close();
        let stream = Streamed::from(Request::from(api.posted_for(&delivery)));
        assert_ne!(stream.connection, poll.connection);
        assert_eq!(stream.rest_of_whole(), b"ab", "{handler}");
        stream.accept();
    }
}
