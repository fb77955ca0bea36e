//! Streamed replies on the wire: chunks, failures, panics, and servers of every kind.

mod aborting;
mod against_lambda_runtime;
mod example;
mod failures;
mod http;
mod sent;
mod servers;
mod tested;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use mayfly_tests::{Delivery, Piece, Process, Profile, RuntimeApi, streams};
use serde_json::{Value, json};

/// The handlers that write, whose sources understand every step.
const WRITERS: [&str; 4] = ["written", "mixed", "awaited", "deferred"];
/// All handlers that follow a script.
const ALL: [&str; 7] = ["written", "mixed", "awaited", "deferred", "iterated", "read", "polled"];

fn start(profile: Profile, handler: &str, api: &RuntimeApi) -> Process {
    Process::of(&streams(profile)).handler(&format!("streams::{handler}")).api(api).start()
}

fn script(steps: &Value) -> Delivery {
    Delivery::json(&steps.to_string())
}

/// Reads the trailers of a stream that failed. Returns the error type and the report.
#[track_caller]
fn report(end: &Piece) -> (String, Value) {
    let Piece::End(trailers) = end else { panic!("{end:?} in place of trailers") };
    // Go's HTTP server takes no more.
    let bytes: usize = trailers.iter().map(|line| line.len() + 2).sum::<usize>() + 2;
    assert!(bytes <= 4096, "{bytes}");
    let [error_type, body] = &trailers[..] else { panic!("{trailers:?}") };
    let error_type = error_type.strip_prefix("lambda-runtime-function-error-type: ").expect("the type comes first");
    let body = body.strip_prefix("lambda-runtime-function-error-body: ").expect("the report comes last");
    let body = BASE64_STANDARD.decode(body).expect("the report is base64");
    (error_type.to_owned(), serde_json::from_slice(&body).expect("the report is JSON"))
}

/// Asserts that the process still serves.
#[track_caller]
fn assert_serves(api: &RuntimeApi) {
    let stream = api.stream(&script(&json!([{ "write": "still here" }])));
    assert_eq!(stream.rest_of_whole(), b"still here");
    stream.accept();
}
