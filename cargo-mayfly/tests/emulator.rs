//! Tests the emulator's server with single requests: the state machine row by row, sizes, headers and extensions.

#[path = "common/raw.rs"]
mod raw;

use std::sync::Arc;
use std::time::Duration;

use cargo_mayfly::emulator::{
    Configuration, Emulator, HeaderName, HeaderValue, Invocation, MAX_PAYLOAD, Outcome, Phase,
};
use raw::{RUNTIME, Response};
use serde_json::{Value, json};
use tokio::task::{JoinHandle, spawn_blocking};

const EXTENSION: &str = "/2020-01-01/extension";

async fn emulator(configuration: Configuration) -> (Arc<Emulator>, String) {
    let emulator = Emulator::start(configuration).await.unwrap();
    let api = emulator.address().to_string();
    (Arc::new(emulator), api)
}

fn quick() -> Configuration {
    let timeout = Duration::from_millis(300);
    Configuration { timeout, init_timeout: timeout, ..Configuration::new("a::b") }
}

fn invoke(emulator: &Arc<Emulator>, invocation: Invocation) -> JoinHandle<Outcome> {
    let emulator = Arc::clone(emulator);
    tokio::spawn(async move { emulator.invoke(invocation).await })
}

/// Sends a blocking request in a thread of its own.
async fn ask(request: impl FnOnce() -> Response + Send + 'static) -> Response {
    spawn_blocking(request).await.unwrap()
}

async fn next(api: &str) -> Response {
    let api = api.to_owned();
    ask(move || raw::next(&api)).await
}

async fn post(api: &str, path: &str, body: &'static str) -> Response {
    let (api, path) = (api.to_owned(), path.to_owned());
    ask(move || raw::post(&api, &path, body.as_bytes())).await
}

async fn answer(api: &str, id: &str, what: &'static str, body: &'static str) -> Response {
    post(api, &format!("{RUNTIME}/invocation/{id}/{what}"), body).await
}

fn error_type(response: &Response) -> String {
    let rejection: Value = serde_json::from_slice(&response.body).unwrap();
    assert!(rejection["errorMessage"].as_str().is_some_and(|message| !message.is_empty()), "{response}");
    rejection["errorType"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn started() {
    let (emulator, api) = emulator(Configuration::new("a::b")).await;
    for what in ["response", "error"] {
        let response = answer(&api, "nobody", what, "1").await;
        assert_eq!((response.status, error_type(&response).as_str()), (400, "InvalidRequestID"));
    }
    assert_eq!(emulator.phase(), Phase::Started);
    assert_eq!(post(&api, &format!("{RUNTIME}/init/error"), "{}").await.status, 202);
    assert_eq!(emulator.phase(), Phase::InitError);
}

#[tokio::test(flavor = "multi_thread")]
async fn init_error() {
    let (emulator, api) = emulator(Configuration::new("a::b")).await;
    let report = r#"{"errorType":"Runtime.InitError","errorMessage":"Initialization error: no"}"#;
    let accepted = post(&api, &format!("{RUNTIME}/init/error"), report).await;
    assert_eq!(accepted.to_string(), r#"202 {"status":"OK"}"#);

    let refused = next(&api).await;
    assert_eq!((refused.status, error_type(&refused).as_str()), (403, "InvalidStateTransition"));
    assert_eq!(answer(&api, "nobody", "response", "1").await.status, 400);
    assert_eq!(post(&api, &format!("{RUNTIME}/init/error"), "{}").await.status, 403);

    let outcome = emulator.invoke(Invocation::new("{}")).await;
    assert!(matches!(outcome, Outcome::InitError(_)), "{outcome:?}");
    assert_eq!(outcome.error().unwrap().error_message, "Initialization error: no");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_init_error_ends_the_invocation_that_waits() {
    let (emulator, api) = emulator(Configuration::new("a::b")).await;
    let caller = invoke(&emulator, Invocation::new("{}"));
    assert_eq!(post(&api, &format!("{RUNTIME}/init/error"), "{}").await.status, 202);
    assert!(matches!(caller.await.unwrap(), Outcome::InitError(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn running() {
    let (emulator, api) = emulator(Configuration::new("a::b")).await;
    let caller = invoke(&emulator, Invocation::new("[1]"));
    let event = next(&api).await;
    assert_eq!(event.to_string(), "200 [1]");
    let again = next(&api).await;
    assert_eq!((again.request_id(), again.text()), (event.request_id(), event.text()));
    assert_eq!(answer(&api, "other", "response", "1").await.status, 400);
    assert_eq!(post(&api, &format!("{RUNTIME}/init/error"), "{}").await.status, 403);

    let accepted = answer(&api, &event.request_id(), "response", "[2]").await;
    assert_eq!(accepted.to_string(), r#"202 {"status":"OK"}"#);
    assert_eq!(caller.await.unwrap(), Outcome::Reply("[2]".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn sent() {
    let (emulator, api) = emulator(Configuration::new("a::b")).await;
    let caller = invoke(&emulator, Invocation::new("1"));
    let id = next(&api).await.request_id();
    assert_eq!(answer(&api, &id, "response", "1").await.status, 202);
    for what in ["response", "error"] {
        let refused = answer(&api, &id, what, "2").await;
        assert_eq!((refused.status, error_type(&refused).as_str()), (403, "InvalidStateTransition"));
        assert_eq!(answer(&api, "other", what, "2").await.status, 400);
    }
    assert_eq!(post(&api, &format!("{RUNTIME}/init/error"), "{}").await.status, 403);
    assert_eq!(caller.await.unwrap(), Outcome::Reply("1".into()));

    let polling = tokio::spawn({
        let api = api.clone();
        async move { next(&api).await }
    });
    emulator.reaches(Phase::Ready).await;
    let caller = invoke(&emulator, Invocation::new("2"));
    let event = polling.await.unwrap();
    assert_eq!(event.text(), "2");
    assert_ne!(event.request_id(), id);
    assert_eq!(answer(&api, &event.request_id(), "error", r#"{"errorType":"E","errorMessage":"m"}"#).await.status, 202);
    let report = caller.await.unwrap().error().unwrap();
    assert_eq!((report.error_type.as_str(), report.error_message.as_str()), ("E", "m"));
}

#[tokio::test(flavor = "multi_thread")]
async fn invocations_take_turns() {
    let (emulator, api) = emulator(Configuration::new("a::b")).await;
    let callers: Vec<_> = (0..5).map(|n| invoke(&emulator, Invocation::from(json!(n)))).collect();
    for _ in 0..5 {
        let event = next(&api).await;
        let reply = event.body.clone();
        let api = api.clone();
        assert_eq!(ask(move || raw::answer(&api, &event.request_id(), "response", &[], &reply)).await.status, 202);
    }
    for (n, caller) in callers.into_iter().enumerate() {
        assert_eq!(caller.await.unwrap(), Outcome::Reply(n.to_string().into()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_poll_loses_no_event() {
    let (emulator, api) = emulator(Configuration::new("a::b")).await;
    let mut stream = std::net::TcpStream::connect(&api).unwrap();
    std::io::Write::write_all(
        &mut stream,
        format!("GET {RUNTIME}/invocation/next HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes(),
    )
    .unwrap();
    emulator.reaches(Phase::Ready).await;
    drop(stream);
    let caller = invoke(&emulator, Invocation::new("7"));
    let event = next(&api).await;
    assert_eq!(event.text(), "7");
    answer(&api, &event.request_id(), "response", "8").await;
    assert_eq!(caller.await.unwrap(), Outcome::Reply("8".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_reply_has_expired() {
    let (emulator, api) = emulator(quick()).await;
    let caller = invoke(&emulator, Invocation::new("1"));
    let id = next(&api).await.request_id();
    assert_eq!(caller.await.unwrap(), Outcome::TimedOut { after: Duration::from_millis(300) });
    assert_eq!(answer(&api, &id, "response", "1").await.status, 410);
    assert_eq!(answer(&api, &id, "error", "1").await.status, 410);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_to_another_delivery_has_expired() {
    let (emulator, api) = emulator(Configuration::new("a::b")).await;
    let invocation_id = Some("second".to_owned());
    let caller = invoke(&emulator, Invocation { invocation_id, ..Invocation::new("1") });
    let event = next(&api).await;
    assert_eq!(event.header("lambda-runtime-invocation-id"), Some("second"));
    for (echoed, status) in [("first", 410), ("second", 202)] {
        let (api, id) = (api.clone(), event.request_id());
        let headers = [("lambda-runtime-invocation-id", echoed)];
        assert_eq!(ask(move || raw::answer(&api, &id, "response", &headers, b"1")).await.status, status);
    }
    assert_eq!(caller.await.unwrap(), Outcome::Reply("1".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_not_requested_times_out() {
    let (emulator, _) = emulator(quick()).await;
    let outcome = emulator.invoke(Invocation::new("1")).await;
    assert_eq!(outcome, Outcome::TimedOut { after: Duration::from_millis(300) });
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_reply_and_one_byte_more() {
    let (emulator, api) = emulator(Configuration::new("a::b")).await;
    for (size, status) in [(MAX_PAYLOAD, 202), (MAX_PAYLOAD + 1, 413)] {
        let caller = invoke(&emulator, Invocation::new("1"));
        let id = next(&api).await.request_id();
        let response = {
            let (api, id) = (api.clone(), id.clone());
            ask(move || raw::answer(&api, &id, "response", &[], &vec![b'1'; size])).await
        };
        assert_eq!(response.status, status);
        match caller.await.unwrap() {
            Outcome::Reply(reply) => assert_eq!((reply.len(), status), (size, 202)),
            Outcome::TooLarge { size, .. } => {
                assert_eq!((size, status), (MAX_PAYLOAD as u64 + 1, 413));
                assert_eq!(error_type(&response), "RequestEntityTooLarge");
                assert_eq!(answer(&api, &id, "error", "{}").await.status, 403);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_paths_and_wrong_methods() {
    let (_emulator, api) = emulator(Configuration::new("a::b")).await;
    for (method, path, status) in [
        ("GET", "/".to_owned(), 404),
        ("GET", format!("{RUNTIME}/nothing"), 404),
        ("GET", format!("{RUNTIME}/restore/next"), 404),
        ("POST", format!("{RUNTIME}/restore/error"), 404),
        ("POST", format!("{RUNTIME}/invocation/next"), 405),
        ("GET", format!("{RUNTIME}/invocation/a/response"), 405),
        ("PUT", format!("{RUNTIME}/init/error"), 405),
        ("GET", format!("{EXTENSION}/register"), 405),
    ] {
        let (api, asked) = (api.clone(), path.clone());
        let response = ask(move || raw::send(&api, method, &asked, &[], b"")).await;
        assert_eq!(response.status, status, "{method} {path}");
        error_type(&response);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_header_of_next() {
    let configuration = Configuration { timeout: Duration::from_secs(60), ..Configuration::new("a::b") };
    let (emulator, api) = emulator(configuration).await;
    let invocation = Invocation {
        request_id: Some("8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned()),
        invocation_id: Some("i".to_owned()),
        trace_id: Some("Root=1-2-3;Sampled=1".to_owned()),
        client_context: Some(r#"{"custom":{"a":"b"}}"#.to_owned()),
        cognito_identity: Some(r#"{"cognitoIdentityId":"c"}"#.to_owned()),
        tenant_id: Some("t".to_owned()),
        ..Invocation::new("{}")
    };
    let _caller = invoke(&emulator, invocation);
    let event = next(&api).await;
    for (name, value) in [
        ("content-type", "application/json"),
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("lambda-runtime-invocation-id", "i"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:012345678912:function:test_function"),
        ("lambda-runtime-trace-id", "Root=1-2-3;Sampled=1"),
        ("lambda-runtime-client-context", r#"{"custom":{"a":"b"}}"#),
        ("lambda-runtime-cognito-identity", r#"{"cognitoIdentityId":"c"}"#),
        ("lambda-runtime-aws-tenant-id", "t"),
    ] {
        assert_eq!(event.header(name), Some(value), "{name}");
    }
    let deadline: u64 = event.header("lambda-runtime-deadline-ms").unwrap().parse().unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    let left = u128::from(deadline) - now;
    assert!((50_000..=60_000).contains(&left), "{left}");
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_can_be_replaced_repeated_and_removed() {
    let (emulator, api) = emulator(Configuration::new("a::b")).await;
    let (deadline, trace) =
        (HeaderName::from_static("lambda-runtime-deadline-ms"), HeaderName::from_static("lambda-runtime-trace-id"));
    let headers = vec![
        (deadline, Some(HeaderValue::from_static("soon"))),
        (trace.clone(), Some(HeaderValue::from_static("one"))),
        (trace, Some(HeaderValue::from_static("two"))),
        (HeaderName::from_static("lambda-runtime-invoked-function-arn"), None),
    ];
    let _caller = invoke(&emulator, Invocation { headers, ..Invocation::new("{}") });
    let event = next(&api).await;
    assert_eq!(event.header("lambda-runtime-deadline-ms"), Some("soon"));
    assert_eq!(event.header("lambda-runtime-invoked-function-arn"), None);
    let traces =
        event.headers.iter().filter(|(name, _)| name == "lambda-runtime-trace-id").map(|(_, value)| value.as_str());
    assert_eq!(traces.collect::<Vec<_>>(), ["one", "two"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_are_decoded_from_the_path() {
    let (emulator, api) = emulator(Configuration::new("a::b")).await;
    let request_id = Some("a/b c%?#ü".to_owned());
    let caller = invoke(&emulator, Invocation { request_id, ..Invocation::new("{}") });
    next(&api).await;
    assert_eq!(answer(&api, "a%2Fb%20c%25%3F%23%C3%BC", "response", "1").await.status, 202);
    assert_eq!(caller.await.unwrap(), Outcome::Reply("1".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn error_headers_reach_the_caller() {
    let (emulator, api) = emulator(Configuration::new("a::b")).await;
    let caller = invoke(&emulator, Invocation::new("{}"));
    let id = next(&api).await.request_id();
    let headers = [("lambda-runtime-function-error-type", "a::B"), ("lambda-runtime-function-xray-error-cause", "{}")];
    assert_eq!(ask(move || raw::answer(&api, &id, "error", &headers, b"oh")).await.status, 202);
    let Outcome::Error(failure) = caller.await.unwrap() else { panic!("an error") };
    assert_eq!(failure.header_type.as_deref(), Some("a::B"));
    assert_eq!(failure.error_type(), "Runtime.Unknown");
    assert_eq!(failure.xray_cause.as_deref(), Some("{}"));
    assert_eq!(failure.body, "oh");
}

#[tokio::test(flavor = "multi_thread")]
async fn snap_start() {
    let (emulator, api) = emulator(Configuration { snap_start: true, ..Configuration::new("a::b") }).await;
    let restore = |verb: &'static str, path: &'static str| {
        let api = api.clone();
        ask(move || raw::send(&api, verb, &format!("{RUNTIME}/restore/{path}"), &[], b"{}"))
    };
    assert_eq!(restore("POST", "error").await.status, 403);
    assert_eq!(restore("GET", "next").await.to_string(), "200 ");
    assert_eq!(emulator.phase(), Phase::Restoring);
    assert_eq!(restore("POST", "error").await.status, 202);
    assert!(matches!(emulator.invoke(Invocation::new("1")).await, Outcome::InitError(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_event_waits_for_the_request_of_each_extension() {
    let (emulator, api) = emulator(Configuration::new("a::b")).await;
    let register = |events: &'static str| {
        let api = api.clone();
        let headers = [("lambda-extension-name", "mine")];
        ask(move || raw::send(&api, "POST", &format!("{EXTENSION}/register"), &headers, events.as_bytes()))
    };
    let refused = register(r#"{"events":["SHUTDOWN"]}"#).await;
    assert_eq!((refused.status, error_type(&refused).as_str()), (403, "Extension.InvalidEventType"));
    let registered = register(r#"{"events":["INVOKE"]}"#).await;
    assert_eq!(registered.status, 200);
    let id = registered.header("lambda-extension-identifier").unwrap().to_owned();

    let caller = invoke(&emulator, Invocation::new("1"));
    let polling = tokio::spawn({
        let api = api.clone();
        async move { next(&api).await }
    });
    emulator.reaches(Phase::Ready).await;
    assert!(!polling.is_finished());
    let delivered = {
        let api = api.clone();
        ask(move || {
            raw::send(&api, "GET", &format!("{EXTENSION}/event/next"), &[("lambda-extension-identifier", &id)], b"")
        })
        .await
    };
    let event = polling.await.unwrap();
    let news: Value = serde_json::from_slice(&delivered.body).unwrap();
    assert_eq!(
        (news["eventType"].as_str(), news["requestId"].as_str()),
        (Some("INVOKE"), Some(event.request_id().as_str()))
    );
    assert_eq!(error_type(&register("{}").await), "Extension.RegistrationClosed");
    answer(&api, &event.request_id(), "response", "1").await;
    assert_eq!(caller.await.unwrap(), Outcome::Reply("1".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn measures() {
    let (emulator, api) = emulator(Configuration::new("a::b")).await;
    assert_eq!(emulator.report(), None);
    for is_first in [true, false] {
        let caller = invoke(&emulator, Invocation::new("1"));
        let id = next(&api).await.request_id();
        answer(&api, &id, "response", "1").await;
        caller.await.unwrap();
        let report = emulator.report().unwrap();
        assert_eq!(report.request_id, id);
        assert!(report.duration > Duration::ZERO);
        assert_eq!(report.init_duration.is_some(), is_first);
    }
}

/// Runs an emulator that cannot open more files until it has read a line, and for a second more. Then it prints for how
/// many milliseconds of that second it was working, or would have been on an idle machine.
#[cfg(target_os = "linux")]
#[test]
#[ignore = "the crowded emulator of the next test"]
fn crowded() {
    use std::fs::{File, read_dir};
    use std::io::stdin;
    use std::os::unix::fs::FileExt;

    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let emulator = Emulator::start(Configuration::new("a::b")).await.expect("it listens");
        let limit = getrlimit(Resource::Nofile);
        setrlimit(Resource::Nofile, Rlimit { current: Some(64), ..limit }).expect("it can be lowered");
        let threads = read_dir("/proc/self/task").expect("it can be read").flatten();
        let threads: Vec<_> = threads.filter_map(|thread| File::open(thread.path().join("schedstat")).ok()).collect();
        // The first two numbers of each are nanoseconds: of work, and of waiting for a processor.
        let at_work = || -> u64 {
            let times = threads.iter().flat_map(|thread| {
                let mut text = [0; 100];
                let length = thread.read_at(&mut text, 0).expect("it can be read");
                let text = String::from_utf8_lossy(&text[..length]).into_owned();
                text.split_whitespace().take(2).filter_map(|number| number.parse::<u64>().ok()).collect::<Vec<_>>()
            });
            times.sum::<u64>() / 1_000_000
        };
        let files: Vec<_> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
        println!("\nlistening at {}", emulator.address());
        let line = spawn_blocking(|| stdin().read_line(&mut String::new())).await.expect("no panic");
        line.expect("a line");
        let before = at_work();
        tokio::time::sleep(Duration::from_secs(1)).await;
        let spent = at_work() - before;
        drop(files);
        println!("\nspent {spent}");
        spawn_blocking(|| stdin().read_line(&mut String::new())).await.expect("no panic").expect("an end");
    });
}

#[cfg(target_os = "linux")]
#[test]
fn the_emulator_rests_while_too_many_files_are_open() {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::TcpStream;
    use std::process::{Command, Stdio};

    let mut crowded = Command::new(std::env::current_exe().unwrap());
    crowded.args(["crowded", "--exact", "--ignored", "--nocapture"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut crowded = crowded.spawn().expect("it can be run");
    let (mut input, output) = (crowded.stdin.take().expect("a pipe"), crowded.stdout.take().expect("a pipe"));
    let mut lines = BufReader::new(output).lines().map_while(Result::ok);
    let mut after = |start: &str| lines.find_map(|line| Some(line.strip_prefix(start)?.to_owned())).expect(start);
    let mut stream = TcpStream::connect(after("listening at ")).expect("the system takes connections in");
    input.write_all(b"begin\n").expect("it reads");
    let spent: u64 = after("spent ").parse().expect("a number");
    assert!(spent < 800, "{spent} ms of 1000");

    // The waiting connection is served.
    let request = format!("GET {RUNTIME}/nothing HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it is answered");
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    drop(input);
    assert!(crowded.wait().expect("it ends").success());
}
