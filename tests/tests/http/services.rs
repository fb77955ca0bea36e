//! Services of every shape, and how they fail.

use std::convert::Infallible;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use http::{Request, Response};
use mayfly::State;
use mayfly::http::{Body, Source};
use mayfly::testing::{self, Via};

struct Greeting(&'static str);

#[mayfly::init]
fn greeting() -> Greeting {
    Greeting("hello")
}

#[mayfly::service(name = "router")]
async fn router(greeting: State<Greeting>) -> Result<Router, mayfly::Error> {
    tokio::task::yield_now().await;
    let greet = async move |Path(name): Path<String>| format!("{} {name}", greeting.0.0);
    Ok(Router::new().route("/greet/{name}", get(greet)).route("/panic", get(panics)).route("/context", get(context)))
}

async fn panics() -> String {
    panic!("the service panics")
}

async fn context(request: axum::extract::Request) -> String {
    let source = request.extensions().get::<Source>().expect("every request has a source");
    format!("{} {}", source.context().request_id, source.full_path().unwrap_or_default())
}

fn body(path: &str) -> Result<String, testing::Failure> {
    body_via(Via::default(), path)
}

fn body_via(via: Via, path: &str) -> Result<String, testing::Failure> {
    let request = Request::get(path).body(Vec::new()).expect("this is a request");
    let response = testing::request("router", request).via(via).run()?;
    Ok(format!("{} {}", response.status().as_u16(), String::from_utf8_lossy(response.body())))
}

#[test]
fn a_router_serves_its_routes_with_the_states_of_inits() {
    assert_eq!(body("/greet/Ada").unwrap(), "200 hello Ada");
    assert_eq!(body("/greet/a%2Fb").unwrap_or_default(), "404 ", "an HTTP API decodes the path");
    assert_eq!(body("/nowhere").unwrap(), "404 ");
    assert_eq!(body("/context").unwrap(), "200 8476a536-e9f4-11e8-9739-2dfe598c3fcd /context");
}

#[test]
fn an_encoded_slash_is_part_of_a_parameter_where_the_source_keeps_it() {
    for via in [Via::RestApi, Via::FunctionUrl, Via::Alb, Via::AlbMultiValue, Via::Lattice] {
        let request = Request::get("/greet/a%2Fb").body(Vec::new()).unwrap();
        let response = testing::request("router", request).via(via).run().unwrap();
        assert_eq!(&response.body()[..], b"hello a/b", "{via:?}");
    }
}

/// Case 28.
#[test]
fn a_panic_of_a_service_fails_the_invocation() {
    for via in Via::ALL {
        let failure = body_via(via, "/panic").unwrap_err();
        assert_eq!(
            (failure.error_type().as_str(), failure.message().as_str()),
            ("Runtime.HandlerPanic", "the service panics"),
            "{via:?}"
        );
    }
}

/// Neither `Clone` nor `Sync`; its future is not `Send`.
struct Counter(std::cell::Cell<usize>);

impl tower::Service<Request<Body>> for Counter {
    type Response = Response<Body>;
    type Error = Box<dyn std::error::Error + Send + Sync>;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Response<Body>, Self::Error>>>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Self::Error>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        self.0.set(self.0.get() + 1);
        let count = Rc::new(self.0.get());
        Box::pin(async move {
            match request.uri().path() {
                "/fail" => Err("the service fails".into()),
                _ => Ok(Response::new(Body::from(format!("call {count}")))),
            }
        })
    }
}

#[mayfly::service(name = "counter")]
fn counter() -> Counter {
    Counter(std::cell::Cell::new(0))
}

#[test]
fn a_service_that_cannot_be_cloned_is_served_and_its_error_reported() {
    let request = |path: &str| Request::get(path).body(Vec::new()).unwrap();
    let response = testing::request("counter", request("/x")).run().unwrap();
    assert_eq!(&response.body()[..], b"call 1");
    for via in Via::ALL {
        let failure = testing::request("counter", request("/fail")).via(via).run().unwrap_err();
        let failure = (failure.error_type(), failure.message());
        assert_eq!(failure, ("RuntimeError".to_owned(), "the service fails".to_owned()), "{via:?}");
    }
}

/// Fails midway.
struct Broken(usize);

#[derive(Debug)]
struct Midway;

impl std::fmt::Display for Midway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the disk is gone")
    }
}

impl std::error::Error for Midway {}

impl axum::body::HttpBody for Broken {
    type Data = bytes::Bytes;
    type Error = Midway;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Self::Data>, Midway>>> {
        self.0 += 1;
        std::task::Poll::Ready(Some(match self.0 {
            1 | 2 => Ok(http_body::Frame::data(bytes::Bytes::from_static(b"half"))),
            _ => Err(Midway),
        }))
    }
}

#[mayfly::service(name = "broken")]
fn broken()
-> impl tower::Service<Request<Body>, Response = Response<Broken>, Error = Infallible, Future: Send> + Clone + Send {
    tower::service_fn(|_| async { Ok(Response::new(Broken(0))) })
}

/// Case 28.
#[test]
fn a_body_that_fails_midway_fails_the_invocation() {
    for via in Via::ALL.into_iter().chain([Via::WebSocket]) {
        let request = Request::get("/").body(Vec::new()).unwrap();
        let failure = testing::request("broken", request).via(via).run().unwrap_err();
        assert_eq!(failure.message(), "the body of the response failed", "{via:?}");
        assert_eq!(failure.json()["cause"]["errorMessage"], "the disk is gone", "{via:?}");
    }
}

static BUILT: AtomicUsize = AtomicUsize::new(0);

#[mayfly::service(name = "no_service")]
fn no_service() -> Result<Router, String> {
    BUILT.fetch_add(1, Ordering::Relaxed);
    Err("the database is not there".to_owned())
}

#[test]
fn a_service_that_cannot_be_built_is_an_initialization_error() {
    let failure = testing::request("no_service", Request::get("/").body(Vec::new()).unwrap()).run().unwrap_err();
    assert_eq!(failure.error_type(), "Runtime.InitError");
    let message = failure.message();
    assert!(message.starts_with("Initialization error: `http::services::no_service` ("), "{message}");
    assert!(message.ends_with("): the database is not there"), "{message}");
}
