//! The headers of `/next`.

use std::time::Duration;

use mayfly_tests::{Delivery, Process, Profile, REQUEST_ID, RuntimeApi, greeter};
use serde_json::{Value, json};

use super::{ada, start};

/// The optional headers, with the members of `inspect`'s reply that show them.
const OPTIONAL: [(&str, &str); 6] = [
    ("Lambda-Runtime-Deadline-Ms", "remainingMs"),
    ("Lambda-Runtime-Invoked-Function-Arn", "functionArn"),
    ("Lambda-Runtime-Trace-Id", "traceId"),
    ("Lambda-Runtime-Client-Context", "clientContext"),
    ("Lambda-Runtime-Cognito-Identity", "identity"),
    ("Lambda-Runtime-Aws-Tenant-Id", "tenantId"),
];

fn inspected(api: &RuntimeApi, delivery: &Delivery) -> Value {
    api.reply(delivery).json()
}

fn delivery() -> Delivery {
    Delivery::json("{}")
}

#[test]
fn absent_and_empty_count_as_the_same() {
    let api = RuntimeApi::start();
    let _process = start("greeter::inspect", &api);
    for (name, member) in OPTIONAL {
        for delivery in [delivery().without(name), delivery().with(name, ""), delivery().with(name, "  \t")] {
            assert_eq!(inspected(&api, &delivery)[member], Value::Null, "{name}");
        }
    }
    let bare = OPTIONAL.iter().fold(delivery(), |delivery, (name, _)| delivery.without(name)).without("Content-Type");
    let seen = inspected(&api, &bare);
    assert!(OPTIONAL.iter().all(|(_, member)| seen[member].is_null()), "{seen}");
    assert_eq!(seen["requestId"], bare.id());
}

#[test]
fn bytes_that_are_not_ascii_are_harmless() {
    let api = RuntimeApi::start();
    let mut process = start("greeter::inspect", &api);
    for value in ["\u{e9}t\u{e9}".as_bytes(), b"\xff\xfe\x80", b"tab\there"] {
        for (name, _) in OPTIONAL {
            let _ = inspected(&api, &delivery().with(name, value));
        }
        let _ = inspected(&api, &delivery().header("X-Unknown", value));
    }
    let seen = inspected(&api, &delivery().with("Lambda-Runtime-Aws-Tenant-Id", "\u{e9}t\u{e9}"));
    assert_eq!(seen["tenantId"], "\u{e9}t\u{e9}");
    assert!(process.is_running());
}

#[test]
fn the_first_of_several_headers_counts_and_names_have_no_case() {
    let api = RuntimeApi::start();
    let _process = start("greeter::inspect", &api);
    for (name, member, first, second) in [
        ("Lambda-Runtime-Aws-Tenant-Id", "tenantId", "one", "two"),
        ("Lambda-Runtime-Trace-Id", "traceId", "Root=1", "Root=2"),
        ("Lambda-Runtime-Invoked-Function-Arn", "functionArn", "arn:1", "arn:2"),
    ] {
        let twice = delivery().with(name, first).header(name, second);
        assert_eq!(inspected(&api, &twice)[member], first);
        for spelled in [name.to_lowercase(), name.to_uppercase()] {
            assert_eq!(inspected(&api, &delivery().without(name).header(&spelled, second))[member], second);
        }
    }
    let twice = delivery().header(REQUEST_ID, "another");
    assert_eq!(inspected(&api, &twice)["requestId"], twice.id());
}

#[test]
fn an_invalid_deadline_is_harmless() {
    let api = RuntimeApi::start();
    let mut process = start("greeter::inspect", &api);
    for (deadline, remaining) in [
        ("600000", json!(0)),
        ("0", json!(0)),
        ("-1", json!(null)),
        ("soon", json!(null)),
        ("1e3", json!(null)),
        ("99999999999999999999999", json!(null)),
    ] {
        let seen = inspected(&api, &delivery().with("Lambda-Runtime-Deadline-Ms", deadline));
        assert_eq!(seen["remainingMs"], remaining, "{deadline}");
    }
    for far in ["18446744073709551615", "9223372036854775807", "253402300799000"] {
        let seen = inspected(&api, &delivery().with("Lambda-Runtime-Deadline-Ms", far));
        assert!(seen["remainingMs"].is_null() || seen["remainingMs"].as_f64() > Some(1e12), "{far}: {seen}");
    }
    let seen = inspected(&api, &delivery().deadline_in(Duration::from_secs(3)));
    assert!(seen["remainingMs"].as_u64().is_some_and(|left| (1000..=3000).contains(&left)), "{seen}");
    assert!(process.is_running());
}

#[test]
fn a_client_context_is_json_in_base64_or_nothing() {
    const NAME: &str = "Lambda-Runtime-Client-Context";
    let api = RuntimeApi::start();
    let _process = start("greeter::inspect", &api);
    let context = json!({ "custom": { "n": 1, "list": [true] }, "env": { "locale": "de" }, "client": {} });
    // {"custom":{"n":1}} as cargo-lambda's emulator sends it.
    let encoded = "eyJjdXN0b20iOnsibiI6MX19";
    for (value, expected) in [
        (context.to_string().as_str(), context),
        (encoded, json!({ "custom": { "n": 1 } })),
        ("{broken", Value::Null),
        ("[1]", json!([1])),
        ("%%%", Value::Null),
    ] {
        assert_eq!(inspected(&api, &delivery().with(NAME, value))["clientContext"], expected, "{value}");
    }
}

#[test]
fn an_identity_keeps_its_text_members() {
    const NAME: &str = "Lambda-Runtime-Cognito-Identity";
    let api = RuntimeApi::start();
    let _process = start("greeter::inspect", &api);
    for (value, expected) in [
        (r#"{"cognitoIdentityId":"me","cognitoIdentityPoolId":"pool"}"#, json!(["me", "pool"])),
        (r#"{"cognitoIdentityId":"me","cognitoIdentityPoolId":7}"#, json!(["me", null])),
        (r#"{"cognitoIdentityId":"me"}"#, json!(["me", null])),
        ("{}", json!([null, null])),
        ("[]", json!([null, null])),
        ("{broken", json!([null, null])),
    ] {
        let seen = inspected(&api, &delivery().with(NAME, value));
        let identity = json!([seen["identity"]["identityId"], seen["identity"]["identityPoolId"]]);
        assert_eq!(identity, expected, "{value}");
    }
}

#[test]
fn ids_of_every_kind_reach_their_invocation() {
    let api = RuntimeApi::start();
    let mut process = start("greeter::inspect", &api);
    for (id, path) in [
        ("8476a536-e9f4-11e8-9739-2dfe598c3fcd", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("a/b", "a%2Fb"),
        ("..", ".."),
        ("a b", "a%20b"),
        ("a?b#c", "a%3Fb%23c"),
        ("100%", "100%25"),
        ("a%2Fb", "a%252Fb"),
        ("\u{e9}", "%C3%A9"),
        ("a\"b", "a%22b"),
    ] {
        let delivery = delivery().with(REQUEST_ID, id);
        api.next().hand_out(&delivery);
        let reply = api.posted();
        assert_eq!(reply.path, format!("/2018-06-01/runtime/invocation/{path}/response"));
        reply.accept();
        assert_eq!(reply.json()["requestId"], id);
    }
    assert!(process.is_running());
}

#[test]
fn an_aborting_process_reports_an_id_that_needs_escapes_too() {
    let api = RuntimeApi::start();
    let _process = Process::of(&greeter(Profile::Release)).handler("greeter::fail::explode").api(&api).start();
    api.next().hand_out(&ada().with(REQUEST_ID, "a/b c").header("Lambda-Runtime-Invocation-Id", "\u{e9}"));
    let error = api.posted();
    assert_eq!(error.path, "/2018-06-01/runtime/invocation/a%2Fb%20c/error");
    let (_, echo) = error.headers.iter().find(|(name, _)| name == "lambda-runtime-invocation-id").expect("an echo");
    assert_eq!(echo, "\u{e9}".as_bytes());
    error.accept();
}

#[test]
fn custom_arguments_see_the_invocation_and_their_errors_are_the_functions() {
    let api = RuntimeApi::start();
    let launch = Process::of(&mayfly_tests::odd(Profile::Debug, "odd")).handler("odd::arguments::everything");
    let _process = launch.api(&api).start();
    let delivery = delivery().header("Lambda-Runtime-Aws-Tenant-Id", "acme");
    let expected = json!({ "event": {}, "limit": 7, "requestId": delivery.id(), "tenant": "acme" });
    assert_eq!(api.reply(&delivery).json(), expected);
    let error = api.error(&Delivery::json("{}"));
    assert_eq!(error.text("errorType"), "NoTenant");
    assert_eq!(error.header("lambda-runtime-function-error-type"), Some("Function.NoTenant"));
}
