//! A stream that fails midway, on `lambda_runtime` and on Mayfly: README.md compares the two.

use std::env;

use bytes::Bytes;
use futures_util::stream;
use lambda_http::lambda_runtime::{self, service_fn, streaming};
use mayfly_tests::{Delivery, Piece, Process, Profile, RuntimeApi};
use serde_json::json;

use crate::{report, script, start};

/// The function on `lambda_runtime`, which the test below starts as a process of its own.
#[tokio::test]
#[ignore = "it serves until its Runtime API is gone"]
async fn serve() {
    let parts = || [Ok(Bytes::from("the first part")), Err(lambda_http::Error::from("the mill broke"))];
    let take = async |_: lambda_runtime::LambdaEvent<u8>| {
        Ok::<_, lambda_http::Error>(streaming::Response::from(stream::iter(parts())))
    };
    let _ = lambda_runtime::run(service_fn(take)).await;
}

#[test]
fn lambda_runtime_writes_its_trailers_into_the_body_and_mayfly_behind_it() {
    let api = RuntimeApi::start();
    let theirs = Process::of(&env::current_exe().unwrap()).argument("against_lambda_runtime::serve");
    let theirs = theirs.argument("--exact").argument("--ignored").api(&api);
    let theirs = theirs.env("AWS_LAMBDA_FUNCTION_NAME", "serve").env("AWS_LAMBDA_FUNCTION_VERSION", "1");
    let _theirs = theirs.env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128").start();
    let stream = api.stream(&Delivery::json("7"));
    let (chunks, end) = stream.rest();
    let body = String::from_utf8(chunks.concat()).unwrap();
    // The base64 of "the mill broke".
    let text = "Lambda-Runtime-Function-Error-Type: Runtime.StreamError\r\n\
                Lambda-Runtime-Function-Error-Body: dGhlIG1pbGwgYnJva2U=\r\n";
    assert!(body.ends_with(&format!("\0the first part{text}")), "{body}");
    assert_eq!(end, Piece::End(Vec::new()), "there are no true trailers");
    stream.accept();

    let api = RuntimeApi::start();
    let _ours = start(Profile::Debug, "written", &api);
    let stream = api.stream(&script(&json!([{ "write": "the first part" }, "flush", { "fail": "the mill broke" }])));
    let (chunks, end) = stream.rest();
    assert_eq!(chunks.concat(), b"the first part");
    assert_eq!(report(&end).1["errorMessage"], "the mill broke");
    stream.accept();
}
