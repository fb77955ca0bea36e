//! Properties of the functions that read input from outside: none of them panics or hangs on any input.
//!
//! The tests below check them with proptest, and the targets in `tests/fuzz/` with cargo-fuzz.

pub use crate::batch::properties::batch;
#[cfg(all(feature = "http", feature = "testing"))]
pub use crate::http::properties::{http_event, http_response};

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::sync::Arc;
use std::thread;

use serde_json::Value;

use crate::driver::Driver;
use crate::ending::Ending;
use crate::env;
use crate::error::Error;
use crate::error::report::Report;
use crate::executor::Executor;
use crate::invocation::argument::{FromInvocation, Invocation};
use crate::invocation::context::Context;
use crate::invocation::decode::Event;
use crate::invocation::encode::Reply;
use crate::invocation::state::Store;
use crate::runtime_api::client::Client;
use crate::runtime_api::endpoint::Endpoint;
use crate::runtime_api::headers;
use crate::runtime_api::incoming::Incoming;
use crate::runtime_api::invocation_id::InvocationId;
use crate::runtime_api::outgoing::Outgoing;
use crate::runtime_api::response::Response;
use crate::stream::reply::Stream;
use crate::stream::writer::Writer;

/// Checks that any headers make a [`Context`]. `head` holds lines `name: value`; lines that are not HTTP are ignored.
pub fn context(head: &[u8]) {
    let lines = head.split(|&byte| byte == b'\n').filter_map(|line| {
        let colon = line.iter().position(|&byte| byte == b':')?;
        let header = (std::str::from_utf8(&line[..colon]).ok()?, line[colon + 1..].trim_ascii());
        Response::with_headers(&[header]).is_ok().then_some(header)
    });
    let lines: Vec<_> = lines.take(100).collect();
    let response = Response::with_headers(&lines).expect("each of the headers alone is valid");
    let (store, function) = (Store::default(), Arc::<env::Function>::default());
    let invocation = Invocation { headers: response.headers(), payload: b"", store: &store, function: &function };
    let context = Context::from_invocation(&invocation).expect("no header is fatal");
    assert_eq!(context.deadline.is_some(), context.remaining_time().is_some());
    let first = |name: &str| {
        let (_, value) = lines.iter().find(|(other, _)| other.eq_ignore_ascii_case(name))?;
        Some(String::from_utf8_lossy(value).into_owned())
    };
    assert_eq!(context.request_id, first(headers::REQUEST_ID).unwrap_or_default());
    assert_eq!(context.tenant_id, first(headers::TENANT_ID).filter(|text| !text.is_empty()));
}

/// Checks that any bytes are an event or an error, which names the place of the fault and quotes little of the bytes.
pub fn event(payload: &[u8]) {
    type Typed<'a> = BTreeMap<Cow<'a, str>, Vec<Value>>;
    let errors = [
        Typed::read(payload).err(),
        <(u8, Option<bool>)>::read(payload).err(),
        <&str>::read(payload).err(),
        Value::read(payload).err(),
    ];
    for error in errors.into_iter().flatten() {
        assert_eq!(error.name(), "Runtime.InvalidEvent");
        let message = error.message();
        assert!(message.contains(": at `$") && message.contains("line "), "{message}");
        assert!(message.len() < 8_000, "{} bytes", message.len());
    }
}

/// Checks that any error has a JSON body below the limit of the service, valid headers, and a bounded text in the log.
pub fn error(name: &str, context: &str, message: &str, times: usize) {
    reported(&Error::new(name.to_owned(), message.repeat(times)).context(context));
}

/// Checks the report of an error, and returns its JSON.
fn reported(error: &Error) -> Value {
    let report = Report::of(error);
    assert!(report.body.len() < 1 << 20, "{} bytes", report.body.len());
    // serde_json stops at a depth of 128.
    let json: Value = serde_json::from_slice(&report.body).expect("the body is JSON");
    assert!(json["errorMessage"].is_string() && json["stackTrace"].is_array());
    assert!(json["errorType"].as_str().is_some_and(|name| name.len() <= 256), "{}", json["errorType"]);
    Response::with_headers(&[("type", report.error_type.as_bytes())]).expect("the type can stand in a header");
    let (kind, word) = report.error_type.split_once('.').expect("the type has two parts");
    assert!(matches!(kind, "Runtime" | "Function") && word.bytes().all(|byte| byte.is_ascii_alphabetic()), "{word}");
    assert!(report.error_type.len() <= 256 + "Function.".len(), "{}", report.error_type);
    let cause = report.xray_cause;
    assert!(cause.len() <= 64 << 10 && cause.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{cause}");
    serde_json::from_str::<Value>(&cause).expect("the cause is JSON");
    assert!(format!("{error:?}").len() <= 128 << 10, "lines of the log");
    json
}

/// Checks that the client stops for any bytes that a server sends before it closes the connection: it returns an
/// invocation, to which it can then reply, or an error. The result must be the same with and without a tokio runtime.
pub fn answer(bytes: &[u8]) {
    let outcomes = [
        next_after(bytes, &Executor::default()),
        #[cfg(feature = "async")]
        next_after(bytes, &Executor::build().expect("a runtime can be built")),
    ];
    assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]), "{outcomes:?}");
}

/// Returns the path segment and the payload of the invocation that the client reads from these bytes, if there is one.
fn next_after(bytes: &[u8], executor: &Executor) -> Option<(String, Vec<u8>)> {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener.local_addr().expect("a listener has an address");
    let endpoint = Endpoint::parse(&address.to_string()).expect("this is an address");
    let mut client = Client::new(&endpoint, executor, &Ending::default());
    let mut memory = Response::default();
    thread::scope(|scope| {
        scope.spawn(move || {
            let (mut stream, _) = listener.accept().expect("the client connects");
            // Errors are ignored, since the client may already have closed the connection.
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(bytes);
            let _ = stream.shutdown(Shutdown::Both);
        });
        let incoming = client.next(&mut memory).ok()?;
        // The result is ignored, since it depends on the time at which the server closes the connection.
        let _ = client.respond(&incoming, b"{}");
        Some((incoming.id.path().to_owned(), incoming.payload.to_vec()))
    })
}

/// Checks that a stream ends for any bytes that a server sends while the reply is being streamed. The first byte is not
/// sent: it tells how much the server reads before it sends the others and closes the connection.
pub fn stream(bytes: &[u8]) {
    let Some((&mode, bytes)) = bytes.split_first() else { return };
    streamed_to(mode, bytes, &Executor::default());
    #[cfg(feature = "async")]
    streamed_to(mode, bytes, &Executor::build().expect("a runtime can be built"));
}

/// Streams 1 MiB and then an error to a server that sends these bytes.
fn streamed_to(mode: u8, bytes: &[u8], executor: &Executor) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener.local_addr().expect("a listener has an address");
    let endpoint = Endpoint::parse(&address.to_string()).expect("this is an address");
    let headers = Response::with_headers(&[(headers::REQUEST_ID, b"1")]).expect("this is a header");
    let id = Arc::new(InvocationId::of(headers.headers()).expect("there is an id"));
    let incoming = Incoming { id, headers: headers.headers(), payload: b"" };
    let mut client = Client::new(&endpoint, executor, &Ending::default());
    let mut outgoing = Outgoing::default();
    let block = vec![b'x'; 70_000];
    let source = move |out: &mut Writer<'_>| {
        (0..15).try_for_each(|_| out.write_all(&block).and_then(|()| out.flush()))?;
        Err(Error::new("Broken", "the end"))
    };
    Stream::writer(source).put(&mut outgoing).expect("the content type is a header");
    let body = outgoing.body.take().expect("a stream has a body");
    thread::scope(|scope| {
        scope.spawn(move || {
            let (mut stream, _) = listener.accept().expect("the client connects");
            // Errors are ignored, since the client may already have closed the connection.
            let _ = match mode % 3 {
                0 => stream.read(&mut [0; 1024]).map(|_| ()),
                1 => stream.read_exact(&mut vec![0; 500_000]),
                // The head and all chunks; the trailers are left.
                _ => stream.read_exact(&mut vec![0; 15 * 70_000]),
            };
            let _ = stream.write_all(bytes);
            let _ = stream.shutdown(if mode < 128 { Shutdown::Both } else { Shutdown::Write });
            if mode >= 128 {
                let _ = stream.read_to_end(&mut Vec::new());
            }
        });
        // The result is ignored, since a status of 500 ends the process.
        let _ = body.send(&mut Vec::new(), &mut client, &incoming, Driver::new(executor, "1"), &|error| error);
    });
}

#[cfg(test)]
mod tests {
    use std::fmt;
    use std::iter::successors;
    use std::sync::OnceLock;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::error::limits;

    /// The headers of `/next` that Mayfly reads.
    static NAMES: [&str; 7] = [
        headers::REQUEST_ID,
        headers::DEADLINE_MS,
        headers::FUNCTION_ARN,
        headers::TRACE_ID,
        headers::CLIENT_CONTEXT,
        headers::COGNITO_IDENTITY,
        headers::TENANT_ID,
    ];

    /// Generates values that are valid in a header: any bytes except control characters.
    fn header_value() -> impl Strategy<Value = Vec<u8>> {
        let arbitrary = vec(prop_oneof![0x20..=0x7e_u8, 0x80..=0xff_u8], 0..60);
        let number = any::<i128>().prop_map(|number| number.to_string().into_bytes());
        let json = any::<(String, u8)>().prop_map(|(text, number)| {
            let json = serde_json::json!({ "cognitoIdentityId": text, "custom": { "n": number } }).to_string();
            json.into_bytes().into_iter().filter(|byte| (0x20..=0x7e).contains(byte)).collect()
        });
        prop_oneof![arbitrary, number, json]
    }

    /// Generates JSON with some of its bytes changed, or arbitrary bytes.
    fn payload() -> impl Strategy<Value = Vec<u8>> {
        let json = r#"{"id":1,"items":[{"name":"a\n\u00e9","price":1.5e3},[],null,true],"x y":{"\"":"b"}}"#;
        let changed = vec((0..json.len(), any::<u8>()), 0..4).prop_map(|changes| {
            let mut bytes = json.as_bytes().to_vec();
            for (at, byte) in changes {
                bytes[at] = byte;
            }
            bytes
        });
        prop_oneof![changed, vec(any::<u8>(), 0..80)]
    }

    proptest! {
        #[test]
        fn any_headers_make_a_context(values in vec((0..NAMES.len(), header_value()), 0..10)) {
            let lines = values.into_iter().map(|(name, value)| [NAMES[name].as_bytes(), b":", &value, b"\n"].concat());
            context(&lines.collect::<Vec<_>>().concat());
        }

        #[test]
        fn any_bytes_are_an_event_or_an_error_with_a_place(payload in payload()) {
            event(&payload);
        }

        #[test]
        fn any_bytes_are_a_batch_or_an_error(
            seed in prop::sample::select(batches()),
            changes in vec((any::<prop::sample::Index>(), prop::sample::select(&b"\"\\{}[]:, 0a\xff\x01"[..])), 0..4),
        ) {
            let mut payload = seed;
            for (at, byte) in changes {
                let at = at.index(payload.len());
                payload[at] = byte;
            }
            batch(&payload);
        }

        #[test]
        fn any_error_has_a_json_body_below_the_limit_and_valid_headers(
            name in ".{0,60}", message in ".{0,2000}", context in ".{0,200}", times in 1..900_usize,
        ) {
            error(&name, &context, &message, times);
        }

        #[test]
        fn any_response_is_an_invocation_or_an_error(
            head in prop_oneof![Just(&b"HTTP/1.1 200 OK\r\n"[..]), Just(&b"HTTP/1.1 "[..]), Just(&b""[..])],
            id in proptest::bool::ANY,
            length in prop_oneof![
                Just(""),
                Just("Content-Length: 3\r\n"),
                Just("Content-Length: x\r\n"),
                Just("Transfer-Encoding: chunked\r\n"),
            ],
            rest in vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b':'), Just(b'0'), any::<u8>()], 0..60),
        ) {
            let id: &[u8] = if id { b"Lambda-Runtime-Aws-Request-Id: 1\r\n" } else { b"" };
            answer(&[head, id, length.as_bytes(), b"\r\n", &rest].concat());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn any_response_ends_a_stream(
            mode in any::<u8>(),
            head in prop_oneof![Just(&b"HTTP/1.1 202 OK\r\n"[..]), Just(&b"HTTP/1.1 413 No\r\n"[..]), Just(&b""[..])],
            length in prop_oneof![Just(""), Just("Content-Length: 3\r\n"), Just("Transfer-Encoding: chunked\r\n")],
            rest in vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'0'), any::<u8>()], 0..30),
        ) {
            stream(&[&[mode], head, length.as_bytes(), b"\r\n", &rest].concat());
        }
    }

    proptest! {
        // Few cases, since one case may format 33 texts and follow 131,072 causes.
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn both_ends_of_any_chain_of_causes_are_reported(
            name in ".{0,20}|N{300,2000}", texts in vec(("[a-z\u{e9}\u{1}\"]{1,3}", 1..90_000_usize), 1..5),
            length in prop_oneof![1..60_usize, 900..1100_usize], leads_back in proptest::bool::weighted(0.1),
            contexts in prop_oneof![0..50_usize, 900..1100_usize], shape in 0..4_u8,
        ) {
            let first = Link::chain(&texts, length, leads_back);
            let made = match shape {
                0 => Error::from(first),
                1 => Error::boxed(first),
                2 => Error::of_typed::<Link, Link>(first),
                _ => Error::of_boxed(&first),
            };
            let made = made.named(name);
            let made = (1..=contexts).fold(made, |made, number| made.context(format_args!("context {number}")));
            let json = reported(&made);
            let messages = messages(&json);
            // The outermost is the last context, or the error itself.
            let outermost = if contexts == 0 { "0 ".to_owned() } else { format!("context {contexts}") };
            prop_assert!(messages[0].starts_with(&outermost), "{outermost}: {}", messages[0]);
            let innermost = if leads_back { "(only the first".to_owned() } else { format!("{} ", length - 1) };
            let last = messages[messages.len() - 1];
            prop_assert!(last.starts_with(&innermost), "{innermost}: {last}");
            let all = if leads_back { limits::STEPS + 1 } else { length - 1 } + contexts;
            let left_out = all.saturating_sub(2 * limits::CAUSES);
            prop_assert_eq!(messages.contains(&&*format!("(causes left out: {left_out})")), left_out > 0);
            prop_assert_eq!(messages.len(), 1 + all - left_out + usize::from(left_out > 0));
        }
    }

    /// Returns the seeds of the target `batch`.
    fn batches() -> Vec<Vec<u8>> {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fuzz/seeds/batch");
        std::fs::read_dir(directory).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect()
    }

    /// An error in a chain of errors, which may lead back to its beginning. It is never dropped.
    #[derive(Debug)]
    struct Link {
        number: usize,
        text: String,
        times: usize,
        next: OnceLock<&'static Self>,
    }

    impl Link {
        fn chain(texts: &[(String, usize)], length: usize, leads_back: bool) -> &'static Self {
            let link = |number: usize| {
                let (text, times) = texts[number % texts.len()].clone();
                &*Box::leak(Box::new(Self { number, text, times, next: OnceLock::new() }))
            };
            let first = link(0);
            let last = (1..length).map(link).fold(first, |last, next| last.next.get_or_init(|| next));
            if leads_back {
                last.next.get_or_init(|| first);
            }
            first
        }
    }

    impl fmt::Display for Link {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{} ", self.number)?;
            (0..self.times).try_for_each(|_| f.write_str(&self.text))
        }
    }

    impl std::error::Error for Link {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            self.next.get().map(|next| *next as &dyn std::error::Error)
        }
    }

    /// Returns the message of a report, followed by those of its causes.
    fn messages(report: &Value) -> Vec<&str> {
        let reports = successors(Some(report), |report| report.get("cause"));
        reports.map(|report| report["errorMessage"].as_str().expect("a message is text")).collect()
    }

    /// The seeds are the inputs that the fuzz targets start with and those that they have found.
    #[test]
    fn the_properties_hold_for_the_seeds_of_the_fuzz_targets() {
        type Check = (&'static str, fn(&[u8]));
        let checks: &[Check] = &[
            ("context", context),
            ("event", event),
            ("answer", answer),
            ("stream", stream),
            ("batch", batch),
            #[cfg(all(feature = "http", feature = "testing"))]
            ("http_event", http_event),
            #[cfg(all(feature = "http", feature = "testing"))]
            ("http_response", http_response),
        ];
        for &(target, check) in checks {
            let directory = format!("{}/../tests/fuzz/seeds/{target}", env!("CARGO_MANIFEST_DIR"));
            let seeds: Vec<_> = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
            assert!(seeds.len() > 3, "{target}: {seeds:?}");
            for seed in seeds {
                check(&std::fs::read(seed).unwrap());
            }
        }
    }
}
