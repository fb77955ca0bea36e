//! A response becomes the reply that its source takes.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, SET_COOKIE};
use http::response::Parts;
use http::{Response, StatusCode};
use log::error;

use super::json::JsonText;
use super::payload::Payload;
use super::rules::Rules;
use crate::runtime_api::outgoing::Outgoing;

/// Writes a response into the empty `out`. One that the source would not take is replaced by a 500, and logged.
pub(crate) fn write(out: &mut Vec<u8>, rules: &Rules, is_head: bool, mut parts: Parts, body: &[u8]) {
    let status = parts.status;
    if let Some((parts, payload)) = refused_status(status) {
        return write_reply(out, rules, &parts, &payload.bytes);
    }
    let is_dropped = is_head || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    let sent = if is_dropped { &[] } else { body };
    correct_length(&mut parts.headers, is_head, body, sent);
    write_reply(out, rules, &parts, sent);
    if out.len() > rules.limit {
        let (size, limit) = (out.len(), rules.limit);
        error!(
            "the reply has {size} bytes, more than the {limit} that its source takes; the caller gets 500 in its place"
        );
        let (parts, payload) = sentence(500, "the response is too large");
        write_reply(out, rules, &parts, &payload.bytes);
    }
}

/// Puts a response into the empty `outgoing`, as [`write`] does.
#[expect(clippy::needless_pass_by_value, reason = "the payload of a response that is streamed is consumed")]
pub(crate) fn put(outgoing: &mut Outgoing, rules: &Rules, is_head: bool, parts: Parts, payload: Payload) {
    write(&mut outgoing.bytes, rules, is_head, parts, &payload.bytes);
}

/// Makes a response of Mayfly's own: a status and a sentence.
#[cold]
#[inline(never)] // else its code is in the binary once for each sentence
pub(crate) fn sentence(status: u16, sentence: &'static str) -> (Parts, Payload) {
    let (mut parts, ()) = Response::new(()).into_parts();
    parts.status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    (parts, Bytes::from_static(sentence.as_bytes()).into())
}

/// Logs a status that cannot be sent. Returns the response in its place.
pub(crate) fn refused_status(status: StatusCode) -> Option<(Parts, Payload)> {
    if (200..600).contains(&status.as_u16()) {
        return None;
    }
    error!("the response has the status {status}, which cannot be sent; the caller gets 500 in its place");
    Some(sentence(500, "the response has a status that cannot be sent"))
}

/// Removes a length that is not that of the body. On HEAD it is the length of the body that GET would have, which the
/// application may have left out itself.
pub(crate) fn correct_length(headers: &mut HeaderMap, is_head: bool, body: &[u8], sent: &[u8]) {
    let Some(length) = headers.get(CONTENT_LENGTH) else { return };
    let is_of = |bytes: &[u8]| length.as_bytes() == bytes.len().to_string().as_bytes();
    let is_right = if is_head { body.is_empty() || is_of(body) } else { is_of(sent) };
    if !is_right {
        headers.remove(CONTENT_LENGTH);
    }
}

fn write_reply(out: &mut Vec<u8>, rules: &Rules, parts: &Parts, body: &[u8]) {
    out.clear();
    out.reserve(body.len() + 512);
    let mut json = JsonText(out);
    json.raw("{\"statusCode\":");
    json.raw(parts.status.as_str());
    if rules.describes_status {
        json.key("statusDescription");
        let reason = parts.status.canonical_reason().unwrap_or("Status");
        json.string(&format!("{} {reason}", parts.status.as_str()));
    }
    (rules.headers)(&parts.headers, &mut json);
    // A body is text if it is UTF-8 and nothing says that it is encoded; its content type proves nothing.
    match std::str::from_utf8(body) {
        Ok(text) if !is_encoded(&parts.headers) => {
            json.raw(",\"isBase64Encoded\":false,\"body\":");
            json.string(text);
        }
        _ => {
            json.raw(",\"isBase64Encoded\":true,\"body\":");
            json.base64(body);
        }
    }
    json.raw("}");
}

fn is_encoded(headers: &HeaderMap) -> bool {
    headers.get_all(CONTENT_ENCODING).iter().any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// Writes the member `multiValueHeaders`, which has every value of every header.
pub(crate) fn write_all_values(headers: &HeaderMap, json: &mut JsonText<'_>) {
    json.key("multiValueHeaders");
    json.raw("{");
    for name in headers.keys() {
        json.key(name.as_str());
        json.raw("[");
        for value in headers.get_all(name) {
            json.comma();
            json.string(&text(value));
        }
        json.raw("]");
    }
    json.raw("}");
}

/// Writes each header but the cookies as one member, its values joined with commas.
/// <https://www.rfc-editor.org/rfc/rfc9110#section-5.3>
pub(crate) fn write_joined(headers: &HeaderMap, json: &mut JsonText<'_>) {
    for name in headers.keys().filter(|&name| name != SET_COOKIE) {
        json.key(name.as_str());
        let mut values = headers.get_all(name).iter().map(text);
        let mut joined = values.next().unwrap_or_default();
        for value in values {
            joined.to_mut().push_str(", ");
            joined.to_mut().push_str(&value);
        }
        json.string(&joined);
    }
}

/// Reads the value of a header as UTF-8, or else as Latin-1, the encoding of HTTP's older days.
pub(crate) fn text(value: &HeaderValue) -> Cow<'_, str> {
    let bytes = value.as_bytes();
    std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().map(|&byte| char::from(byte)).collect(), Cow::Borrowed)
}
