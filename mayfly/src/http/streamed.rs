//! A response becomes an HTTP stream, in a service whose responses are streamed.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/response-streaming-tutorial.html>

use std::io::Write;

use http::StatusCode;
use http::header::SET_COOKIE;
use http::response::Parts;

use super::json::JsonText;
use super::payload::Payload;
use super::response::{correct_length, refused_status};
use super::rules::Rules;
use super::source::Kind;
use crate::driver::Driver;
use crate::error::Error;
use crate::runtime_api::outgoing::Outgoing;
use crate::stream::pull::pull;
use crate::stream::reply::{Source, Stream};
use crate::stream::writer::Writer;

/// The content type by which Lambda knows an HTTP stream: its head is JSON.
pub(crate) const CONTENT_TYPE: &str = "application/vnd.awslambda.http-integration-response";

/// Puts a response into `outgoing`. One with a status that cannot be sent is replaced by a 500, and logged.
pub(crate) fn put(outgoing: &mut Outgoing, rules: &Rules, is_head: bool, mut parts: Parts, mut payload: Payload) {
    if let Some(sentence) = refused_status(parts.status) {
        (parts, payload) = sentence;
    }
    if is_head || matches!(parts.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        payload = Payload::default();
        correct_length(&mut parts.headers, is_head, &[], &[]);
    }
    let mut stream = Stream::new(payload).content_type(CONTENT_TYPE);
    stream.http_head = Some(head(rules, &parts));
    outgoing.body = Some(Box::new(stream));
}

/// Writes the status and the headers, in the members that the source takes. Where cookies have a member of their own, it
/// is there without any cookies, too: cargo-lambda requires it.
fn head(rules: &Rules, parts: &Parts) -> Vec<u8> {
    let mut head = Vec::new();
    let mut json = JsonText(&mut head);
    json.raw("{\"statusCode\":");
    json.raw(parts.status.as_str());
    (rules.headers)(&parts.headers, &mut json);
    if matches!(rules.kind, Kind::FunctionUrl | Kind::HttpApi) && !parts.headers.contains_key(SET_COOKIE) {
        json.key("cookies");
        json.raw("[]");
    }
    json.raw("}");
    head
}

impl Source for Payload {
    fn run(self: Box<Self>, out: &mut Writer<'_>, driver: Driver<'_>) -> Result<(), Error> {
        out.write_all(&self.bytes).map_err(|error| Error::of_display(&error))?;
        match self.frames {
            Some(mut frames) => pull(out, driver, &mut *frames),
            None => Ok(()),
        }
    }
}
