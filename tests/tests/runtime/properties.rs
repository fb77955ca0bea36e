//! Random bodies and headers, in random pieces: each event gets its reply or error from one and the same process.

use mayfly_tests::{Delivery, Process, Profile, REQUEST_ID, RuntimeApi, greeter};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

/// Headers with a meaning for Lambda or HTTP, except those that frame the body, which the delivery writes itself.
const NAMES: [&str; 11] = [
    "Lambda-Runtime-Deadline-Ms",
    "Lambda-Runtime-Invoked-Function-Arn",
    "Lambda-Runtime-Trace-Id",
    "Lambda-Runtime-Client-Context",
    "Lambda-Runtime-Cognito-Identity",
    "Lambda-Runtime-Aws-Tenant-Id",
    "Lambda-Runtime-Invocation-Id",
    "Content-Type",
    "Content-Encoding",
    "Date",
    "X-Unknown",
];

/// A random response to `/next`.
#[derive(Clone, Debug)]
struct Sent {
    id: Vec<u8>,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: Vec<u8>,
    is_chunked: bool,
    packet: usize,
}

/// Makes the values that HTTP allows in a header.
fn value() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![8 => 0x20..=0x7e_u8, 2 => 0x80..=0xff_u8, 1 => Just(b'\t')];
    prop_oneof![
        vec(byte, 0..60),
        "[0-9]{1,25}".prop_map(String::into_bytes),
        json()
            .prop_map(|json| json.to_string().into_bytes())
            .prop_filter("no control characters", |text| { text.iter().all(|byte| !byte.is_ascii_control()) }),
    ]
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let name = prop_oneof![Just("name".to_owned()), any::<String>()];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let members = vec((name.clone(), inner.clone()), 0..4);
        prop_oneof![
            vec(inner, 0..4).prop_map(Value::from),
            members.prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let damaged = (json(), any::<usize>(), any::<u8>()).prop_map(|(json, place, byte)| {
        let mut bytes = json.to_string().into_bytes();
        let place = place % bytes.len();
        bytes[place] = byte;
        bytes
    });
    prop_oneof![
        vec(any::<u8>(), 0..200),
        r#"[\[\]{}",:0-9\\ \nu]{0,80}"#.prop_map(String::into_bytes),
        json().prop_map(|json| json.to_string().into_bytes()),
        damaged,
        (0..200_000_usize).prop_map(|size| format!("{{\"name\":\"{}\"}}", "x".repeat(size)).into_bytes()),
    ]
}

fn sent() -> impl Strategy<Value = Sent> {
    let headers = vec((select(&NAMES[..]), value()), 0..6);
    // Not an empty id, since such an event is dropped.
    let id = vec(prop_oneof![0x21..=0x7e_u8, 0x80..=0xff_u8], 1..40);
    (id, headers, body(), any::<bool>(), 1..5000_usize).prop_map(|(id, headers, body, is_chunked, packet)| Sent {
        id,
        headers,
        body,
        is_chunked,
        packet,
    })
}

impl Sent {
    fn delivery(&self) -> Delivery {
        // The first of two headers counts, so the delivery must have none of its own.
        let bare = NAMES.iter().fold(Delivery::new(self.body.clone()), |delivery, name| delivery.without(name));
        let bare = bare.with(REQUEST_ID, &self.id);
        let delivery = self.headers.iter().fold(bare, |delivery, (name, value)| delivery.header(name, value));
        if self.is_chunked { delivery.chunked() } else { delivery }
    }

    /// Returns a header as the handler must see it.
    fn text(&self, name: &str) -> Option<String> {
        let (_, first) = self.headers.iter().find(|(other, _)| *other == name)?;
        let text = String::from_utf8_lossy(first.trim_ascii()).into_owned();
        (!text.is_empty()).then_some(text)
    }
}

/// Decodes the escapes in a segment of a path.
fn unescaped(segment: &str) -> Vec<u8> {
    let mut parts = segment.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(code, 16).expect("an escape has two digits"));
        bytes.extend(rest.as_bytes());
    }
    bytes
}

/// Sends all cases to one process and compares each post with `expected`.
fn feed(handler: &str, check: impl Fn(&Sent, &str, &Value)) {
    let api = RuntimeApi::start();
    let launch = Process::of(&greeter(Profile::Release)).handler(handler).api(&api);
    let mut process = launch.env("LOGLEVEL", "off").start();
    let pid = process.pid();
    // No shrinking: all cases share one process, so a smaller case would fail for another reason.
    let config = Config { cases: 1000, max_shrink_iters: 0, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&sent(), |sent| {
        let delivery = sent.delivery();
        let bytes = [delivery.head(), delivery.payload()].concat();
        let next = api.next();
        for packet in bytes.chunks(sent.packet.max(bytes.len() / 8)) {
            next.send(packet);
        }
        let posted = api.posted();
        posted.accept();
        let segments: Vec<_> = posted.path.split('/').collect();
        let ["", "2018-06-01", "runtime", "invocation", id, end] = segments[..] else { panic!("{posted:?}") };
        assert_eq!(unescaped(id), sent.id);
        check(&sent, end, &posted.json());
        Ok(())
    });
    outcome.unwrap();
    assert!(process.is_running());
    assert_eq!(process.pid(), pid);
    assert_eq!(api.reply(&Delivery::json(r#"{"name":"Ada"}"#)).connection, 1, "always the same connection");
}

#[test]
fn any_json_reaches_a_sync_handler_with_its_context() {
    feed("greeter::inspect", |sent, end, json| {
        if serde_json::from_slice::<Value>(&sent.body).is_ok() {
            assert_eq!(end, "response", "{json}");
            assert_eq!(json["requestId"], String::from_utf8_lossy(&sent.id).as_ref());
            for (name, member) in [
                ("Lambda-Runtime-Aws-Tenant-Id", "tenantId"),
                ("Lambda-Runtime-Trace-Id", "traceId"),
                ("Lambda-Runtime-Invoked-Function-Arn", "functionArn"),
            ] {
                assert_eq!(json[member].as_str(), sent.text(name).as_deref(), "{name}");
            }
        } else {
            assert_eq!((end, &json["errorType"]), ("error", &"Runtime.InvalidEvent".into()));
        }
    });
}

#[test]
fn any_bytes_get_a_reply_or_an_error_from_an_async_handler() {
    feed("greeter::greet", |sent, end, json| {
        if end == "response" {
            assert!(json["message"].as_str().is_some_and(|message| message.starts_with("Hello, ")), "{json}");
        } else {
            assert_eq!((end, &json["errorType"]), ("error", &"Runtime.InvalidEvent".into()));
            let message = json["errorMessage"].as_str().expect("a message is text");
            assert!(message.contains("at `$") && message.contains("line "), "{sent:?}: {message}");
        }
    });
}
