//! The layers of tower-http and axum around a service and around routes, behind every source.

use std::convert::Infallible;
use std::io::Read;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use bytes::Bytes;
use flate2::read::GzDecoder;
use mayfly::http::Body;
use mayfly::testing::{self, Failure, Via};
use tower::Layer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::{CompressionBody, CompressionLayer};
use tower_http::cors::CorsLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

const SITE: &str = "https://example.com";
/// Long enough for `CompressionLayer`, which leaves short texts as they are.
const TEXT: &str = "a text that a compression makes shorter, shorter, shorter, shorter, shorter, shorter";

/// Puts the layers around a router; the last one sees the request first.
pub(crate) fn layered(router: Router) -> Router {
    router
        .layer(CatchPanicLayer::new())
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, Duration::from_millis(50)))
        .layer(middleware::from_fn(stamp))
        .layer(middleware::map_response(count))
        .layer(SetResponseHeaderLayer::overriding(header::SERVER, HeaderValue::from_static("mayfly")))
        .layer(CompressionLayer::new())
        .layer(CorsLayer::new().allow_origin(HeaderValue::from_static(SITE)).allow_methods([Method::PUT]))
}

/// Refuses requests with the header `x-refused`, and passes a header on to the response.
async fn stamp(request: Request, next: Next) -> Result<Response, StatusCode> {
    if request.headers().contains_key("x-refused") {
        return Err(StatusCode::FORBIDDEN);
    }
    let stamp = request.headers().get("x-stamp").cloned();
    let mut response = next.run(request).await;
    if let Some(stamp) = stamp {
        response.headers_mut().insert("x-stamp", stamp);
    }
    Ok(response)
}

/// Sets a cookie of its own beside those of the response.
async fn count(mut response: Response) -> Response {
    response.headers_mut().append(header::SET_COOKIE, HeaderValue::from_static("seen=1"));
    response
}

#[mayfly::get("/layers/text")]
async fn text() -> &'static str {
    TEXT
}

#[mayfly::post("/layers/bytes")]
async fn mirror(body: Bytes) -> Bytes {
    body
}

#[mayfly::get("/layers/slow")]
async fn slow() {
    std::future::pending::<()>().await;
}

#[mayfly::get("/layers/panic")]
async fn panics() -> &'static str {
    panic!("a layer catches this")
}

#[mayfly::get("/layers/error")]
async fn fails() -> Result<String, mayfly::Error> {
    let number: u8 = "x".parse()?;
    Ok(number.to_string())
}

/// The same functions as handlers of axum.
#[mayfly::service(name = "layers")]
fn layers() -> Router {
    let router = Router::new()
        .route("/layers/text", get(text))
        .route("/layers/bytes", post(mirror))
        .route("/layers/slow", get(slow))
        .route("/layers/panic", get(panics))
        .route("/layers/error", get(fails));
    layered(router)
}

/// A service without axum, in layers that change the type of its body.
#[mayfly::service(name = "tower_layers")]
fn tower_layers() -> impl tower::Service<
    http::Request<Body>,
    Response = http::Response<CompressionBody<Body>>,
    Error = Infallible,
    Future: Send,
> + Clone
+ Send {
    let text = tower::service_fn(async |_| Ok(http::Response::new(Body::from(TEXT))));
    CompressionLayer::new().layer(text)
}

/// Sends a request with these headers.
fn send(handler: &str, via: Via, request: &str, headers: &[(&str, &str)]) -> Result<http::Response<Bytes>, Failure> {
    let (method, path) = request.split_once(' ').expect("a request has a method and a path");
    let mut builder = http::Request::builder().method(method).uri(path);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    testing::request(handler, builder.body(&b"\x00\xff"[..]).expect("this is a request")).via(via).run()
}

#[test]
fn each_layer_does_its_work_around_a_service_and_around_routes() {
    for handler in ["layers", "shop"] {
        for via in Via::ALL {
            for (request, sent, status, received, body) in [
                ("GET /layers/text", ("x-stamp", "a"), 200, ("x-stamp", "a"), TEXT.as_bytes()),
                ("GET /layers/text", ("origin", SITE), 200, ("access-control-allow-origin", SITE), TEXT.as_bytes()),
                ("GET /layers/text", ("x-refused", "yes"), 403, ("server", "mayfly"), b""),
                (
                    "POST /layers/bytes",
                    ("x-stamp", "b"),
                    200,
                    ("content-type", "application/octet-stream"),
                    b"\x00\xff",
                ),
                ("GET /layers/slow", ("x-stamp", "c"), 504, ("x-stamp", "c"), b""),
                ("GET /layers/panic", ("x-stamp", "d"), 500, ("x-stamp", "d"), b"Service panicked"),
            ] {
                let row = format!("{handler} {via:?} {request} {sent:?}");
                let response =
                    send(handler, via, request, &[sent]).unwrap_or_else(|failure| panic!("{row}: {failure}"));
                assert_eq!((response.status().as_u16(), &response.body()[..]), (status, body), "{row}");
                assert_eq!(response.headers()[received.0], received.1, "{row}");
                assert_eq!(response.headers()[header::SERVER], "mayfly", "{row}");
                assert_eq!(response.headers()[header::SET_COOKIE], "seen=1", "{row}");
            }
        }
    }
}

#[test]
fn a_compressed_body_leaves_as_it_was_compressed() {
    for handler in ["layers", "shop", "http::layers::text", "tower_layers"] {
        for via in Via::ALL {
            let response = send(handler, via, "GET /layers/text", &[("accept-encoding", "gzip")]).unwrap();
            assert_eq!(response.headers()[header::CONTENT_ENCODING], "gzip", "{handler} {via:?}");
            let mut text = String::new();
            GzDecoder::new(&response.body()[..]).read_to_string(&mut text).expect("it is gzip");
            assert_eq!(text, TEXT, "{handler} {via:?}");
            let vary: Vec<_> =
                response.headers().get_all(header::VARY).iter().map(|value| value.to_str().unwrap()).collect();
            assert!(vary.join(", ").contains("accept-encoding"), "{handler} {via:?}: {vary:?}");
        }
    }
}

#[test]
fn the_preflight_of_a_browser_is_answered_by_the_layer() {
    let sent = [("origin", SITE), ("access-control-request-method", "PUT")];
    for handler in ["layers", "shop"] {
        for via in Via::ALL {
            let response = send(handler, via, "OPTIONS /layers/text", &sent).unwrap();
            assert_eq!(response.status(), StatusCode::OK, "{handler} {via:?}");
            assert_eq!(response.headers()["access-control-allow-methods"], "PUT", "{handler} {via:?}");
        }
    }
}

#[test]
fn an_error_passes_through_all_layers_and_fails_the_invocation() {
    for handler in ["layers", "shop", "http::layers::fails"] {
        for via in Via::ALL {
            let failure = send(handler, via, "GET /layers/error", &[("accept-encoding", "gzip")]).unwrap_err();
            assert_eq!(failure.error_type(), "core::num::error::ParseIntError", "{handler} {via:?}");
            assert_eq!(failure.message(), "invalid digit found in string", "{handler} {via:?}");
        }
    }
}
