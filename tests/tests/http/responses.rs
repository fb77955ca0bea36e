//! The cases of a response, on each source where they apply.

use std::convert::Infallible;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, SET_COOKIE};
use http::{HeaderValue, Method, Request, Response};
use mayfly::http::Body;
use mayfly::testing::{self, Via};
use proptest::collection::vec;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use tower::ServiceExt;

/// A response, as the body of a request.
#[derive(Deserialize, Serialize)]
struct Wanted {
    status: u16,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    /// How often the body is repeated.
    times: usize,
}

/// Replies with the response that the request's body describes.
#[mayfly::service(name = "mirror")]
fn mirror() -> tower::util::BoxCloneService<Request<Body>, Response<Body>, Infallible> {
    tower::service_fn(|request: Request<Body>| async {
        let wanted: Wanted = serde_json::from_slice(&request.into_body().into_bytes()).expect("a response is wanted");
        let mut response = Response::new(Body::from(wanted.body.repeat(wanted.times)));
        *response.status_mut() = wanted.status.try_into().expect("it is a status");
        for (name, value) in wanted.headers {
            let name = name.parse::<http::HeaderName>().expect("it is a name");
            response.headers_mut().append(name, HeaderValue::from_bytes(&value).expect("it is a value"));
        }
        Ok(response)
    })
    .boxed_clone()
}

/// Returns a response as a source reads it.
fn mirrored(via: Via, method: Method, status: u16, headers: &[(&str, &[u8])], body: &[u8]) -> Response<Bytes> {
    let headers = headers.iter().map(|&(name, value)| (name.to_owned(), value.to_vec())).collect();
    answered(via, method, &Wanted { status, headers, body: body.to_vec(), times: 1 })
}

fn answered(via: Via, method: Method, wanted: &Wanted) -> Response<Bytes> {
    let wanted = serde_json::to_vec(wanted).expect("it is JSON");
    let request = Request::builder().method(method).uri("/").body(wanted).expect("it is a request");
    testing::request("mirror", request).via(via).run().expect("mirror does not fail")
}

/// Lists the sources, also the WebSocket API.
fn every_source() -> impl Iterator<Item = Via> {
    Via::ALL.into_iter().chain([Via::WebSocket])
}

/// Lists the values of a header.
fn values(response: &Response<Bytes>, name: &str) -> Vec<String> {
    response
        .headers()
        .get_all(name)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .collect()
}

#[test]
fn every_body_leaves_as_it_is_whatever_its_type() {
    let png = b"\x89PNG\r\n\x1a\n\x00\xff";
    for via in every_source() {
        for (content_type, coding, body) in [
            (None, None, &png[..]),
            (Some("text/plain"), None, b"caf\xe9"),
            (Some("text/html; charset=iso-8859-1"), None, b"<p>\xe9</p>"),
            (Some("application/json"), Some("gzip"), b"\x1f\x8b\x08"),
            (Some("text/plain"), Some("gzip"), b"plain, and said to be coded"),
            (Some("text/plain"), Some("identity"), b"plain"),
            (Some("image/svg+xml"), None, b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
            (Some("application/x-ndjson"), None, b"{\"a\":1}\n{\"b\":\"\\u0000\"}\n"),
            (Some("application/x-www-form-urlencoded"), None, b"a=1&b=%20"),
            (None, None, b""),
            (None, None, b"\x00\x01\x1f \"\\\x7f"),
        ] {
            let mut headers: Vec<(&str, &[u8])> = Vec::new();
            headers.extend(content_type.map(|value| ("content-type", value.as_bytes())));
            headers.extend(coding.map(|value| ("content-encoding", value.as_bytes())));
            let response = mirrored(via, Method::POST, 200, &headers, body);
            assert_eq!(response.body(), body, "{via:?} {content_type:?} {coding:?}");
            let sent =
                |name: http::HeaderName| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
            assert_eq!(sent(CONTENT_TYPE).as_deref(), content_type, "{via:?}");
            assert_eq!(sent(CONTENT_ENCODING).as_deref(), coding, "{via:?}");
        }
    }
}

/// Cases 14 and 15.
#[test]
fn no_header_of_a_response_is_lost() {
    let headers: [(&str, &[u8]); 6] = [
        ("set-cookie", b"a=1; Path=/"),
        ("set-cookie", b"b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT"),
        ("vary", b"Origin"),
        ("vary", b"Accept"),
        ("www-authenticate", b"Basic"),
        ("www-authenticate", b"Bearer"),
    ];
    for via in every_source() {
        let response = mirrored(via, Method::GET, 200, &headers, b"");
        let is_separate = matches!(via, Via::RestApi | Via::AlbMultiValue);
        let expected = if is_separate { ["Origin", "Accept"].to_vec() } else { ["Origin, Accept"].to_vec() };
        assert_eq!(values(&response, "vary"), expected, "{via:?}");
        let expected = if is_separate { ["Basic", "Bearer"].to_vec() } else { ["Basic, Bearer"].to_vec() };
        assert_eq!(values(&response, "www-authenticate"), expected, "{via:?}");
        let cookies = ["a=1; Path=/", "b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT"];
        // Two of the sources have no place for a second cookie; that is a warning.
        let expected = if matches!(via, Via::Lattice | Via::WebSocket) { &cookies[..1] } else { &cookies };
        let mut sent = values(&response, "set-cookie");
        sent.sort();
        assert_eq!(sent, expected, "{via:?}");
    }
}

/// Case 16.
#[test]
fn a_response_without_a_body_has_none() {
    for via in every_source() {
        for (method, status) in [(Method::HEAD, 200), (Method::GET, 204), (Method::POST, 304)] {
            if method == Method::HEAD && via == Via::WebSocket {
                continue; // it has no methods
            }
            let response = mirrored(via, method.clone(), status, &[("content-length", b"7")], b"dropped");
            assert_eq!((response.status().as_u16(), &response.body()[..]), (status, &b""[..]), "{via:?} {method}");
            let length = response.headers().get(CONTENT_LENGTH).map(HeaderValue::as_bytes);
            assert_eq!(length, (method == Method::HEAD).then_some(&b"7"[..]), "{via:?} {method}");
        }
        for status in [100, 199, 600, 999] {
            let response = mirrored(via, Method::GET, status, &[], b"never sent");
            assert_eq!(
                (response.status(), &response.body()[..]),
                (500.try_into().unwrap(), &b"the response has a status that cannot be sent"[..]),
                "{via:?}"
            );
        }
        for (length, is_kept) in [("2", true), ("3", false)] {
            let response = mirrored(via, Method::GET, 200, &[("content-length", length.as_bytes())], b"ab");
            assert_eq!(response.headers().contains_key(CONTENT_LENGTH), is_kept, "{via:?} {length}");
        }
    }
}

/// Case 22.
#[test]
fn a_header_that_is_not_utf_8_leaves_as_latin_1() {
    for via in every_source() {
        let response = mirrored(via, Method::GET, 200, &[("a", "é".as_bytes()), ("b", b"\xe9"), ("c", b"\t\xff")], b"");
        assert_eq!(["a", "b", "c"].map(|name| values(&response, name).join("")), ["é", "é", "\t\u{ff}"], "{via:?}");
    }
}

/// Case 23.
#[test]
fn a_reply_over_the_limit_is_a_500_reply() {
    for via in every_source() {
        let limit = if matches!(via, Via::Alb | Via::AlbMultiValue) { 1 << 20 } else { 6_291_556 };
        for (length, status) in [(limit - 1_000, 200), (limit, 500)] {
            let wanted = Wanted { status: 200, headers: Vec::new(), body: b"x".to_vec(), times: length };
            let response = answered(via, Method::POST, &wanted);
            assert_eq!(response.status().as_u16(), status, "{via:?} {length}");
            if status == 500 {
                assert_eq!(&response.body()[..], b"the response is too large");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_response_is_read_back_as_it_was_made(
        status in 200..600_u16,
        texts in vec("[!-~][ -~]{0,20}[!-~]", 0..4),
        cookie in proptest::option::of("[a-z]=[!-~]{0,10}"),
        body in vec(any::<u8>(), 0..200),
    ) {
        prop_assume!(status != 204 && status != 304);
        let mut headers: Vec<(&str, &[u8])> = texts.iter().map(|text| ("many", text.as_bytes())).collect();
        headers.extend(cookie.iter().map(|cookie| ("set-cookie", cookie.as_bytes())));
        for via in every_source() {
            let response = mirrored(via, Method::POST, status, &headers, &body);
            prop_assert_eq!(response.status().as_u16(), status);
            prop_assert_eq!(&response.body()[..], &body[..]);
            prop_assert_eq!(values(&response, "many").join(", "), texts.join(", "));
            prop_assert_eq!(response.headers().contains_key(SET_COOKIE), cookie.is_some());
        }
    }
}
