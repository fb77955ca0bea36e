//! Properties of HTTP: any bytes are a request, a refusal or an error; any response is read back as it was.

use std::sync::{Arc, LazyLock};

use http::header::{CONTENT_LENGTH, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

use super::gateway::Via;
use super::response::text;
use super::rules::Rules;
use super::{alb, function_url, http_api, lattice, request, response, rest_api, websocket};
use crate::env::Function;
use crate::invocation::argument::Invocation;
use crate::invocation::state::Store;
use crate::runtime_api;

/// Reads any payload as an HTTP event.
///
/// # Panics
/// If a property does not hold.
pub fn http_event(payload: &[u8]) {
    static STATES: LazyLock<Store> = LazyLock::new(Store::default);
    let head = runtime_api::response::Response::default();
    let function = Arc::<Function>::default();
    let invocation = Invocation { headers: head.headers(), payload, store: &STATES, function: &function };
    match request::read(&invocation, &STATES) {
        Err(error) => assert_eq!(error.name(), "Runtime.InvalidEvent"),
        Ok((_, Err(refusal))) => assert!(matches!(refusal.status, 400 | 414 | 431), "{refusal:?}"),
        Ok((_, Ok(request))) => {
            let target = request.uri().path_and_query().expect("every request has a target");
            assert!(target.as_str().starts_with('/'), "{target}");
            assert!(request.uri().host().is_none(), "{}", request.uri());
        }
    }
}

/// Writes a response for a source and reads it as the source does. The bytes are the number of the source, that of the
/// status, lines `name: value` up to an empty one, and the body.
///
/// # Panics
/// If a property does not hold.
pub fn http_response(bytes: &[u8]) {
    let [source, status, rest @ ..] = bytes else { return };
    let via = Via::ALL[usize::from(*source) % Via::ALL.len()];
    let (mut made, mut rest) = (Response::new(()), rest);
    *made.status_mut() = StatusCode::from_u16(200 + u16::from(*status)).expect("it is a status");
    while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
        let (line, after) = (&rest[..end], &rest[end + 1..]);
        rest = after;
        let Some(colon) = line.iter().position(|&byte| byte == b':') else { break };
        let header = HeaderName::from_bytes(&line[..colon]).ok();
        if let Some((name, value)) = header.zip(HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok())
            && made.headers_mut().try_append(name, value).is_err()
        {
            return; // more than a map holds
        }
    }
    let mut reply = Vec::new();
    let (parts, ()) = made.clone().into_parts();
    response::write(&mut reply, rules(via), false, parts, rest);
    let read = via.response(&reply).unwrap_or_else(|why| panic!("{via:?}: {why}"));
    assert_eq!(read.status(), made.status());
    let has_body = !matches!(made.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    assert_eq!(&read.body()[..], if has_body { rest } else { b"" });
    for name in made.headers().keys().filter(|&name| name != CONTENT_LENGTH) {
        let (sent, arrived) = (values(made.headers(), name), values(read.headers(), name));
        if name == SET_COOKIE {
            let expected = if via == Via::Lattice { sent[..1].to_vec() } else { sorted(sent) };
            assert_eq!(sorted(arrived), expected, "{via:?}");
        } else {
            assert_eq!(arrived.join(", "), sent.join(", "), "{via:?} {name}");
        }
    }
}

fn rules(via: Via) -> &'static Rules {
    match via {
        Via::HttpApi => &http_api::RULES,
        Via::RestApi => &rest_api::RULES,
        Via::FunctionUrl => &function_url::RULES,
        Via::Alb => &alb::ONE_VALUE,
        Via::AlbMultiValue => &alb::ALL_VALUES,
        Via::Lattice => &lattice::RULES,
        Via::WebSocket => &websocket::RULES,
    }
}

fn values(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    headers.get_all(name).iter().map(|value| text(value).into_owned()).collect()
}

fn sorted(mut values: Vec<String>) -> Vec<String> {
    values.sort();
    values
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_event_is_a_request_a_refusal_or_an_error(
            path in "[ -~\u{e9}]{0,12}", query in "[ -~\u{e9}]{0,12}", rest in vec(any::<u8>(), 0..40),
        ) {
            http_event(&rest);
            let event = serde_json::json!({
                "rawPath": path, "rawQueryString": query, "requestContext": { "http": { "method": "GET" }, "stage": "x" },
            });
            http_event(event.to_string().as_bytes());
        }

        #[test]
        fn any_response_is_read_back(
            source in any::<u8>(), status in any::<u8>(),
            headers in vec(("[a-z-]{1,6}|set-cookie|content-encoding", vec(any::<u8>(), 0..8)), 0..6),
            body in vec(any::<u8>(), 0..40),
        ) {
            let lines = headers.iter().map(|(name, value)| [name.as_bytes(), b":", value, b"\n"].concat());
            http_response(&[&[source, status][..], &lines.collect::<Vec<_>>().concat(), b"\n", &body].concat());
        }
    }

    /// A `HeaderMap` holds 24,576 names. The last member comes when it is nearly full.
    #[test]
    fn an_event_with_about_as_many_headers_as_a_map_holds_is_no_panic() {
        for count in 24_560..24_580 {
            let names: Vec<_> = (0..count).map(|number| format!("\"x-{number}\":\"\"")).collect();
            let headers = format!("\"headers\":{{{}}}", names.join(","));
            let context = "\"requestContext\":{\"http\":{\"method\":\"GET\"}}";
            for more in ["\"headers\":{\"y\":\"\"}", "\"cookies\":[\"a=b\"]", "\"multiValueHeaders\":{\"y\":[\"\"]}"] {
                http_event(format!("{{{context},{headers},{more}}}").as_bytes());
            }
        }
    }

    #[test]
    fn a_reply_with_more_headers_than_a_map_holds_is_an_error() {
        let names: Vec<_> = (0..24_577).map(|number| format!("\"x-{number}\":\"\"")).collect();
        let reply = format!("{{\"statusCode\":200,\"headers\":{{{}}}}}", names.join(","));
        assert_eq!(Via::FunctionUrl.response(reply.as_bytes()).unwrap_err(), "the reply has too many headers");
    }
}
