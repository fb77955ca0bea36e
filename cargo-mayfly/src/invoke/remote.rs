//! Invokes a function on a server with Lambda's Invoke API, such as `cargo mayfly dev`.

use anyhow::{Context, Result, anyhow, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cargo_mayfly::emulator::ErrorReport;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use ureq::http::response::Parts;
use ureq::http::{HeaderMap, Response};
use ureq::{Agent, Body};

use crate::invoke::remote_stream::{self, StreamResponse};
use crate::invoke::result::InvokeResult;
use crate::lambda::event_stream;
use crate::lambda::limits::MAX_PAYLOAD;
use crate::opts;

/// The paths of the two operations: the parts before and after the function's name.
const INVOKE: [&str; 2] = ["/2015-03-31/functions/", "/invocations"];
const STREAM: [&str; 2] = ["/2021-11-15/functions/", "/response-streaming-invocations"];

/// Sends the event and reads the response. A streamed reply is printed while it arrives, unless the server cannot
/// stream.
pub(super) fn run(options: &opts::Invoke, url: &str, event: &[u8]) -> Result<InvokeResult> {
    if !url.to_ascii_lowercase().starts_with("http://") {
        bail!("--url is `{url}`, but must begin with http://");
    }
    if !options.json
        && let Some(result) = stream(options, url, event)?
    {
        return Ok(result);
    }
    let (head, body) = whole(url, send(options, url, INVOKE, event)?)?;
    if !head.status.is_success() {
        bail!("{url} answered {}: {}", head.status, why(&head.headers, &body));
    }
    let logs = lines(header(&head.headers, "x-amz-log-result"));
    if !options.json {
        show(&logs);
    }
    let error = header(&head.headers, "x-amz-function-error").map(|kind| error(kind, &body));
    let reply = error.is_none().then(|| body.into());
    Ok(InvokeResult { reply, is_printed: false, error, report: None, logs })
}

/// Invokes with a streamed response. Returns `None` if the server does not know this operation.
fn stream(options: &opts::Invoke, url: &str, event: &[u8]) -> Result<Option<InvokeResult>> {
    let response = send(options, url, STREAM, event)?;
    if !response.status().is_success() {
        let (head, body) = whole(url, response)?;
        let exception = header(&head.headers, "x-amzn-errortype").unwrap_or_default();
        if [404, 405, 501].contains(&head.status.as_u16()) && !exception.starts_with("ResourceNotFoundException") {
            return Ok(None);
        }
        bail!("{url} answered {}: {}", head.status, why(&head.headers, &body));
    }
    let has_messages = header(response.headers(), "content-type") == Some(event_stream::CONTENT_TYPE);
    let read = remote_stream::read(response.into_body().into_reader(), has_messages, &options.request);
    let read = read.with_context(|| format!("the reply of {url} cannot be read"))?;
    let StreamResponse { reply, no_response, complete } = read;
    let logs = lines(complete.log_result.as_deref());
    show(&logs);
    let error = complete.error_code.map(|code| error(&code, complete.error_details.unwrap_or_default().as_bytes()));
    let error = error.or(no_response.map(|why| InvokeResult::no_response(&why)));
    Ok(Some(InvokeResult { is_printed: reply.is_none(), reply, error, report: None, logs }))
}

/// Decodes the end of the logs.
fn lines(encoded: Option<&str>) -> Vec<String> {
    let logs = encoded.and_then(|encoded| STANDARD.decode(encoded).ok()).unwrap_or_default();
    String::from_utf8_lossy(&logs).lines().map(str::to_owned).collect()
}

fn show(logs: &[String]) {
    for line in logs {
        eprintln!("{line}");
    }
}

fn send(options: &opts::Invoke, url: &str, operation: [&str; 2], event: &[u8]) -> Result<Response<Body>> {
    let agent: Agent = Agent::config_builder().http_status_as_error(false).max_redirects(0).proxy(None).build().into();
    let name = utf8_percent_encode(&options.handler, NON_ALPHANUMERIC);
    let path = format!("{}{}{name}{}", url.trim_end_matches('/'), operation[0], operation[1]);
    let mut request = agent.post(path).header("content-type", "application/json").header("x-amz-log-type", "Tail");
    if let Some(context) = &options.client_context {
        request = request.header("x-amz-client-context", STANDARD.encode(context));
    }
    if let Some(tenant) = &options.tenant_id {
        request = request.header("x-amz-tenant-id", tenant);
    }
    request.send(event).map_err(|error| match error {
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => anyhow!("nothing can be sent to {url}: {error}"),
        _ => anyhow!("{url} does not answer; is `cargo mayfly dev` running?: {error}"),
    })
}

/// Reads a response that is not streamed.
fn whole(url: &str, response: Response<Body>) -> Result<(Parts, Vec<u8>)> {
    let (head, mut body) = response.into_parts();
    // No reply is larger than MAX_PAYLOAD, but an error of the server itself may be.
    let body = body.with_config().limit(2 * MAX_PAYLOAD as u64).read_to_vec();
    Ok((head, body.with_context(|| format!("the response of {url} is incomplete"))?))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Reads the error of a function. A body that is not an error report becomes the message.
fn error(kind: &str, body: &[u8]) -> ErrorReport {
    serde_json::from_slice(body).unwrap_or_else(|_| ErrorReport {
        error_type: kind.to_owned(),
        error_message: String::from_utf8_lossy(body).into_owned(),
        ..ErrorReport::default()
    })
}

/// Returns why a server refused the request: AWS services name an exception in a header and explain it in the body.
fn why(headers: &HeaderMap, body: &[u8]) -> String {
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    let message = ["Message", "message"].iter().find_map(|name| json[name].as_str().map(str::to_owned));
    let message = message.unwrap_or_else(|| String::from_utf8_lossy(body).into_owned());
    match header(headers, "x-amzn-errortype") {
        Some(exception) => format!("{exception}: {message}"),
        None => message,
    }
}
