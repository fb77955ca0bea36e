//! HTTP: each of the cases on each source, events that are none, and services of every shape.

mod against_lambda_http;
mod captured;
mod cases;
mod events;
mod hostile;
mod layers;
mod process;
mod responses;
mod routes;
mod selection;
mod services;
mod source;
mod survives;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, Request};
use mayfly::http::{Body, Source};
use serde_json::{Value, json};

/// Describes the request that a service gets.
fn described(request: Request<Body>) -> Value {
    let kind = request.extensions().get::<Source>().map(|source| format!("{:?}", source.kind()));
    let (parts, body) = request.into_parts();
    json!({
        "source": kind,
        "method": parts.method.as_str(),
        "target": parts.uri.to_string(),
        "headers": headers(&parts.headers),
        "body": BASE64_STANDARD.encode(body.into_bytes()),
    })
}

fn headers(headers: &HeaderMap) -> Value {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| json!([name.as_str(), text(value)])).collect()
}

/// Replies with the request that it gets.
#[mayfly::service(name = "echo")]
fn echo()
-> impl tower::Service<Request<Body>, Response = http::Response<Body>, Error = std::convert::Infallible, Future: Send>
+ Clone
+ Send {
    tower::service_fn(|request| async { Ok(http::Response::new(Body::from(described(request).to_string()))) })
}

/// Sends an event to `echo`; returns the status of the reply and the request that it describes.
fn echoed(event: &Value) -> (u64, Value) {
    let reply = mayfly::testing::invoke("echo").event(event).run().expect("echo does not fail").json::<Value>();
    let body = reply["body"].as_str().unwrap_or_default();
    (reply["statusCode"].as_u64().unwrap_or_default(), serde_json::from_str(body).unwrap_or_else(|_| body.into()))
}
