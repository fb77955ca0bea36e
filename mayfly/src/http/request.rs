//! An event becomes a request.

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{Method, Request};

use super::body::Body;
use super::detect;
use super::envelope::{Envelope, Refusal};
use super::rules::Rules;
use super::source::Source;
use super::target::Target;
use crate::error::Error;
use crate::invocation::argument::Invocation;
use crate::invocation::bad_event::BadEvent;
use crate::invocation::state::Store;

const BAD_METHOD: Refusal = Refusal { status: 400, sentence: "the method is not one that HTTP allows" };
const BAD_BODY: Refusal = Refusal { status: 400, sentence: "the body is not the base64 that it is said to be" };

/// Reads the event of an invocation: the rules of its source, and the request or the refusal of one that HTTP does not
/// allow. Fails with `Runtime.InvalidEvent` if it is no HTTP event.
pub(crate) fn read(
    invocation: &Invocation<'_>,
    states: &'static Store,
) -> Result<(&'static Rules, Result<Request<Body>, Refusal>), Error> {
    // The only copy of the event: header values, body and `Source` are slices of it.
    let event = Bytes::copy_from_slice(invocation.payload);
    // One check for the whole event; serde_json would check each string.
    let text = std::str::from_utf8(&event).map_err(|error| invalid(&format!("it is not UTF-8: {error}")))?;
    let envelope = Envelope::read(text, &event).or_else(|_| read_again(&event))?;
    let rules = detect::rules(&envelope).map_err(invalid)?;
    let request = request(rules, envelope, &event).map(|mut request| {
        let function = Arc::clone(invocation.function);
        let source = Source::new(rules.kind, event.clone(), invocation.headers.to_owned(), function, states);
        request.extensions_mut().insert(source);
        request
    });
    Ok((rules, request))
}

fn request(rules: &Rules, envelope: Envelope<'_>, event: &Bytes) -> Result<Request<Body>, Refusal> {
    let method = (rules.method)(&envelope).unwrap_or_default();
    let method = Method::from_bytes(method.as_bytes()).map_err(|_| BAD_METHOD)?;
    let mut target = Target::default();
    (rules.path)(&envelope, &mut target);
    (rules.query)(&envelope, &mut target);
    let Envelope { headers, body, is_base64, refusal, .. } = envelope;
    if let Some(refusal) = refusal {
        return Err(refusal);
    }
    let mut request = Request::new(read_body(body, is_base64, event)?);
    *request.uri_mut() = target.into_uri()?;
    *request.method_mut() = method;
    *request.headers_mut() = headers;
    Ok(request)
}

fn read_body(body: Option<Cow<'_, str>>, is_base64: bool, event: &Bytes) -> Result<Body, Refusal> {
    let bytes = match body {
        None => Bytes::new(),
        Some(text) if is_base64 => BASE64_STANDARD.decode(&*text).map_err(|_| BAD_BODY)?.into(),
        Some(Cow::Borrowed(text)) => event.slice_ref(text.as_bytes()),
        Some(Cow::Owned(text)) => text.into(),
    };
    Ok(bytes.into())
}

#[cold]
fn invalid(why: &str) -> Error {
    Error::runtime("Runtime.InvalidEvent", format!("the event is no HTTP request: {why}"))
}

/// Reads the event with `serde_json`, whose error names the place of the mistake.
#[cold]
fn read_again(event: &Bytes) -> Result<Envelope<'_>, Error> {
    let mut json = serde_json::Deserializer::from_slice(event);
    let envelope = Envelope::from_json(&mut json, event);
    envelope.map_err(|error| BadEvent::new(event, &error, json).to_error("an HTTP request"))
}
