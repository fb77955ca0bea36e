//! `#[mayfly::service(stream)]`: responses as HTTP streams.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use http::{Request, Response, StatusCode};
use mayfly::http::Body;
use mayfly::testing::{self, Via};
use mayfly_tests::{Delivery, Piece, Process, RuntimeApi, Streamed, routes};
use serde_json::{Value, json};

use crate::report;

/// Responds with what its path says.
#[mayfly::service(name = "streaming", stream)]
fn streaming()
-> impl tower::Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send> + Clone + Send {
    tower::service_fn(async |request: Request<Body>| {
        let (path, body) = (request.uri().path().to_owned(), request.into_body().into_bytes());
        let response = Response::builder().header("x", "a").header("x", "b").header("content-length", "5");
        let cookies = if path == "/bare" { &[][..] } else { &["c=1", "d=2"] };
        let response = cookies.iter().fold(response, |response, cookie| response.header("set-cookie", *cookie));
        let response = response.status(match &*path {
            "/empty" => 204,
            "/odd" => 999,
            _ => 200,
        });
        let body = if path == "/echo" { Body::from(body) } else { Body::from("hello") };
        Ok(response.body(body).expect("this is a response"))
    })
}

fn request(method: &str, path: &str, body: &'static str) -> Request<&'static str> {
    Request::builder().method(method).uri(path).body(body).expect("this is a request")
}

/// Returns the head of the stream and the bytes after it, as Lambda's caller gets them.
fn raw(via: Via, method: &str, path: &str) -> (Value, Vec<u8>) {
    let event = via.event(&request(method, path, "").map(Into::into));
    let chunks: Vec<_> = testing::invoke("streaming").event(event).stream().unwrap().map(Result::unwrap).collect();
    let (head, rest) = chunks.split_first().unwrap();
    let head = head.strip_suffix(&[0; 8]).unwrap();
    (serde_json::from_slice(head).unwrap(), rest.concat())
}

#[test]
fn the_head_has_the_members_that_its_source_takes() {
    let cookies = json!(["c=1", "d=2"]);
    let (head, body) = raw(Via::FunctionUrl, "GET", "/");
    let headers = json!({ "x": "a, b", "content-length": "5" });
    assert_eq!(head, json!({ "statusCode": 200, "headers": headers, "cookies": cookies }));
    assert_eq!(body, b"hello");
    let (head, body) = raw(Via::RestApi, "GET", "/");
    let headers = json!({ "x": ["a", "b"], "content-length": ["5"], "set-cookie": cookies });
    assert_eq!(head, json!({ "statusCode": 200, "multiValueHeaders": headers }));
    assert_eq!(body, b"hello");
}

#[test]
fn the_head_lists_the_cookies_even_if_there_are_none() {
    for via in [Via::FunctionUrl, Via::HttpApi] {
        let (head, body) = raw(via, "GET", "/bare");
        let headers = json!({ "x": "a, b", "content-length": "5" });
        assert_eq!(head, json!({ "statusCode": 200, "headers": headers, "cookies": [] }));
        assert_eq!(body, b"hello");
    }
    assert_eq!(raw(Via::RestApi, "GET", "/bare").0.get("cookies"), None);
}

#[test]
fn a_response_without_a_body_is_only_a_head() {
    let (head, body) = raw(Via::FunctionUrl, "HEAD", "/");
    assert_eq!((&head["headers"]["content-length"], body.as_slice()), (&json!("5"), &b""[..]));
    let (head, body) = raw(Via::FunctionUrl, "GET", "/empty");
    assert_eq!((&head["statusCode"], &head["headers"]["content-length"]), (&json!(204), &Value::Null));
    assert_eq!(body, b"");
}

#[test]
fn a_status_that_cannot_be_sent_and_a_request_that_http_does_not_allow_are_streams_too() {
    let (head, body) = raw(Via::FunctionUrl, "GET", "/odd");
    assert_eq!((&head["statusCode"], body.starts_with(b"the response has a status")), (&json!(500), true));
    let mut event = Via::FunctionUrl.event(&request("GET", "/", "").map(Into::into));
    event["requestContext"]["http"]["method"] = json!("not a method");
    let reply = testing::invoke("streaming").event(event).run().unwrap();
    assert!(reply.bytes().starts_with(b"{\"statusCode\":400,"), "{reply:?}");
    assert!(reply.bytes().ends_with(b"\0\0\0\0\0\0\0\0the method is not one that HTTP allows"), "{reply:?}");
}

#[test]
fn a_test_gets_the_response_whole_or_as_a_stream() {
    for via in Via::ALL {
        let response = testing::request("streaming", request("POST", "/echo", "hallo")).via(via).run().unwrap();
        assert_eq!((response.status(), &response.body()[..]), (StatusCode::OK, &b"hallo"[..]), "{via:?}");
        assert!(response.headers().contains_key("x"));
    }
    let response = testing::request("streaming", request("GET", "/", "")).stream().unwrap();
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
    assert_eq!(response.body().content_type(), "application/vnd.awslambda.http-integration-response");
    let chunks: Vec<_> = response.into_body().map(Result::unwrap).collect();
    assert_eq!(chunks, [b"hello"]);
}

fn start(api: &RuntimeApi, handler: &str) -> Process {
    Process::of(&routes("streamed")).handler(handler).api(api).start()
}

fn get(path: &str) -> Delivery {
    Delivery::json(&Via::FunctionUrl.event(&request("GET", path, "").map(Into::into)).to_string())
}

/// Reads the two chunks of the head.
#[track_caller]
fn head(stream: &Streamed) -> Value {
    assert_eq!(stream.header("content-type"), Some("application/vnd.awslambda.http-integration-response"));
    let head = serde_json::from_str(&stream.chunk()).expect("the head is JSON");
    assert_eq!(stream.chunk(), "\0\0\0\0\0\0\0\0");
    head
}

#[test]
fn events_arrive_one_by_one() {
    // The route alone runs behind the same service, and so is streamed as well.
    for handler in ["streamed::api", "streamed::ticks"] {
        let api = RuntimeApi::start();
        let _process = start(&api, handler);
        let stream = api.stream(&get("/ticks/3"));
        let head = head(&stream);
        assert_eq!((&head["statusCode"], &head["cookies"]), (&json!(200), &json!(["a=1", "b=2"])));
        assert_eq!(head["headers"]["content-type"], "text/event-stream");
        let mut last = Instant::now();
        for number in 0..3 {
            assert_eq!(stream.chunk(), format!("data: {number}\n\n"));
            assert!(number == 0 || last.elapsed() > Duration::from_millis(200), "{:?}", last.elapsed());
            last = Instant::now();
        }
        assert_eq!(stream.rest_of_whole(), b"");
        stream.accept();
    }
}

#[test]
fn a_body_that_fails_after_the_head_is_reported_in_trailers() {
    let api = RuntimeApi::start();
    let _process = start(&api, "streamed::api");
    for parts in [0, 2] {
        let stream = api.stream(&get(&format!("/broken/{parts}")));
        assert_eq!(head(&stream)["statusCode"], 200);
        let (chunks, end) = stream.rest();
        assert_eq!(chunks.concat(), if parts == 0 { &b""[..] } else { b"part 0part 1" });
        let (_, report) = report(&end);
        assert_eq!(report["errorMessage"], "the body of the response failed");
        assert_eq!(report["cause"]["errorMessage"], "the body broke off");
        stream.accept();
    }
}

#[test]
fn an_error_before_the_head_fails_the_invocation() {
    let api = RuntimeApi::start();
    let _process = start(&api, "streamed::api");
    assert_eq!(api.error(&get("/fail")).text("errorType"), "Refused");
    let stream = api.stream(&get("/empty"));
    assert_eq!(head(&stream)["statusCode"], 204);
    assert_eq!(stream.piece(), Piece::End(Vec::new()));
    stream.accept();
}

#[test]
fn the_registry_tells_which_responses_are_streamed() {
    for (binary, expected) in [("streamed", true), ("layered", false)] {
        let api = RuntimeApi::start();
        let exit = Process::of(&routes(binary)).api(&api).env("MAYFLY_LIST", "json").start().exit();
        let registry: Value = serde_json::from_str(&exit.out).expect("the registry is JSON");
        let handlers = registry["handlers"].as_array().expect("there are handlers");
        let http = handlers.iter().filter(|handler| handler["service"] == true || handler["pattern"].is_string());
        for handler in http {
            assert_eq!(handler["stream"] == true, expected, "{handler}");
        }
    }
}
