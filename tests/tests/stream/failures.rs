//! Failures before, between and after the chunks of a stream.

use mayfly_tests::{Delivery, Profile, RuntimeApi};
use serde_json::{Value, json};

use crate::{ALL, WRITERS, assert_serves, report, script, start};

/// The steps that fail, and the error type and message of the report.
fn faults() -> [(Value, &'static str, &'static str, &'static str); 2] {
    [
        (json!({ "fail": "the mill broke" }), "Function.Broken", "Broken", "the mill broke"),
        (json!({ "panic": "the mill burst" }), "Runtime.HandlerPanic", "Runtime.HandlerPanic", "the mill burst"),
    ]
}

#[test]
fn a_failure_before_the_first_chunk_is_an_ordinary_error() {
    for handler in ALL.into_iter().filter(|handler| *handler != "iterated") {
        let api = RuntimeApi::start();
        let process = start(Profile::Debug, handler, &api);
        for (fault, header, name, message) in faults() {
            for steps in [json!([fault]), json!([{ "write": "still in the buffer" }, fault])] {
                // A reader's bytes leave at once, so its failure comes too late.
                if handler == "read" && steps.to_string().contains("buffer") {
                    continue;
                }
                let error = api.error(&script(&steps));
                let name = if handler == "read" && name == "Broken" { "std::io::error::Error" } else { name };
                let header = if handler == "read" && header == "Function.Broken" { "Function.Error" } else { header };
                assert_eq!(error.header("lambda-runtime-function-error-type"), Some(header));
                assert_eq!((error.text("errorType").as_str(), error.text("errorMessage").as_str()), (name, message));
                let trace = error.stack_trace();
                assert!(trace.iter().all(|line| !line.contains("mayfly/src")), "{handler}: {trace:?}");
                assert!(trace.iter().any(|line| line.contains(&format!("streams::{handler}"))), "{trace:?}");
            }
        }
        assert_serves(&api);
        let log = process.log();
        assert!(log.contains("the mill broke") && log.contains("the mill burst"), "{log}");
    }
}

#[test]
fn a_failure_after_the_first_chunk_is_reported_in_trailers() {
    for handler in ALL.into_iter().filter(|handler| *handler != "iterated") {
        let api = RuntimeApi::start();
        let process = start(Profile::Debug, handler, &api);
        for (fault, header, name, message) in faults() {
            let stream =
                api.stream(&script(&json!([{ "zeros": 70_000 }, { "write": "rest" }, fault, { "write": "never" }])));
            let (chunks, end) = stream.rest();
            assert!(chunks.concat() == [vec![0; 70_000], b"rest".to_vec()].concat(), "{handler}");
            let (header_of_end, report) = report(&end);
            if handler != "read" {
                assert_eq!(header_of_end, header);
                assert_eq!(report["errorType"], name);
            }
            assert_eq!(report["errorMessage"], message);
            let trace = report["stackTrace"].to_string();
            assert!(trace.contains(&format!("streams::{handler}")), "{trace}");
            stream.accept();
        }
        assert_serves(&api);
        let log = process.log();
        assert!(log.contains("the mill broke") && log.contains("the mill burst"), "{log}");
    }
}

#[test]
fn a_failure_at_the_very_end_keeps_all_chunks() {
    for handler in WRITERS {
        let api = RuntimeApi::start();
        let _process = start(Profile::Debug, handler, &api);
        let stream = api.stream(&script(&json!([{ "write": "all" }, "flush", { "fail": "late" }])));
        let (chunks, end) = stream.rest();
        assert_eq!(chunks.concat(), b"all", "{handler}");
        assert_eq!(report(&end).1["errorMessage"], "late");
        stream.accept();
        assert_serves(&api);
    }
}

#[test]
fn a_large_error_is_shortened_to_what_trailers_hold() {
    for handler in ["written", "awaited", "polled"] {
        let api = RuntimeApi::start();
        let _process = start(Profile::Debug, handler, &api);
        let stream = api.stream(&script(&json!([{ "zeros": 70_000 }, "fail_deeply"])));
        let (_, end) = stream.rest();
        let (header, report) = report(&end);
        assert_eq!((header.as_str(), &report["errorType"]), ("Function.Broken", &json!("Broken")));
        let message = report["errorMessage"].as_str().unwrap();
        assert!(message.starts_with("a line of the message\n") && message.len() >= 256, "{message}");
        assert_eq!(report["cause"]["errorMessage"], "cause 198\nwith a second line");
        assert!(report.to_string().contains("causes left out"), "{report}");
        stream.accept();
        assert_serves(&api);
        // The whole error goes to /error if it comes early enough.
        let error = api.error(&script(&json!(["fail_deeply"])));
        assert!(error.body.len() > 60_000, "{}", error.body.len());
    }
}

#[test]
fn a_handler_fails_before_there_is_a_stream() {
    let api = RuntimeApi::start();
    let _process = start(Profile::Debug, "fallible", &api);
    assert_eq!(api.error(&Delivery::json("true")).text("errorType"), "NoStream");
    let stream = api.stream(&Delivery::json("false"));
    assert_eq!(stream.rest_of_whole(), b"ab");
    assert_eq!(stream.header("content-type"), Some("application/octet-stream"));
    stream.accept();
    assert_eq!(api.error(&Delivery::json("7")).text("errorType"), "Runtime.InvalidEvent");
}

#[test]
fn a_content_type_that_is_no_header_is_an_error() {
    let api = RuntimeApi::start();
    let _process = start(Profile::Debug, "mistyped", &api);
    let error = api.error(&Delivery::json("null"));
    assert_eq!(error.text("errorType"), "Runtime.InvalidResponse");
    assert!(error.text("errorMessage").contains("\"text/plain\\r\\nx: y\""), "{error:?}");
}

#[test]
fn a_panic_in_another_thread_leaves_a_stream_alone_where_panics_unwind() {
    for handler in WRITERS {
        let api = RuntimeApi::start();
        let process = start(Profile::Debug, handler, &api);
        let panic = json!({ "panic_elsewhere": ["elsewhere", 0] });
        let steps = json!([{ "write": "a" }, "flush", panic, { "sleep": 100 }, { "write": "b" }]);
        let stream = api.stream(&script(&steps));
        assert_eq!(stream.rest_of_whole(), b"ab", "{handler}");
        stream.accept();
        let _ = process.wait_for_log("elsewhere");
    }
}
