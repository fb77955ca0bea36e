//! One process gets thousands of events that no gateway sends: it answers or reports each, and goes on.
//!
//! `PROPTEST_CASES=100000 cargo test --workspace --test http survives` runs the long form.

use std::cell::Cell;

use mayfly_tests::{Delivery, Posted, Process, RuntimeApi, routes};
use proptest::collection::{hash_map, vec};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::events::{function_url, http_api, of_every_source, websocket};
use crate::hostile::{PLACES, any_value, put};

/// The number of events without `PROPTEST_CASES`.
const CASES: u32 = 2_000;
/// Stands for a value that is nested too deeply for most parsers.
const DEEP: &str = "\"deep\"";

/// A text in which bytes have a meaning for HTTP, for URIs, for JSON or for base64.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "(?s).{0,20}",
        "[ -~]{0,20}",
        "[/.%2eE\\\\?#&=+ \u{e9}]{0,12}",
        "[A-Za-z0-9+/]{0,12}=?=?",
        "([a-z]{0,4}[:@#?/ \\[\\]]){0,4}",
        Just("\r\nset-cookie: a=b".to_owned()),
    ]
}

/// An event of any source.
fn any_source() -> impl Strategy<Value = Value> {
    (0..8_usize).prop_map(|source| {
        let mut events: Vec<_> = of_every_source("/x").into_iter().map(|(_, event)| event).collect();
        events.extend([websocket("$connect", "CONNECT"), websocket("send", "MESSAGE")]);
        events.swap_remove(source)
    })
}

/// A request as a caller may send it, with any text as its method, path, query, headers, cookies and body.
fn any_request() -> impl Strategy<Value = Value> {
    let headers = hash_map(prop_oneof!["[A-Za-z-]{1,10}", Just("Host".to_owned()), any_text()], any_text(), 0..5);
    let request = (any_text(), any_text(), any_text(), headers, any_text(), any::<bool>());
    (any_source(), request, 0..64_u8).prop_map(|(mut event, request, chosen)| {
        let (method, path, query, headers, body, is_base64) = request;
        let all_values: Value = headers.iter().map(|(name, value)| (name.clone(), json!([value, value]))).collect();
        let changes: [&[(&str, Value)]; 6] = [
            &[
                ("/httpMethod", json!(method)),
                ("/method", json!(method)),
                ("/requestContext/http/method", json!(method)),
            ],
            &[("/path", json!(path)), ("/rawPath", json!(path)), ("/requestContext/routeKey", json!(path))],
            &[("/rawQueryString", json!(query)), ("/queryStringParameters", json!({ "k": query, &*query: [query] }))],
            &[("/headers", json!(headers)), ("/multiValueHeaders", all_values)],
            &[("/cookies", json!([body, query]))],
            &[("/body", json!(body)), ("/isBase64Encoded", json!(is_base64))],
        ];
        let chosen = changes.iter().enumerate().filter(|(number, _)| chosen & (1 << number) != 0);
        for (place, value) in chosen.flat_map(|(_, changes)| *changes) {
            // A member that the source does not have would only change the source.
            if event.pointer(place).is_some() || !place.ends_with("ethod") {
                put(&mut event, place, value.clone());
            }
        }
        event
    })
}

/// Returns the bytes of an event, in which `"deep"` becomes an array in an array, and so on.
fn nested(event: &Value) -> Vec<u8> {
    event.to_string().replacen(DEEP, &format!("{}{}", "[".repeat(50_000), "]".repeat(50_000)), 1).into_bytes()
}

/// Bytes that JSON, UTF-8 or a string of JSON cannot have.
fn any_splice() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..4),
        Just(b"\\ud800".to_vec()),
        Just(b"\xff".to_vec()),
        Just(b"\0".to_vec()),
        Just(b"\xef\xbb\xbf".to_vec()),
        Just(b"1e999".to_vec()),
    ]
}

/// The bytes of a request, of an event with any value anywhere, of an event that was damaged on its way, or any bytes.
fn any_payload() -> impl Strategy<Value = Vec<u8>> {
    let value = prop_oneof![9 => any_value(), 1 => Just(json!("deep"))];
    let changed = (any_source(), vec((0..PLACES.len(), value), 1..4)).prop_map(|(mut event, changes)| {
        for (place, value) in changes {
            put(&mut event, PLACES[place], value);
        }
        nested(&event)
    });
    let damaged = (any_request(), any::<prop::sample::Index>(), any_splice(), any::<bool>()).prop_map(
        |(event, at, splice, is_cut)| {
            let mut bytes = event.to_string().into_bytes();
            let at = at.index(bytes.len());
            let end = if is_cut { bytes.len() } else { at };
            bytes.splice(at..end, splice);
            bytes
        },
    );
    prop_oneof![
        5 => any_request().prop_map(|event| event.to_string().into_bytes()),
        3 => changed,
        3 => damaged,
        1 => vec(any::<u8>(), 0..300),
    ]
}

/// An event that needs as much memory as any, so that more of them need no more.
fn largest(place: &str) -> Delivery {
    let mut event = http_api("/x");
    for place in PLACES.iter().filter(|place| !place.starts_with("/requestContext")) {
        put(&mut event, place, "x\n".repeat(70_000).into());
    }
    put(&mut event, place, json!("deep"));
    Delivery::new(nested(&event))
}

fn assert_answered(posted: &Posted) -> Result<(), TestCaseError> {
    let reply = posted.json();
    if posted.is_post_to("/error") {
        prop_assert_eq!(&reply["errorType"], "Runtime.InvalidEvent", "{}", reply);
        return Ok(());
    }
    let status = reply["statusCode"].as_u64().unwrap_or_default();
    prop_assert!(matches!(status, 200 | 201 | 400 | 404 | 405 | 413 | 414 | 431), "{} of {}", status, reply);
    Ok(())
}

#[test]
fn one_process_survives_everything_that_a_caller_may_send() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES);
    let settled = (cases / 3).min(10_000);
    let api = RuntimeApi::start();
    let mut process = Process::of(&routes("echo")).handler("echo::api").api(&api).env("LOGLEVEL", "off").start();
    ["/new", "/body", "/requestContext"].map(largest).iter().for_each(|event| _ = api.invoke(event));
    let (number, before, reported) = (Cell::new(0), Cell::new((0, 0)), Cell::new(0));

    let config =
        ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 500, ..ProptestConfig::default() };
    let outcome = TestRunner::new(config).run(&any_payload(), |payload| {
        let posted = api.invoke(&Delivery::new(payload));
        assert_answered(&posted)?;
        number.set(number.get() + 1);
        reported.set(reported.get() + u32::from(posted.is_post_to("/error")));
        if number.get() == settled {
            before.set((process.resident_kib(), process.descriptors().len()));
        }
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));

    let reply = api.reply(&Delivery::json(&function_url("/last").to_string())).json();
    let last: Value = serde_json::from_str(reply["body"].as_str().expect("it has a body")).expect("it is JSON");
    assert_eq!(last["process"], process.pid(), "the process is the one that was started");
    assert!(process.is_running());
    let (resident, descriptors) = before.get();
    let now = process.resident_kib();
    println!("{cases} events, {} reported, {resident} KiB after {settled}, {now} KiB at the end", reported.get());
    assert_eq!(process.descriptors().len(), descriptors);
    assert!(now * 100 <= resident * 125, "{resident} KiB after {settled} events, {now} KiB after {cases}");
    assert!((cases / 10..cases * 9 / 10).contains(&reported.get()), "{} of {cases} were reported", reported.get());
}
