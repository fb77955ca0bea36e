//! Serves the HTTP requests of the Runtime API and the Extensions API.

use std::convert::Infallible;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::{Request, Response, StatusCode};
use serde_json::json;

use crate::emulator::limits::MAX_PAYLOAD;
use crate::emulator::outcome::{Outcome, PostedError};
use crate::emulator::rejection::Rejection;
use crate::emulator::route::Route;
use crate::emulator::service::{Delivery, Service};

const REQUEST_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-request-id");
const INVOCATION_ID: HeaderName = HeaderName::from_static("lambda-runtime-invocation-id");
const DEADLINE_MS: HeaderName = HeaderName::from_static("lambda-runtime-deadline-ms");
const FUNCTION_ARN: HeaderName = HeaderName::from_static("lambda-runtime-invoked-function-arn");
const TRACE_ID: HeaderName = HeaderName::from_static("lambda-runtime-trace-id");
const CLIENT_CONTEXT: HeaderName = HeaderName::from_static("lambda-runtime-client-context");
const COGNITO_IDENTITY: HeaderName = HeaderName::from_static("lambda-runtime-cognito-identity");
const TENANT_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-tenant-id");
const ERROR_TYPE: HeaderName = HeaderName::from_static("lambda-runtime-function-error-type");
const XRAY_CAUSE: HeaderName = HeaderName::from_static("lambda-runtime-function-xray-error-cause");
const EXTENSION_NAME: HeaderName = HeaderName::from_static("lambda-extension-name");
const EXTENSION_ID: HeaderName = HeaderName::from_static("lambda-extension-identifier");
const EXTENSION_EVENT_ID: HeaderName = HeaderName::from_static("lambda-extension-event-identifier");

type HttpResponse = Response<Full<Bytes>>;

/// Serves a request. A rejected request gets a response, too.
pub(crate) async fn serve(service: &Service, request: Request<Incoming>) -> Result<HttpResponse, Infallible> {
    Ok(handle(service, request).await.unwrap_or_else(|rejection| {
        let status = StatusCode::from_u16(rejection.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let response = json_response(status, rejection.to_json());
        match rejection.allowed() {
            Some(method) => with_header(response, ALLOW, method.as_str()),
            None => response,
        }
    }))
}

async fn handle(service: &Service, request: Request<Incoming>) -> Result<HttpResponse, Rejection> {
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
    match route {
        Route::Next => service.next().await.map(|delivery| event(service, &delivery)),
        Route::Response(id) => respond(service, &id, &head.headers, body).await,
        Route::Error(id) => {
            let outcome = Outcome::Error(posted_error(&head.headers, body).await?);
            service.complete(&id, text(&head.headers, &INVOCATION_ID), outcome).map(|()| accepted())
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
    }
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

async fn respond(service: &Service, id: &str, headers: &HeaderMap, body: Incoming) -> Result<HttpResponse, Rejection> {
    let (reply, size) = read(body).await?;
    let is_too_large = size > MAX_PAYLOAD as u64;
    let outcome = if is_too_large { Outcome::TooLarge { size } } else { Outcome::Reply(reply) };
    service.complete(id, text(headers, &INVOCATION_ID), outcome)?;
    if is_too_large { Err(Rejection::too_large()) } else { Ok(accepted()) }
}

async fn posted_error(headers: &HeaderMap, body: Incoming) -> Result<PostedError, Rejection> {
    let owned = |name| text(headers, name).map(str::to_owned);
    let (body, _) = read(body).await?;
    Ok(PostedError { header_type: owned(&ERROR_TYPE), xray_cause: owned(&XRAY_CAUSE), body })
}

async fn register(service: &Service, headers: &HeaderMap, body: Incoming) -> Result<HttpResponse, Rejection> {
    let (body, _) = read(body).await?;
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

/// Reads a body to its end. Returns as much as Lambda accepts, and the size of the whole body.
///
/// A body that is too large is read to its end, too: otherwise the client might see a connection reset instead of the
/// response.
async fn read(mut body: Incoming) -> Result<(Bytes, u64), Rejection> {
    let (mut kept, mut size) = (BytesMut::new(), 0);
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(|_| Rejection::truncated())?.into_data() {
            size += data.len() as u64;
            kept.extend_from_slice(&data[..data.len().min(MAX_PAYLOAD - kept.len())]);
        }
    }
    Ok((kept.freeze(), size))
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
