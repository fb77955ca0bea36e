//! Whatever comes from outside, nothing here panics: properties of the functions that meet it first.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::sync::Arc;
use std::thread;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;
use ureq::http::{HeaderMap, HeaderName, HeaderValue};

use crate::client::Client;
use crate::context::{Context, FromInvocation, Invocation};
use crate::decode::decode;
use crate::endpoint::Endpoint;
use crate::event::EventBuffer;
use crate::executor::Executor;
use crate::report::Report;
use crate::state::Store;
use crate::{Error, env, header};

/// The headers of `/next` that are read.
static NAMES: [&HeaderName; 7] = [
    &header::REQUEST_ID,
    &header::DEADLINE_MS,
    &header::FUNCTION_ARN,
    &header::TRACE_ID,
    &header::CLIENT_CONTEXT,
    &header::COGNITO_IDENTITY,
    &header::TENANT_ID,
];

/// What can stand in a header: any byte but the control characters.
fn header_value() -> impl Strategy<Value = Vec<u8>> {
    let odd = vec(prop_oneof![0x20..=0x7e_u8, 0x80..=0xff_u8], 0..60);
    let number = any::<i128>().prop_map(|number| number.to_string().into_bytes());
    let json = any::<(String, u8)>().prop_map(|(text, number)| {
        let json = serde_json::json!({ "cognitoIdentityId": text, "custom": { "n": number } }).to_string();
        json.into_bytes().into_iter().filter(|byte| (0x20..=0x7e).contains(byte)).collect()
    });
    prop_oneof![odd, number, json]
}

/// JSON with some of its bytes spoilt, or bytes of no kind.
fn payload() -> impl Strategy<Value = Vec<u8>> {
    let json = r#"{"id":1,"items":[{"name":"a\n\u00e9","price":1.5e3},[],null,true],"x y":{"\"":"b"}}"#;
    let spoilt = vec((0..json.len(), any::<u8>()), 0..4).prop_map(|spoilt| {
        let mut bytes = json.as_bytes().to_vec();
        for (at, byte) in spoilt {
            bytes[at] = byte;
        }
        bytes
    });
    prop_oneof![spoilt, vec(any::<u8>(), 0..80)]
}

/// The client's side of a connection over which a server sends `bytes` for every request, and ends.
fn next_after(bytes: Vec<u8>) -> bool {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = Endpoint::parse(&listener.local_addr().unwrap().to_string()).unwrap();
    let client = Client::new(&endpoint, &Executor::default()).unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(&bytes);
        let _ = stream.shutdown(Shutdown::Both);
    });
    client.next(&mut EventBuffer::default()).is_ok()
}

proptest! {
    #[test]
    fn any_headers_make_a_context(values in vec((0..NAMES.len(), header_value()), 0..10)) {
        let mut headers = HeaderMap::new();
        for (name, value) in values {
            headers.append(NAMES[name].clone(), HeaderValue::from_bytes(&value).unwrap());
        }
        let (store, function) = (Store::default(), Arc::<env::Function>::default());
        let invocation = Invocation { headers: &headers, payload: b"", store: &store, function: &function };
        let context = Context::from_invocation(&invocation).unwrap();
        let _ = context.remaining_time();
    }

    #[test]
    fn any_bytes_are_an_event_or_say_where_not(payload in payload()) {
        type Typed<'a> = std::collections::BTreeMap<std::borrow::Cow<'a, str>, Vec<Value>>;
        let errors = [decode::<Typed<'_>>(&payload).err(), decode::<u8>(&payload).err(), decode::<&str>(&payload).err()];
        for error in errors.into_iter().flatten() {
            prop_assert_eq!(error.name(), "Runtime.InvalidEvent");
            prop_assert!(error.message().contains("at `$"), "{}", error.message());
        }
    }

    #[test]
    fn any_error_is_json_below_the_limit_with_legal_headers(
        name in ".{0,60}", message in ".{0,2000}", context in ".{0,200}", times in 1..900_usize,
    ) {
        let report = Report::of(&Error::new(name, message.repeat(times)).context(context));
        prop_assert!(report.body.len() < 1 << 20);
        let json: Value = serde_json::from_slice(&report.body).unwrap();
        prop_assert!(json["errorType"].is_string() && json["stackTrace"].is_array());
        prop_assert!(HeaderValue::from_str(&report.error_type).is_ok());
        let (kind, word) = report.error_type.split_once('.').unwrap();
        prop_assert!(matches!(kind, "Runtime" | "Function") && word.chars().all(|c| c.is_ascii_alphabetic()));
        if let Some(cause) = report.xray_cause {
            prop_assert!(cause.len() <= 64 << 10 && cause.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
            prop_assert!(serde_json::from_str::<Value>(&cause).is_ok());
        }
    }

    #[test]
    fn any_answer_is_an_invocation_or_an_end(
        head in prop_oneof![Just(&b"HTTP/1.1 200 OK\r\n"[..]), Just(&b"HTTP/1.1 "[..]), Just(&b""[..])],
        id in proptest::bool::ANY,
        length in prop_oneof![Just(""), Just("Content-Length: 3\r\n"), Just("Content-Length: x\r\n"), Just("Transfer-Encoding: chunked\r\n")],
        rest in vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b':'), Just(b'0'), any::<u8>()], 0..60),
    ) {
        let id: &[u8] = if id { b"Lambda-Runtime-Aws-Request-Id: 1\r\n" } else { b"" };
        // What counts is that it comes to an end: an invocation, or a sentence.
        next_after([head, id, length.as_bytes(), b"\r\n", &rest].concat());
    }
}
