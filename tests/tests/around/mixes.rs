//! Every mix of up to three sync and async functions around handlers of each kind, with one poller and with three,
//! against an oracle: the list of what begins and ends.

use mayfly_tests::{Delivery, Launch, Posted, Process, Profile, RuntimeApi, around};
use serde_json::{Value, json};

const MIXES: [&str; 15] =
    ["", "s", "a", "ss", "sa", "as", "aa", "sss", "ssa", "sas", "saa", "ass", "asa", "aas", "aaa"];

/// A process of that handler inside of that mix.
fn launch(api: &RuntimeApi, handler: &str, mix: &str) -> Launch {
    Process::of(&around(Profile::Debug)).handler(&format!("around::{handler}")).api(api).env("AROUNDS", mix)
}

/// The oracle: the notes of an invocation in which everything succeeds.
fn notes(mix: &str, handler: &str) -> Vec<String> {
    let begin = mix.chars().enumerate().map(|(depth, kind)| format!("begin {kind}{depth}"));
    let end = mix.chars().enumerate().map(|(depth, kind)| format!("end {kind}{depth}"));
    begin.chain([handler.to_owned()]).chain(end.collect::<Vec<_>>().into_iter().rev()).collect()
}

/// The oracle: the error of an invocation whose handler fails. Each function notes the error that it sees, and fails with
/// all notes so far.
fn failure(mix: &str, handler: &str) -> (&'static str, String) {
    let begin = mix.chars().enumerate().map(|(depth, kind)| format!("begin {kind}{depth}"));
    let mut notes: Vec<_> = begin.chain([handler.to_owned()]).collect();
    let mut error = ("Refused", "by the handler".to_owned());
    for (depth, kind) in mix.chars().enumerate().collect::<Vec<_>>().into_iter().rev() {
        notes.push(format!("end {kind}{depth}"));
        notes.push(format!("{}: {}", error.0, error.1));
        error = ("Noted", notes.join(","));
    }
    error
}

fn check(posted: &Posted, mix: &str, handler: &str, fails: bool) {
    if fails {
        assert!(posted.is_post_to("/error"), "{mix} {handler}: {posted:?}");
        let (name, message) = failure(mix, handler);
        assert_eq!((posted.text("errorType"), posted.text("errorMessage")), (name.to_owned(), message), "{mix}");
    } else {
        assert_eq!(posted.json(), json!(notes(mix, handler)), "{mix} {handler}");
    }
}

#[test]
fn every_mix_runs_in_its_order_around_every_kind_of_handler() {
    for handler in ["plain", "waiting", "own_runtime"] {
        for mix in MIXES {
            let api = RuntimeApi::start();
            let _process = launch(&api, handler, mix).start();
            for fails in [false, true, false] {
                check(&api.invoke(&Delivery::json(&fails.to_string())), mix, handler, fails);
            }
        }
    }
}

#[test]
fn every_mix_runs_on_three_pollers() {
    for handler in ["plain", "waiting", "own_runtime"] {
        for mix in MIXES {
            let api = RuntimeApi::start();
            let _process = launch(&api, handler, mix).env("AWS_LAMBDA_MAX_CONCURRENCY", "3").start();
            let polls = [api.next(), api.next(), api.next()];
            let deliveries = [false, true, false].map(|fails| (Delivery::json(&fails.to_string()), fails));
            for (poll, (delivery, _)) in polls.iter().zip(&deliveries) {
                poll.hand_out(delivery);
            }
            for _ in &polls {
                let posted = api.posted();
                let (_, fails) = deliveries.iter().find(|(delivery, _)| posted.path.contains(&delivery.id())).unwrap();
                check(&posted, mix, handler, *fails);
            }
        }
    }
}

#[test]
fn every_mix_runs_on_a_runtime_of_the_callers() {
    for handler in ["plain", "waiting", "own_runtime"] {
        for mix in MIXES {
            let api = RuntimeApi::start();
            let _process = launch(&api, handler, mix).env("WORKERS", "1").start();
            check(&api.invoke(&Delivery::json("false")), mix, handler, false);
        }
    }
}

#[test]
fn every_mix_runs_around_services_and_batches() {
    let request = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/",
        "rawQueryString": "",
        "headers": {},
        "requestContext": {
            "http": { "method": "POST", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "1.2.3.4" },
            "stage": "$default",
            "requestId": "id",
            "accountId": "1",
            "apiId": "api",
            "domainName": "api.example.com"
        },
        "isBase64Encoded": false
    });
    let record = json!({
        "messageId": "1",
        "body": "\"text\"",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:queue",
        "attributes": {},
        "messageAttributes": {}
    });
    let records = json!({ "Records": [record] });
    for (handler, event) in [("site", &request), ("records", &records)] {
        for mix in &MIXES[1..] {
            let api = RuntimeApi::start();
            let _process = launch(&api, handler, mix).start();
            for _ in 0..2 {
                check(&api.invoke(&Delivery::json(&event.to_string())), mix, handler, false);
            }
        }
    }
    let of_its_own = |mix: &str, own: &str, handler: &str| -> Value {
        let mut notes = notes(mix, handler);
        let middle = notes.iter().position(|note| note == handler).unwrap();
        notes.insert(middle + 1, format!("end {own}"));
        notes.insert(middle, format!("begin {own}"));
        json!(notes)
    };
    for (handler, own, event) in
        [("audited", "s2", &json!(null)), ("audited_site", "a2", &request), ("audited_records", "a2", &records)]
    {
        for mix in ["", "s", "a", "as", "sa"] {
            let api = RuntimeApi::start();
            let _process = launch(&api, handler, mix).start();
            let reply = api.invoke(&Delivery::json(&event.to_string()));
            assert_eq!(reply.json(), of_its_own(mix, own, handler), "{mix} {handler}");
        }
    }
}
