//! Serves the HTTP requests of the Runtime API and the Extensions API.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::{Request, Response, StatusCode};
use serde_json::json;
use tokio::sync::mpsc;

use crate::emulator::body::{self, Ending, Received};
use crate::emulator::delivery::Delivery;
use crate::emulator::limits::{MAX_PAYLOAD, MAX_STREAM};
use crate::emulator::machine::Machine;
use crate::emulator::outcome::{Outcome, PostedError};
use crate::emulator::rejection::Rejection;
use crate::emulator::route::Route;
use crate::emulator::service::Service;
use crate::emulator::stream::Part;

const REQUEST_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-request-id");
const INVOCATION_ID: HeaderName = HeaderName::from_static("lambda-runtime-invocation-id");
const DEADLINE_MS: HeaderName = HeaderName::from_static("lambda-runtime-deadline-ms");
const FUNCTION_ARN: HeaderName = HeaderName::from_static("lambda-runtime-invoked-function-arn");
const TRACE_ID: HeaderName = HeaderName::from_static("lambda-runtime-trace-id");
const CLIENT_CONTEXT: HeaderName = HeaderName::from_static("lambda-runtime-client-context");
const COGNITO_IDENTITY: HeaderName = HeaderName::from_static("lambda-runtime-cognito-identity");
const TENANT_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-tenant-id");
const ERROR_TYPE: HeaderName = HeaderName::from_static("lambda-runtime-function-error-type");
const ERROR_BODY: HeaderName = HeaderName::from_static("lambda-runtime-function-error-body");
const RESPONSE_MODE: HeaderName = HeaderName::from_static("lambda-runtime-function-response-mode");
const XRAY_CAUSE: HeaderName = HeaderName::from_static("lambda-runtime-function-xray-error-cause");
const EXTENSION_NAME: HeaderName = HeaderName::from_static("lambda-extension-name");
const EXTENSION_ID: HeaderName = HeaderName::from_static("lambda-extension-identifier");
const EXTENSION_EVENT_ID: HeaderName = HeaderName::from_static("lambda-extension-event-identifier");

type HttpResponse = Response<Full<Bytes>>;

/// The error that closes the connection of a stream whose caller went away.
#[derive(Debug)]
pub(crate) struct CallerGone;

impl fmt::Display for CallerGone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the caller went away")
    }
}

impl std::error::Error for CallerGone {}

/// Serves a request. A rejected request gets a response, too.
pub(crate) async fn serve(service: &Service, request: Request<Incoming>) -> Result<HttpResponse, CallerGone> {
    let rejection = match handle(service, request).await {
        Ok(response) => return response.ok_or(CallerGone),
        Err(rejection) => rejection,
    };
    let status = StatusCode::from_u16(rejection.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let response = json_response(status, rejection.to_json());
    Ok(match rejection.allowed() {
        Some(method) => with_header(response, ALLOW, method.as_str()),
        None => response,
    })
}

/// Handles a request. Returns `None` if the caller of a stream went away.
async fn handle(service: &Service, request: Request<Incoming>) -> Result<Option<HttpResponse>, Rejection> {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let not_found = || Rejection::not_found(path);
    let (method, route) = Route::of(path).ok_or_else(not_found)?;
    if matches!(route, Route::RestoreNext | Route::RestoreError) && !service.configuration.snap_start {
        return Err(not_found());
    }
    if method != head.method {
        return Err(Rejection::method_not_allowed(path, method));
    }
    let response = match route {
        Route::Response(id) => return respond(service, &id, &head.headers, body).await,
        Route::Next => service.next().await.map(|delivery| event(service, &delivery)),
        Route::Error(id) => {
            let outcome = Outcome::Error(posted_error(&head.headers, body).await?);
            service.complete(Machine::complete, &id, text(&head.headers, &INVOCATION_ID), outcome).map(|()| accepted())
        }
        Route::InitError | Route::RestoreError => {
            let error = posted_error(&head.headers, body).await?;
            service.init_error(error, route == Route::RestoreError).map(|()| accepted())
        }
        Route::RestoreNext => service.state().machine.restore().map(|()| HttpResponse::default()),
        Route::ExtensionRegister => register(service, &head.headers, body).await,
        Route::ExtensionNext => {
            let id = text(&head.headers, &EXTENSION_ID).unwrap_or_default();
            service.extension_next(id).await.map(|delivery| invoke_event(service, &delivery))
        }
    };
    response.map(Some)
}

/// Creates the response of `/next` with an event.
fn event(service: &Service, delivery: &Delivery) -> HttpResponse {
    let invocation = &delivery.invocation;
    let client_context = invocation.client_context.as_deref().map(in_one_line);
    let cognito_identity = invocation.cognito_identity.as_deref().map(in_one_line);
    let mut response = json_response(StatusCode::OK, invocation.payload.clone());
    let headers = response.headers_mut();
    for (name, value) in [
        (REQUEST_ID, Some(&delivery.ids.request)),
        (INVOCATION_ID, delivery.ids.invocation.as_ref()),
        (DEADLINE_MS, Some(&delivery.deadline_ms.to_string())),
        (FUNCTION_ARN, Some(&service.configuration.arn())),
        (TRACE_ID, invocation.trace_id.as_ref()),
        (CLIENT_CONTEXT, client_context.as_ref()),
        (COGNITO_IDENTITY, cognito_identity.as_ref()),
        (TENANT_ID, invocation.tenant_id.as_ref()),
    ] {
        if let Some(Ok(value)) = value.map(|value| HeaderValue::from_bytes(value.as_bytes())) {
            headers.insert(name, value);
        }
    }
    for (name, _) in &invocation.headers {
        headers.remove(name);
    }
    for (name, value) in &invocation.headers {
        headers.extend(value.clone().map(|value| (name.clone(), value)));
    }
    response
}

/// Returns JSON that is valid in a header: line ends become spaces, and DEL, which is not allowed, is escaped.
fn in_one_line(json: &str) -> String {
    json.replace(['\n', '\r'], " ").replace('\u{7f}', "\\u007f")
}

async fn respond(
    service: &Service,
    id: &str,
    headers: &HeaderMap,
    body: Incoming,
) -> Result<Option<HttpResponse>, Rejection> {
    let invocation = text(headers, &INVOCATION_ID);
    let is_streamed = text(headers, &RESPONSE_MODE).is_some_and(|mode| mode.eq_ignore_ascii_case("streaming"));
    let outcome = if is_streamed {
        let caller = service.begin_stream(id, invocation)?;
        stream(text(headers, &CONTENT_TYPE), body, caller).await
    } else {
        whole(body::read(body).await.map_err(|_| Rejection::truncated())?)
    };
    let response = match outcome {
        Outcome::Abandoned { .. } => Ok(None),
        Outcome::Truncated { .. } => Err(Rejection::truncated()),
        Outcome::TooLarge { limit, .. } => Err(Rejection::too_large(limit)),
        _ => Ok(Some(accepted())),
    };
    let complete = if is_streamed { Machine::end_stream } else { Machine::complete };
    service.complete(complete, id, invocation, outcome)?;
    response
}

/// Receives a streamed reply, and hands it on if the caller takes a stream.
async fn stream(content_type: Option<&str>, body: Incoming, caller: Option<mpsc::Sender<Part>>) -> Outcome {
    let Some(caller) = caller else {
        return match body::read(body).await {
            Ok(received) => error_in(&received.trailers).map_or_else(|| whole(received), Outcome::Error),
            Err(_) => Outcome::Truncated { size: 0 },
        };
    };
    // An error means that the caller went away, which `hand_on` returns.
    let _ = caller.send(Part::Beginning(content_type.unwrap_or("application/octet-stream").to_owned())).await;
    let (size, ending) = body::hand_on(body, content_type, &caller).await;
    match ending {
        Ending::Complete(trailers) => error_in(&trailers).map_or(Outcome::Streamed { size }, Outcome::Error),
        Ending::Truncated => Outcome::Truncated { size },
        Ending::Abandoned => Outcome::Abandoned { size },
        Ending::TooLarge => Outcome::TooLarge { size, limit: MAX_STREAM },
    }
}

fn whole(received: Received) -> Outcome {
    let Received { bytes, size, .. } = received;
    let limit = MAX_PAYLOAD as u64;
    if size > limit { Outcome::TooLarge { size, limit } } else { Outcome::Reply(bytes) }
}

/// Returns the error in the trailers of a streamed reply. Its body is base64.
fn error_in(trailers: &HeaderMap) -> Option<PostedError> {
    let header_type = text(trailers, &ERROR_TYPE).map(str::to_owned);
    let body = text(trailers, &ERROR_BODY).unwrap_or_default();
    if header_type.is_none() && body.is_empty() {
        return None;
    }
    let body = STANDARD.decode(body).map_or_else(|_| body.to_owned().into(), Bytes::from);
    Some(PostedError { header_type, xray_cause: None, body })
}

async fn posted_error(headers: &HeaderMap, body: Incoming) -> Result<PostedError, Rejection> {
    let owned = |name| text(headers, name).map(str::to_owned);
    let body = body::read(body).await.map_err(|_| Rejection::truncated())?.bytes;
    Ok(PostedError { header_type: owned(&ERROR_TYPE), xray_cause: owned(&XRAY_CAUSE), body })
}

async fn register(service: &Service, headers: &HeaderMap, body: Incoming) -> Result<HttpResponse, Rejection> {
    let body = body::read(body).await.map_err(|_| Rejection::truncated())?.bytes;
    let name = text(headers, &EXTENSION_NAME).unwrap_or_default();
    let id = service.state().register(name, &body)?;
    let configuration = &service.configuration;
    let function = json!({
        "functionName": configuration.name,
        "functionVersion": configuration.version,
        "handler": configuration.handler,
    });
    Ok(with_header(json_response(StatusCode::OK, function.to_string()), EXTENSION_ID, &id.to_string()))
}

/// Creates the response of `/event/next` with an invocation.
fn invoke_event(service: &Service, delivery: &Delivery) -> HttpResponse {
    let event = json!({
        "eventType": "INVOKE",
        "deadlineMs": u64::try_from(delivery.deadline_ms).unwrap_or(u64::MAX),
        "requestId": delivery.ids.request,
        "invokedFunctionArn": service.configuration.arn(),
        "tracing": { "type": "X-Amzn-Trace-Id", "value": delivery.invocation.trace_id },
    });
    with_header(json_response(StatusCode::OK, event.to_string()), EXTENSION_EVENT_ID, &delivery.number.to_string())
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().filter(|value| !value.is_empty())
}

fn accepted() -> HttpResponse {
    json_response(StatusCode::ACCEPTED, r#"{"status":"OK"}"#)
}

fn json_response(status: StatusCode, body: impl Into<Bytes>) -> HttpResponse {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn with_header(mut response: HttpResponse, name: HeaderName, value: &str) -> HttpResponse {
    response.headers_mut().extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
    response
}
