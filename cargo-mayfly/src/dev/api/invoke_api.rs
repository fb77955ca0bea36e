//! Lambda's Invoke API: serves the requests with which AWS clients invoke functions.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>,
//! <https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html>

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, ORIGIN};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use uuid::Uuid;

use crate::dev::api::caller::{Caller, INVOCATION_TYPE, InvocationType};
use crate::dev::api::function_name;
use crate::dev::api::response_stream::ResponseStream;
use crate::dev::body;
use crate::dev::fleet::execution_environment::{Invoked, VERSION};
use crate::dev::fleet::lambda::Lambda;
use crate::dev::refusal::Refusal;
use crate::dev::response_body::{self, ResponseBody};
use crate::dev::server::Served;
use crate::lambda::event_stream;

const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const EXECUTED_VERSION: HeaderName = HeaderName::from_static("x-amz-executed-version");
const FUNCTION_ERROR: HeaderName = HeaderName::from_static("x-amz-function-error");
const LOG_RESULT: HeaderName = HeaderName::from_static("x-amz-log-result");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

type HttpResponse = Response<ResponseBody>;

/// The operations of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Invoke,
    InvokeWithResponseStream,
}

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
    let (operation, name, caller) = match check(&head) {
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
        InvocationType::RequestResponse if operation == Operation::InvokeWithResponseStream => {
            let running = lambda.stream(name, target, invocation)?;
            streamed(ResponseStream::new(running, request_id, wants_logs))
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
fn check(head: &Parts) -> Result<(Operation, String, Caller), Refusal> {
    let (operation, name) = operation(head.uri.path()).ok_or_else(|| Refusal::unknown_path(head.uri.path()))?;
    if head.method != Method::POST {
        return Err(Refusal::method_not_allowed(head.method.as_str()));
    }
    // Any web page in a browser on this machine can send requests here; the browser names it in this header.
    if let Some(origin) = head.headers.get(ORIGIN) {
        return Err(Refusal::browser(&origin.as_bytes().escape_ascii().to_string()));
    }
    let caller = Caller::of(&head.headers)?;
    if operation == Operation::InvokeWithResponseStream && caller.invocation_type == InvocationType::Event {
        return Err(Refusal::invalid_parameter(INVOCATION_TYPE, "Event", "RequestResponse or DryRun"));
    }
    Ok((operation, name, caller))
}

/// Returns the operation with this path, and the name of the function.
fn operation(path: &str) -> Option<(Operation, String)> {
    let path = path.trim_end_matches('/');
    let operations = [
        (Operation::Invoke, "/2015-03-31/functions/", "/invocations"),
        (Operation::InvokeWithResponseStream, "/2021-11-15/functions/", "/response-streaming-invocations"),
    ];
    operations.into_iter().find_map(|(operation, begin, end)| {
        let name = path.strip_prefix(begin)?.strip_suffix(end)?;
        Some((operation, function_name::parse(name)?))
    })
}

/// Creates a response whose body is made while it is sent.
fn streamed(messages: ResponseStream) -> HttpResponse {
    let mut response = Response::new(messages.boxed_unsync());
    set(&mut response, CONTENT_TYPE, event_stream::CONTENT_TYPE);
    response
}

fn reply(invoked: &Invoked, request_id: &str, wants_logs: bool) -> HttpResponse {
    let mut response = with_status(StatusCode::OK, invoked.outcome.payload(request_id));
    if invoked.outcome.reply().is_none() {
        set(&mut response, FUNCTION_ERROR, "Unhandled");
    }
    if wants_logs {
        set(&mut response, LOG_RESULT, &invoked.log_result(request_id));
    }
    response
}

fn with_status(status: StatusCode, body: impl Into<Bytes>) -> HttpResponse {
    let mut response = Response::new(response_body::whole(body.into()));
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
    fn only_the_paths_of_invocations_are_known() {
        let (invoke, stream) = (Operation::Invoke, Operation::InvokeWithResponseStream);
        for (path, expected) in [
            ("/2015-03-31/functions/a%3A%3Ab/invocations", Some(invoke)),
            ("/2015-03-31/functions/a::b/invocations/", Some(invoke)),
            ("/2021-11-15/functions/a%3A%3Ab/response-streaming-invocations", Some(stream)),
            ("/2015-03-31/functions/a::b/response-streaming-invocations", None),
            ("/2021-11-15/functions/a::b/invocations", None),
            ("/", None),
            ("/2015-03-31/functions/", None),
            ("/2015-03-31/functions//invocations", None),
            ("/2015-03-31/functions/a", None),
        ] {
            assert_eq!(operation(path), expected.map(|operation| (operation, "a::b".to_owned())), "{path}");
        }
    }
}
