//! The cases of a request, on each source where they apply.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::echoed;
use crate::events::{
    alb, alb_multi_value, function_url, http_api, lattice, of_every_source, requests_for_x, rest_api, websocket,
};

/// The target that the service gets.
fn target(event: &Value) -> String {
    let (status, request) = echoed(event);
    assert_eq!(status, 200, "{event}: {request}");
    request["target"].as_str().expect("a request has a target").to_owned()
}

fn header(request: &Value, name: &str) -> Vec<String> {
    let all = request["headers"].as_array().expect("a request has headers");
    let named = all.iter().filter(|header| header[0] == name);
    named.map(|header| header[1].as_str().expect("a value is text").to_owned()).collect()
}

fn body(request: &Value) -> Vec<u8> {
    BASE64_STANDARD.decode(request["body"].as_str().expect("a request has a body")).expect("it is base64")
}

fn with(mut event: Value, changes: &[(&str, Value)]) -> Value {
    for (pointer, value) in changes {
        match event.pointer_mut(pointer) {
            Some(member) => *member = value.clone(),
            None => {
                let (parent, name) = pointer.rsplit_once('/').expect("a pointer begins with a slash");
                event.pointer_mut(parent).expect("the parent is there")[name] = value.clone();
            }
        }
    }
    event
}

/// The member of an event that holds headers with all values, or none.
fn put_headers(event: &Value, headers: &[(&str, &[&str])]) -> Value {
    let mut event = event.clone();
    let all: Value = headers
        .iter()
        .map(|(name, values)| ((*name).to_owned(), json!(values)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let last: Value = headers
        .iter()
        .map(|(name, values)| ((*name).to_owned(), json!(values.last())))
        .collect::<serde_json::Map<_, _>>()
        .into();
    if event.get("multiValueHeaders").is_some() {
        event["multiValueHeaders"] = all;
        if event.get("headers").is_some() {
            event["headers"] = last;
        }
    } else if event.get("method").is_some() {
        event["headers"] = all;
    } else {
        event["headers"] = last;
    }
    event
}

#[test]
fn every_source_is_recognized_and_gets_a_plain_request_through() {
    for (source, event) in of_every_source("/orders/7") {
        let (status, request) = echoed(&event);
        assert_eq!((status, &request["source"]), (200, &source.into()));
        assert_eq!((&request["method"], &request["target"]), (&"GET".into(), &"/orders/7".into()), "{source}");
        assert_eq!(body(&request), b"", "{source}");
    }
}

/// Case 1.
#[test]
fn an_encoded_path_arrives_as_it_was_sent_and_a_decoded_one_is_encoded_once() {
    let sent = "/a%2Fb%20c%25d%3Fe%23f";
    for (source, event) in of_every_source(sent) {
        if source != "HttpApi" {
            assert_eq!(target(&event), sent, "{source}");
        }
    }
    let event = with(http_api("/a/b c%d?e#f"), &[("/rawQueryString", "q=1".into())]);
    assert_eq!(target(&event), "/a/b%20c%25d%3Fe%23f?q=1");
    let event = with(function_url(sent), &[("/rawQueryString", "q=%20".into())]);
    assert_eq!(target(&event), format!("{sent}?q=%20"));
}

/// Cases 2 and 3.
#[test]
fn no_path_is_normalized() {
    for path in ["/a/../b", "/./a", "/%2e%2e/a", "//x", "//", "/a\\b", "/a|b^c{d}\"e", "/%zz", "/a;b=c", "/*"] {
        for (source, event) in of_every_source(path) {
            let expected = if source == "HttpApi" { path.replace('%', "%25") } else { path.to_owned() };
            assert_eq!(target(&event), expected, "{source} {path}");
        }
    }
    for (source, event) in of_every_source("/größe/\u{1f600} <>`\u{7f}") {
        assert_eq!(target(&event), "/gr%C3%B6%C3%9Fe/%F0%9F%98%80%20%3C%3E%60%7F", "{source}");
    }
    for (source, event) in of_every_source("orders") {
        assert_eq!(target(&event), "/orders", "{source}");
    }
    for (source, event) in of_every_source("") {
        assert_eq!(target(&event), "/", "{source}");
    }
}

/// Case 4.
#[test]
fn a_query_that_was_sent_arrives_byte_for_byte() {
    for query in [
        "a+b",
        "a%2Bb",
        "k",
        "k=",
        "a=1&&b=2",
        "=",
        "q=%F0%9F",
        "a=b=c",
        "repeat=one&k=1&repeat=two",
        "redirect=https%3A%2F%2Fx%2F%3Fy",
    ] {
        for event in [http_api("/x"), function_url("/x")] {
            assert_eq!(target(&with(event, &[("/rawQueryString", query.into())])), format!("/x?{query}"));
        }
    }
    for event in [http_api("/x"), function_url("/x")] {
        assert_eq!(target(&with(event.clone(), &[("/rawQueryString", "".into())])), "/x");
        let odd = with(event, &[("/rawQueryString", "q=größe <\">#".into())]);
        assert_eq!(target(&odd), "/x?q=gr%C3%B6%C3%9Fe%20%3C%22%3E%23");
    }
}

/// Cases 4, 5 and 6.
#[test]
fn parameters_are_encoded_once_and_keep_the_order_of_their_values() {
    let values = json!({ "repeat": ["one", "two"], "k": [""], "p+q": ["a b&c=d%2B+\u{e9}"] });
    let event = with(rest_api("/x"), &[("/multiValueQueryStringParameters", values)]);
    assert_eq!(target(&event), "/x?k=&p%2Bq=a%20b%26c%3Dd%252B%2B%C3%A9&repeat=one&repeat=two");
    // The member with one value each says less, whichever comes first.
    let event = with(event, &[("/queryStringParameters", json!({ "repeat": "two" }))]);
    assert!(target(&event).ends_with("&repeat=one&repeat=two"));
    let event = with(
        rest_api("/x"),
        &[
            ("/queryStringParameters", json!({ "a": "1", "b": null })),
            ("/multiValueQueryStringParameters", Value::Null),
        ],
    );
    assert_eq!(target(&event), "/x?a=1");

    let redirect = json!({ "redirect": "https%3A%2F%2Fx%2F%3Fa%3D1%26b", "a+b": "c+d" });
    assert_eq!(
        target(&with(alb("/x"), &[("/queryStringParameters", redirect)])),
        "/x?a+b=c+d&redirect=https%3A%2F%2Fx%2F%3Fa%3D1%26b"
    );
    let event = with(alb_multi_value("/x"), &[("/multiValueQueryStringParameters", json!({ "k": ["1%202", "3"] }))]);
    assert_eq!(target(&event), "/x?k=1%202&k=3");
    let event = with(lattice("/x"), &[("/queryStringParameters", json!({ "k": ["1", "2 3"], "p": ["a+b", "a%2Bb"] }))]);
    assert_eq!(target(&event), "/x?k=1&k=2%203&p=a+b&p=a%2Bb");
}

/// Cases 7, 8 and 27.
#[test]
fn absent_members_are_empty_and_unknown_ones_ignored() {
    let absent = [
        "/headers",
        "/multiValueHeaders",
        "/queryStringParameters",
        "/multiValueQueryStringParameters",
        "/body",
        "/pathParameters",
        "/stageVariables",
        "/cookies",
        "/isBase64Encoded",
    ];
    for (source, event) in requests_for_x() {
        let event = with(event, &absent.map(|pointer| (pointer, Value::Null)));
        let event =
            with(event, &[("/new", json!({ "deep": [1, { "x": null }] })), ("/requestContext/new", json!([{}]))]);
        let (status, request) = echoed(&event);
        assert_eq!((status, &request["source"]), (200, &source.into()), "{request}");
        assert_eq!((&request["target"], body(&request)), (&"/x".into(), Vec::new()), "{source}");
        assert_eq!(header(&request, "host"), [""; 0], "{source}");
    }
}

/// Case 7, as a proxy that knows the other mode of the source writes it.
#[test]
fn an_empty_member_with_all_values_does_not_hide_the_member_with_one_value_each() {
    let one = [("/headers", json!({ "Host": "example.com" })), ("/queryStringParameters", json!({ "k": "1" }))];
    let all = [("/multiValueHeaders", json!({})), ("/multiValueQueryStringParameters", json!({}))];
    for event in [rest_api("/x"), alb("/x"), websocket("$connect", "CONNECT")] {
        for event in [with(with(event.clone(), &one), &all), with(with(event, &all), &one)] {
            let (_, request) = echoed(&event);
            assert!(request["target"].as_str().is_some_and(|target| target.ends_with("?k=1")), "{event}: {request}");
            assert_eq!(header(&request, "host"), ["example.com"], "{event}");
        }
    }
}

/// Case 9.
#[test]
fn an_odd_host_is_a_header_like_any_other() {
    for host in ["EXAMPLE.com:8080", "a b", "x#y", "", "[::1]:9000", "größe"] {
        for (source, event) in requests_for_x() {
            let (status, request) = echoed(&put_headers(&event, &[("Host", &[host])]));
            assert_eq!((status, &request["target"]), (200, &"/x".into()), "{source} {host}");
            assert_eq!(header(&request, "host"), [host], "{source}");
        }
    }
}

/// Case 10.
#[test]
fn a_stage_is_no_part_of_the_path() {
    for (raw, stage, expected) in [
        ("/prod/x", "prod", "/x"),
        ("/prod", "prod", "/"),
        ("/product", "prod", "/product"),
        ("/x", "prod", "/x"),
        ("/$default/x", "$default", "/$default/x"),
    ] {
        let event = with(http_api(raw), &[("/requestContext/stage", stage.into())]);
        assert_eq!(target(&event), expected, "{raw}");
    }
    assert_eq!(target(&rest_api("/prod/x")), "/prod/x", "the path of a REST API has no stage");
    let version_1 = |path| with(rest_api(path), &[("/version", "1.0".into())]);
    assert_eq!(target(&version_1("/prod/a%20b")), "/a%20b", "that of an HTTP API with payload format 1.0 has it");
    assert_eq!(target(&with(version_1("/x"), &[("/requestContext/stage", "$default".into())])), "/x");
}

/// Case 11.
#[test]
fn a_rest_api_with_a_raw_path_is_a_rest_api() {
    let (_, request) = echoed(&with(rest_api("/x"), &[("/rawPath", "/v1/x".into()), ("/version", "1.0".into())]));
    assert_eq!((&request["source"], &request["target"]), (&"RestApi".into(), &"/x".into()));
}

/// Case 12.
#[test]
fn cookies_are_one_header_without_doubles() {
    let listed = json!(["a=1", "b=2; c=3"]);
    for event in [http_api("/x"), function_url("/x")] {
        let event = with(event, &[("/cookies", listed.clone())]);
        for event in [event.clone(), with(event, &[("/headers", json!({ "cookie": "a=1; b=2; c=3" }))])] {
            assert_eq!(header(&echoed(&event).1, "cookie"), ["a=1; b=2; c=3"]);
        }
    }
    let alone = with(function_url("/x"), &[("/headers", json!({ "Cookie": "a=1" }))]);
    assert_eq!(header(&echoed(&alone).1, "cookie"), ["a=1"]);
    for (source, event) in requests_for_x() {
        let event = match source {
            "RestApi" | "Lattice" | "WebSocket" => put_headers(&event, &[("Cookie", &["a=1", "b=2", "c=3"])]),
            "Alb" if event.get("multiValueHeaders").is_some() => {
                put_headers(&event, &[("Cookie", &["a=1", "b=2; c=3"])])
            }
            _ => put_headers(&event, &[("Cookie", &["a=1; b=2; c=3"])]),
        };
        assert_eq!(header(&echoed(&event).1, "cookie"), ["a=1; b=2; c=3"], "{event}");
    }
}

/// Case 13.
#[test]
fn a_header_that_was_sent_twice_arrives_twice() {
    for (source, event) in requests_for_x() {
        let (_, request) = echoed(&put_headers(&event, &[("X-Many", &["one", "two, three"]), ("Accept", &["*/*"])]));
        let has_all = event.get("multiValueHeaders").is_some() || event.get("method").is_some();
        let expected = if has_all { vec!["one", "two, three"] } else { vec!["two, three"] };
        assert_eq!(header(&request, "x-many"), expected, "{source}");
        assert_eq!(header(&request, "accept"), ["*/*"], "{source}");
    }
}

/// Case 21.
#[test]
fn a_body_is_text_or_base64_and_nothing_else() {
    for (source, event) in requests_for_x() {
        let sent = |body: Value, is_base64: bool| {
            echoed(&with(event.clone(), &[("/body", body), ("/isBase64Encoded", is_base64.into())]))
        };
        for (text, is_base64, expected) in [
            ("hello \"\\\n\u{e9}\u{0}", false, "hello \"\\\n\u{e9}\u{0}".as_bytes()),
            ("aGVsbG8=", true, b"hello"),
            ("AP8=", true, b"\x00\xff"),
            ("", true, b""),
            ("", false, b""),
        ] {
            let (status, request) = sent(text.into(), is_base64);
            assert_eq!((status, &*body(&request)), (200, expected), "{source}");
        }
        for broken in ["a", "aGVsbG8", "aGV$bG8=", "é"] {
            let (status, sentence) = sent(broken.into(), true);
            assert_eq!(status, 400, "{source} {broken}");
            assert_eq!(sentence, "the body is not the base64 that it is said to be");
        }
    }
}

#[test]
fn a_request_that_http_does_not_allow_is_refused_with_a_sentence() {
    for (source, event) in requests_for_x() {
        for headers in [("a b", "x"), ("", "x"), ("x", "a\u{0}b"), ("x", "a\nb")] {
            let (status, sentence) = echoed(&put_headers(&event, &[(headers.0, &[headers.1])]));
            assert_eq!(status, 400, "{source} {headers:?}: {sentence}");
            assert!(sentence.as_str().is_some_and(|sentence| sentence.starts_with("a header has")), "{sentence}");
        }
        let long = with(
            event,
            &[
                ("/path", format!("/{}", "x".repeat(65_534)).into()),
                ("/rawPath", format!("/{}", "x".repeat(65_534)).into()),
                ("/requestContext/routeKey", "x".repeat(65_534).into()),
            ],
        );
        assert_eq!(echoed(&long).0, 414, "{source}");
    }
    for method in ["", "GET POST", "G\u{e9}T"] {
        let event = with(http_api("/x"), &[("/requestContext/http/method", method.into())]);
        assert_eq!(echoed(&event).0, 400, "{method}");
    }
    let many: serde_json::Map<_, _> = (0..30_000).map(|number| (format!("x-{number}"), json!("y"))).collect();
    assert_eq!(echoed(&with(http_api("/x"), &[("/headers", many.into())])).0, 431);
}

/// Case 24.
#[test]
fn a_websocket_event_is_a_request_for_its_route_key() {
    for (route_key, event_type, method, expected) in [
        ("$connect", "CONNECT", "GET", "/$connect"),
        ("$disconnect", "DISCONNECT", "POST", "/$disconnect"),
        ("$default", "MESSAGE", "POST", "/$default"),
        ("send message?", "MESSAGE", "POST", "/send%20message%3F"),
    ] {
        let event =
            with(websocket(route_key, event_type), &[("/body", "hello".into()), ("/isBase64Encoded", false.into())]);
        let (status, request) = echoed(&event);
        assert_eq!((status, &request["source"]), (200, &"WebSocket".into()));
        assert_eq!((&request["method"], &request["target"]), (&method.into(), &expected.into()));
        assert_eq!(body(&request), b"hello");
    }
    let query = json!({ "token": ["a b", "c+d"] });
    let event = with(websocket("$connect", "CONNECT"), &[("/multiValueQueryStringParameters", query)]);
    assert_eq!(target(&event), "/$connect?token=a%20b&token=c%2Bd");
}

/// Case 30.
#[test]
fn an_event_that_is_no_request_is_an_error_that_says_what_is_missing() {
    for (event, words) in [
        (json!({}), "it has no `requestContext`"),
        (
            json!({ "source": "aws.events", "detail-type": "Scheduled Event", "detail": {} }),
            "it has no `requestContext`",
        ),
        (json!({ "requestContext": null, "httpMethod": "GET" }), "it has no `requestContext`"),
        (json!({ "requestContext": {} }), "it has none of `http` (HTTP APIs and function URLs)"),
        (json!({ "requestContext": { "stage": "prod" } }), "`stage` beside a `httpMethod`"),
        (json!({ "requestContext": [] }), "at `$.requestContext`: invalid type: sequence"),
        (json!({ "requestContext": {}, "headers": "x" }), "at `$.headers`: invalid type: string"),
        (json!([]), "invalid type: sequence, expected an HTTP event"),
        (json!(7), "invalid type: integer `7`, expected an HTTP event"),
    ] {
        let failure = mayfly::testing::invoke("echo").event(&event).run().expect_err("it is no request");
        assert_eq!(failure.error_type(), "Runtime.InvalidEvent", "{event}");
        assert!(failure.message().contains(words), "{event}: {}", failure.message());
    }
    for bytes in [&b"{\"a\":"[..], b"", b"{\"\xff\":1}", b"{} x"] {
        let failure = mayfly::testing::invoke("echo").payload(bytes).run().expect_err("it is no request");
        assert_eq!(failure.error_type(), "Runtime.InvalidEvent");
    }
}
