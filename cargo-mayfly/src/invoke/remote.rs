//! Invokes a function on a server with Lambda's Invoke API, such as `cargo mayfly dev`.

use anyhow::{Context, Result, anyhow, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cargo_mayfly::emulator::ErrorReport;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use ureq::Agent;
use ureq::http::{HeaderMap, Response};

use crate::invoke::result::InvokeResult;
use crate::lambda::limits::MAX_PAYLOAD;
use crate::opts;

/// Sends the event and reads the response.
pub(super) fn run(options: &opts::Invoke, url: &str, event: &[u8]) -> Result<InvokeResult> {
    if !url.to_ascii_lowercase().starts_with("http://") {
        bail!("--url is `{url}`, but must begin with http://");
    }
    let (head, body) = send(options, url, event)?.into_parts();
    if !head.status.is_success() {
        bail!("{url} answered {}: {}", head.status, why(&head.headers, &body));
    }
    let logs = header(&head.headers, "x-amz-log-result").and_then(|logs| STANDARD.decode(logs).ok());
    let logs = logs.map(|logs| String::from_utf8_lossy(&logs).lines().map(str::to_owned).collect());
    let logs: Vec<_> = logs.unwrap_or_default();
    if !options.json {
        for line in &logs {
            eprintln!("{line}");
        }
    }
    let error = header(&head.headers, "x-amz-function-error").map(|kind| error(kind, &body));
    let reply = error.is_none().then(|| body.into());
    Ok(InvokeResult { reply, error, report: None, logs })
}

fn send(options: &opts::Invoke, url: &str, event: &[u8]) -> Result<Response<Vec<u8>>> {
    let agent: Agent = Agent::config_builder().http_status_as_error(false).max_redirects(0).proxy(None).build().into();
    let name = utf8_percent_encode(&options.handler, NON_ALPHANUMERIC);
    let path = format!("{}/2015-03-31/functions/{name}/invocations", url.trim_end_matches('/'));
    let mut request = agent.post(path).header("content-type", "application/json").header("x-amz-log-type", "Tail");
    if let Some(context) = &options.client_context {
        request = request.header("x-amz-client-context", STANDARD.encode(context));
    }
    if let Some(tenant) = &options.tenant_id {
        request = request.header("x-amz-tenant-id", tenant);
    }
    let response = request.send(event).map_err(|error| match error {
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => anyhow!("nothing can be sent to {url}: {error}"),
        _ => anyhow!("{url} does not answer; is `cargo mayfly dev` running?: {error}"),
    })?;
    let (head, mut body) = response.into_parts();
    // No reply is larger than MAX_PAYLOAD, but an error of the server itself may be.
    let body = body.with_config().limit(2 * MAX_PAYLOAD as u64).read_to_vec();
    Ok(Response::from_parts(head, body.with_context(|| format!("the response of {url} is incomplete"))?))
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
