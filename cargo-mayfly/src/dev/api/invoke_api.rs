//! Lambda's Invoke API: serves the requests with which AWS clients invoke functions.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, ORIGIN};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use uuid::Uuid;

use crate::dev::api::caller::{Caller, InvocationType};
use crate::dev::api::function_name;
use crate::dev::body;
use crate::dev::fleet::execution_environment::{Invoked, VERSION};
use crate::dev::fleet::lambda::Lambda;
use crate::dev::refusal::Refusal;
use crate::dev::server::Served;
use crate::lambda::limits::LOG_TAIL_BYTES;

const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const EXECUTED_VERSION: HeaderName = HeaderName::from_static("x-amz-executed-version");
const FUNCTION_ERROR: HeaderName = HeaderName::from_static("x-amz-function-error");
const LOG_RESULT: HeaderName = HeaderName::from_static("x-amz-log-result");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

type HttpResponse = Response<Full<Bytes>>;

/// Serves a request. A refused request gets a response, too.
pub(crate) async fn serve(lambda: Arc<Lambda>, request: Request<Incoming>) -> Served {
    let request_id = Uuid::new_v4().to_string();
    let mut response = invoke(&lambda, request, &request_id).await.unwrap_or_else(|refusal| {
        let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = with_status(status, refusal.to_json());
        set(&mut response, ERROR_TYPE, refusal.exception);
        if status == StatusCode::METHOD_NOT_ALLOWED {
            set(&mut response, ALLOW, "POST");
        }
        response
    });
    set(&mut response, REQUEST_ID, &request_id);
    Ok(response)
}

async fn invoke(lambda: &Arc<Lambda>, request: Request<Incoming>, request_id: &str) -> Result<HttpResponse, Refusal> {
    let (head, body) = request.into_parts();
    let (name, caller) = match check(&head) {
        Ok(checked) => checked,
        Err(refusal) => {
            body::discard(body, &head.headers).await;
            return Err(refusal);
        }
    };
    let (invocation_type, wants_logs) = (caller.invocation_type, caller.wants_logs);
    let invocation = caller.invocation(request_id.to_owned(), body).await?;
    let target = lambda.find(&name)?;
    let mut response = match invocation_type {
        InvocationType::DryRun => with_status(StatusCode::NO_CONTENT, ""),
        InvocationType::Event => {
            lambda.invoke(name, target, invocation)?;
            with_status(StatusCode::ACCEPTED, "")
        }
        InvocationType::RequestResponse => {
            let invoked = lambda.invoke(name, target, invocation)?.await.map_err(|_| Refusal::stopping())?;
            reply(&invoked, request_id, wants_logs)
        }
    };
    set(&mut response, EXECUTED_VERSION, VERSION);
    Ok(response)
}

/// Reads the head of a request, or refuses it.
fn check(head: &Parts) -> Result<(String, Caller), Refusal> {
    let name = name(head.uri.path()).ok_or_else(|| Refusal::unknown_path(head.uri.path()))?;
    if head.method != Method::POST {
        return Err(Refusal::method_not_allowed(head.method.as_str()));
    }
    // Any web page in a browser on this machine can send requests here; the browser names it in this header.
    if let Some(origin) = head.headers.get(ORIGIN) {
        return Err(Refusal::browser(&origin.as_bytes().escape_ascii().to_string()));
    }
    Ok((name, Caller::of(&head.headers)?))
}

fn name(path: &str) -> Option<String> {
    let name = path.strip_prefix("/2015-03-31/functions/")?.trim_end_matches('/').strip_suffix("/invocations")?;
    function_name::parse(name)
}

fn reply(invoked: &Invoked, request_id: &str, wants_logs: bool) -> HttpResponse {
    let mut response = with_status(StatusCode::OK, invoked.outcome.payload(request_id));
    if invoked.outcome.reply().is_none() {
        set(&mut response, FUNCTION_ERROR, "Unhandled");
    }
    if wants_logs {
        set(&mut response, LOG_RESULT, &STANDARD.encode(tail(&invoked.logs(request_id))));
    }
    response
}

/// Returns the end of the logs, in whole characters, that a response may have.
fn tail(text: &str) -> &str {
    let first = text.len().saturating_sub(LOG_TAIL_BYTES);
    let first = (first..text.len()).find(|&index| text.is_char_boundary(index)).unwrap_or(first);
    &text[first..]
}

fn with_status(status: StatusCode, body: impl Into<Bytes>) -> HttpResponse {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    set(&mut response, CONTENT_TYPE, "application/json");
    response
}

/// Sets a header, unless the value is invalid.
fn set(response: &mut HttpResponse, name: HeaderName, value: &str) {
    response.headers_mut().extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_of_the_logs_has_whole_characters() {
        assert_eq!(tail("short"), "short");
        let long = format!("{}é{}", "a".repeat(100), "b".repeat(LOG_TAIL_BYTES - 1));
        assert_eq!(tail(&long), "b".repeat(LOG_TAIL_BYTES - 1));
    }

    #[test]
    fn only_the_paths_of_invocations_are_known() {
        assert_eq!(name("/2015-03-31/functions/a%3A%3Ab/invocations").as_deref(), Some("a::b"));
        assert_eq!(name("/2015-03-31/functions/a::b/invocations/").as_deref(), Some("a::b"));
        for path in ["/", "/2015-03-31/functions/", "/2015-03-31/functions//invocations", "/2015-03-31/functions/a"] {
            assert_eq!(name(path), None, "{path}");
        }
    }
}
