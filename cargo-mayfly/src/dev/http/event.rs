//! The event of a request, as a function URL sends it.

use std::net::{IpAddr, SocketAddr};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use hyper::Request;
use hyper::header::{
    CONNECTION, CONTENT_LENGTH, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue, TE, TRAILER, TRANSFER_ENCODING,
    UPGRADE, USER_AGENT,
};
use mayfly::testing::Via;
use serde_json::{Value, json};

use crate::dev::trace_id;

/// The headers that concern one connection and end at the gateway.
pub(crate) const OF_THE_CONNECTION: [HeaderName; 7] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];
const TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The parts of a request that are not in its head.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connection<'a> {
    pub(crate) client: IpAddr,
    pub(crate) server: SocketAddr,
    pub(crate) request_id: &'a str,
}

/// Changes the headers of a request to those that a function URL passes on. Returns the trace id.
pub(crate) fn pass_on(request: &mut Request<Bytes>, connection: Connection<'_>) -> String {
    let length = request.body().len();
    let headers = request.headers_mut();
    let is_sent_with_a_body = headers.contains_key(CONTENT_LENGTH) || headers.contains_key(TRANSFER_ENCODING);
    for name in named_by_connection(headers).into_iter().chain(OF_THE_CONNECTION).chain([EXPECT]) {
        headers.remove(name);
    }
    if is_sent_with_a_body {
        headers.insert(CONTENT_LENGTH, length.into());
    }
    headers.values_mut().for_each(to_utf8);
    let sent = headers.get(&TRACE_ID).and_then(|id| id.to_str().ok()).filter(|id| !id.is_empty());
    let trace_id = sent.map_or_else(trace_id::new, str::to_owned);
    for (name, value) in [(FORWARDED_PROTO, "http"), (FORWARDED_PORT, &connection.server.port().to_string())] {
        headers.insert(name, value_of(value));
    }
    headers.append(FORWARDED_FOR, value_of(&connection.client.to_string()));
    headers.insert(TRACE_ID, value_of(&trace_id));
    if !headers.contains_key(HOST) {
        headers.insert(HOST, value_of(&connection.server.to_string()));
    }
    trace_id
}

/// Lists the headers that `Connection` names, which concern the connection as well (RFC 9110, section 7.6.1). The host
/// never does.
fn named_by_connection(headers: &HeaderMap) -> Vec<HeaderName> {
    let values = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let names = values.flat_map(|value| value.split(',')).filter_map(|name| name.trim().parse().ok());
    names.filter(|name| *name != HOST).collect()
}

/// Makes the event of a request.
pub(crate) fn event(request: &Request<Bytes>, connection: Connection<'_>) -> Vec<u8> {
    let mut event = Via::FunctionUrl.event(request);
    let context = &mut event["requestContext"];
    context["requestId"] = connection.request_id.into();
    context["timeEpoch"] = milliseconds().into();
    context["http"]["sourceIp"] = connection.client.to_string().into();
    context["http"]["userAgent"] = text(request.headers(), &USER_AGENT);
    event.to_string().into_bytes()
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Value {
    headers.get(name).map_or(Value::Null, |value| json!(String::from_utf8_lossy(value.as_bytes())))
}

/// Makes the value of a header from text without control characters.
fn value_of(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

/// Changes a value that is not UTF-8, and so cannot be in JSON, from Latin-1 to UTF-8.
fn to_utf8(value: &mut HeaderValue) {
    if std::str::from_utf8(value.as_bytes()).is_err() {
        let text: String = value.as_bytes().iter().map(|byte| char::from(*byte)).collect();
        *value = value_of(&text);
    }
}

fn milliseconds() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or_default()
}
