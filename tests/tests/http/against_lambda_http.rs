//! The same application and the same events on `lambda_http` and on Mayfly: each loss that `docs/migrating.md` lists.
//!
//! A test asserts what both do. One that fails after an update of `lambda_http` means that its line of the table has to
//! go.

use std::any::Any;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Uri};
use http_body::Frame;
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, LambdaEvent, Service};
use serde_json::{Value, json};

use crate::events::{alb, alb_multi_value, function_url, http_api, lattice, rest_api, websocket};

const COOKIES: &str = "/twice/set-cookie";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\xff";

/// The application that both run. A path without a route is answered with the request.
#[mayfly::service(name = "application")]
fn application() -> Router {
    Router::new()
        .route("/twice/{header}", any(async |Path(name): Path<String>| with(&name, &[b"a=1", b"b=2"])))
        .route("/latin-1-header", any(async || with("x-name", &[b"caf\xe9"])))
        .route("/png", any(async || Response::new(Body::from(PNG))))
        .route("/bytes", any(async || ([(CONTENT_TYPE, "text/plain")], b"caf\xe9")))
        .route("/latin-1", any(async || ([(CONTENT_TYPE, "text/html; charset=iso-8859-1")], b"caf\xe9")))
        .route("/broken", any(async || Body::new(Broken)))
        .fallback(described)
}

fn with(name: &str, values: &[&[u8]]) -> Response {
    let mut response = "text".into_response();
    for value in values {
        let name: HeaderName = name.parse().expect("it is a name");
        response.headers_mut().append(name, HeaderValue::from_bytes(value).expect("it is a value"));
    }
    response
}

async fn described(request: Request) -> String {
    json!({ "uri": request.uri().to_string(), "headers": crate::headers(request.headers()) }).to_string()
}

/// A body that fails.
struct Broken;

impl http_body::Body for Broken {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(Some(Err(io::Error::other("the disk is gone"))))
    }
}

/// Returns the reply of `lambda_http`, or the message of its error or panic.
fn theirs(event: &Value) -> Result<Value, String> {
    let text = completed(event).to_string();
    let run = move || {
        let payload: LambdaRequest = serde_json::from_str(&text).expect("lambda_http reads the event");
        let event = LambdaEvent::new(payload, lambda_http::Context::default());
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("tokio runs");
        let Ok(reply) = runtime.block_on(Adapter::from(application()).call(event));
        serde_json::to_value(&reply).map_err(|error| error.to_string())
    };
    // A thread of its own, where a panic ends nothing else.
    thread::spawn(run).join().unwrap_or_else(|panic| Err(format!("panic: {}", message(&*panic))))
}

/// Adds the members that the types of `lambda_http` require.
fn completed(event: &Value) -> Value {
    let mut event = event.clone();
    let context = &mut event["requestContext"];
    if context.get("stage").is_some() && context.get("http").is_none() && context.get("eventType").is_none() {
        context["httpMethod"] = "GET".into();
    }
    if context.get("eventType").is_some() {
        context["connectedAt"] = 1.into();
        context["requestTimeEpoch"] = 1.into();
    }
    if context.get("serviceArn").is_some() {
        for name in ["targetGroupArn", "region", "timeEpoch"] {
            context[name] = "1".into();
        }
    }
    event
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied()).unwrap_or_default().to_owned()
}

/// Returns the reply of Mayfly, or the message of its error.
fn ours(event: &Value) -> Result<Value, String> {
    let outcome = mayfly::testing::invoke("application").event(completed(event)).run();
    outcome.map(|reply| reply.json()).map_err(|failure| failure.message())
}

/// Returns the request as the application sees it on `lambda_http` and on Mayfly.
fn requests(event: &Value) -> [Value; 2] {
    [theirs(event), ours(event)].map(|reply| {
        let reply = reply.expect("the application answers");
        serde_json::from_str(reply["body"].as_str().expect("it answers text")).expect("it answers with the request")
    })
}

/// Returns path and query as the application sees them on `lambda_http` and on Mayfly.
fn targets(event: &Value) -> [String; 2] {
    requests(event).map(|request| {
        let uri: Uri = request["uri"].as_str().expect("a request has a URI").parse().expect("it is one");
        uri.path_and_query().expect("it has a path").to_string()
    })
}

/// Returns the values of a header of the request on `lambda_http` and on Mayfly.
fn headers(event: &Value, name: &str) -> [Vec<String>; 2] {
    requests(event).map(|request| {
        let all = request["headers"].as_array().expect("a request has headers");
        let named = all.iter().filter(|header| header[0] == name);
        named.map(|header| header[1].as_str().expect("a value is text").to_owned()).collect()
    })
}

fn with_host(mut event: Value, host: &str) -> Value {
    event["headers"] = json!({ "host": host });
    event
}

#[test]
fn of_a_repeated_request_header_the_last_value_is_left() {
    for mut event in [rest_api("/x"), websocket("$connect", "CONNECT")] {
        event["headers"] = json!({ "X-Many": "two" });
        event["multiValueHeaders"] = json!({ "X-Many": ["one", "two"] });
        assert_eq!(headers(&event, "x-many"), [vec!["two"], vec!["one", "two"]], "{event}");
    }
}

#[test]
fn of_a_repeated_response_header_the_first_value_is_left() {
    for name in ["vary", "link", "www-authenticate"] {
        let path = format!("/twice/{name}");
        for event in [http_api(&path), function_url(&path), alb(&path), lattice(&path)] {
            assert_eq!(theirs(&event).unwrap()["headers"][name], "a=1", "{event}");
            assert_eq!(ours(&event).unwrap()["headers"][name], "a=1, b=2", "{event}");
        }
    }
}

#[test]
fn of_two_cookies_the_first_is_left_behind_a_load_balancer() {
    let (theirs, ours) = (theirs(&alb(COOKIES)).unwrap(), ours(&alb(COOKIES)).unwrap());
    let cookies = |reply: &Value| {
        let headers = reply["headers"].as_object().expect("a reply has headers").clone();
        let mut cookies: Vec<_> =
            headers.into_iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")).collect();
        cookies.sort_by_key(|(_, value)| value.to_string());
        cookies.into_iter().map(|(_, value)| value).collect::<Vec<_>>()
    };
    assert_eq!(cookies(&theirs), ["a=1"]);
    assert_eq!(cookies(&ours), ["a=1", "b=2"]);
}

/// No reply to Lattice can have two: Mayfly logs a warning.
#[test]
fn of_two_cookies_the_first_is_left_on_lattice_by_both() {
    for reply in [theirs(&lattice(COOKIES)), ours(&lattice(COOKIES))] {
        assert_eq!(reply.unwrap()["headers"]["set-cookie"], "a=1");
    }
}

#[test]
fn dots_and_backslashes_of_a_path_are_resolved() {
    for (path, theirs) in [("/a/../b", "/b"), ("/%2e%2e/b", "/b"), ("/a/./b", "/a/b"), ("/a\\b", "/a/b")] {
        for event in [rest_api(path), function_url(path), alb(path), alb_multi_value(path), lattice(path)] {
            let mut event = event;
            event["requestContext"]["stage"] = Value::from("$default");
            assert_eq!(targets(&event), [theirs, path], "{event}");
        }
    }
}

#[test]
fn a_decoded_sign_in_the_path_of_an_http_api_cuts_the_path_off() {
    for (path, theirs, ours) in
        [("/a#b", "/a", "/a%23b?q=1"), ("/a?b", "/a?b?q=1", "/a%3Fb?q=1"), ("/a%2e", "/a%2e?q=1", "/a%252e?q=1")]
    {
        let mut event = with_host(http_api(path), "example.com");
        event["rawQueryString"] = "q=1".into();
        assert_eq!(targets(&event), [theirs, ours], "{path}");
    }
}

#[test]
fn the_stage_of_a_rest_api_is_put_before_the_path() {
    let event = with_host(rest_api("/x"), "id.execute-api.eu-west-1.amazonaws.com");
    assert_eq!(targets(&event), ["/prod/x", "/x"]);
    let mut event = http_api("/prod/x");
    event["requestContext"]["stage"] = "prod".into();
    assert_eq!(targets(&event), ["/prod/x", "/x"]);
}

#[test]
fn a_host_with_a_number_sign_takes_the_path_away() {
    for event in [rest_api("/x"), http_api("/x"), function_url("/x"), alb("/x"), lattice("/x")] {
        let mut event = with_host(event, "a#b");
        event["requestContext"]["stage"] = "$default".into();
        assert_eq!(targets(&event), ["/", "/x"], "{event}");
    }
}

/// The header is there on both.
#[test]
fn the_uri_has_a_host_but_for_a_load_balancer_that_sends_all_values() {
    let uri = |event: &Value| requests(event)[0]["uri"].clone();
    assert_eq!(uri(&with_host(alb("/x"), "example.com")), "https://example.com/x");
    let mut event = alb_multi_value("/x");
    event["multiValueHeaders"] = json!({ "host": ["example.com"] });
    assert_eq!(uri(&event), "/x");
    assert_eq!(headers(&event, "host"), [["example.com"], ["example.com"]]);
}

#[test]
fn bytes_without_a_content_type_and_text_that_is_not_utf_8_are_mangled() {
    for (path, lossy, base64) in
        [("/png", "\u{fffd}PNG\r\n\u{1a}\n\u{fffd}", "iVBORw0KGgr/"), ("/bytes", "caf\u{fffd}", "Y2Fm6Q==")]
    {
        for event in [rest_api(path), http_api(path), function_url(path), alb(path), lattice(path)] {
            let mut event = event;
            event["requestContext"]["stage"] = Value::from("$default");
            let (theirs, ours) = (theirs(&event).unwrap(), ours(&event).unwrap());
            assert_eq!((&theirs["body"], &theirs["isBase64Encoded"]), (&lossy.into(), &false.into()), "{event}");
            assert_eq!((&ours["body"], &ours["isBase64Encoded"]), (&base64.into(), &true.into()), "{event}");
        }
    }
}

#[test]
fn a_page_in_latin_1_is_sent_as_utf_8_under_the_name_of_latin_1() {
    let (theirs, ours) = (theirs(&http_api("/latin-1")).unwrap(), ours(&http_api("/latin-1")).unwrap());
    assert_eq!((&theirs["body"], &ours["body"]), (&"caf\u{e9}".into(), &"Y2Fm6Q==".into()));
    for reply in [theirs, ours] {
        assert_eq!(reply["headers"]["content-type"], "text/html; charset=iso-8859-1");
    }
}

#[test]
fn a_response_header_in_latin_1_fails_the_invocation() {
    let event = http_api("/latin-1-header");
    assert_eq!(theirs(&event).unwrap_err(), "incomplete utf-8 byte sequence from index 3");
    assert_eq!(ours(&event).unwrap()["headers"]["x-name"], "caf\u{e9}");
}

#[test]
fn a_body_that_is_not_base64_panics() {
    for event in [rest_api("/x"), http_api("/x"), function_url("/x"), alb("/x"), alb_multi_value("/x"), lattice("/x")] {
        let mut event = event;
        event["body"] = "a$".into();
        event["isBase64Encoded"] = true.into();
        let panic = theirs(&event).unwrap_err();
        assert!(panic.starts_with("panic: failed to decode aws base64 encoded body: "), "{panic}");
        assert_eq!(ours(&event).unwrap()["statusCode"], 400, "{event}");
    }
}

#[test]
fn a_host_that_is_none_panics() {
    for host in ["a b", "example.com:99999", "[x"] {
        for event in [rest_api("/x"), http_api("/x"), function_url("/x"), alb("/x"), lattice("/x")] {
            let event = with_host(event, host);
            let panic = theirs(&event).unwrap_err();
            assert!(panic.starts_with("panic: called `Result::unwrap()` on an `Err` value: "), "{panic}");
            assert_eq!(ours(&event).unwrap()["statusCode"], 200, "{event}");
        }
    }
}

#[test]
fn a_space_in_a_query_panics() {
    for mut event in [http_api("/x"), function_url("/x")] {
        event["rawQueryString"] = "q=a b".into();
        let panic = theirs(&event).unwrap_err();
        assert_eq!(panic, "panic: failed to build request: http::Error(InvalidUri(InvalidUriChar))");
        let reply = ours(&event).unwrap();
        assert!(reply["body"].as_str().is_some_and(|body| body.contains("/x?q=a%20b")), "{reply}");
    }
}

/// On both the invocation fails; where the binary is built with `panic = "abort"`, a panic also ends its process.
#[test]
fn a_response_body_that_fails_panics() {
    let panic = theirs(&http_api("/broken")).unwrap_err();
    assert!(panic.starts_with("panic: unable to read bytes from body: "), "{panic}");
    assert_eq!(ours(&http_api("/broken")).unwrap_err(), "the body of the response failed");
}
