//! Typed routes through a service that takes them: extractors, responses, errors, layers, and a route alone.

#![expect(clippy::unused_async, reason = "most routes of an application are async")]

use axum::extract::{FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::header::ALLOW;
use mayfly::http::{Kind, Source};
use mayfly::testing::{self, Failure};
use mayfly::{Context, Routes, State};
use serde::{Deserialize, Serialize};
use tower::ServiceExt;

struct Stock {
    pieces: u32,
}

#[mayfly::init]
fn stock() -> Stock {
    Stock { pieces: 3 }
}

struct Secret(&'static str);

#[mayfly::init]
async fn secret() -> Secret {
    Secret("key")
}

#[mayfly::service(name = "shop")]
fn shop(mut routes: Routes, secret: State<Secret>) -> Router {
    let admin = routes.under("/admin/").into_router().layer(middleware::from_fn(only_admins));
    let marked = move |mut response: Response| async move {
        response.headers_mut().insert("x-layer", secret.0.0.parse().expect("this is a header's value"));
        response
    };
    let in_layers = crate::layers::layered(routes.under("/layers/").into_router());
    let own = Router::new().route("/own", get(|| async { "the service's own" }));
    routes.into_router().merge(admin).merge(in_layers).merge(own).layer(middleware::map_response(marked))
}

async fn only_admins(request: Request, next: Next) -> Result<Response, StatusCode> {
    if request.headers().contains_key("x-admin") { Ok(next.run(request).await) } else { Err(StatusCode::FORBIDDEN) }
}

#[tokio::test]
async fn axum_keeps_the_404_of_the_router_that_is_merged_in() {
    let admin = || Router::new().route("/admin", get(|| async {})).layer(middleware::from_fn(only_admins));
    let open = || Router::new().route("/open", get(|| async {}));
    for (router, status) in [(admin().merge(open()), 404), (open().merge(admin()), 403)] {
        let request = Request::get("/nowhere").body(axum::body::Body::empty()).expect("it is a request");
        let response = router.oneshot(request).await.expect("a router does not fail");
        assert_eq!(response.status(), status);
    }
}

#[derive(Deserialize)]
struct Page {
    page: Option<u32>,
}

#[mayfly::get("/items/{id}", name = "item")]
async fn item(Path(id): Path<u32>, stock: State<Stock>, Query(Page { page }): Query<Page>) -> String {
    format!("item {id} of {}, page {page:?}", stock.pieces)
}

#[derive(Deserialize, Serialize)]
struct Order {
    id: u32,
}

#[mayfly::post("/items/{id}")]
async fn order(
    Path(id): Path<u32>,
    context: Context,
    headers: HeaderMap,
    Json(order): Json<Order>,
) -> (StatusCode, Json<(u32, u32, String, usize)>) {
    (StatusCode::CREATED, Json((id, order.id, context.request_id, headers.len())))
}

#[mayfly::get("/plain")]
fn plain() -> &'static str {
    "no async"
}

#[mayfly::get("/nothing")]
fn nothing() {}

#[mayfly::delete("/items/{id}")]
fn removed(Path(id): Path<String>, source: Source) -> impl IntoResponse {
    (StatusCode::ACCEPTED, format!("{id} {:?}", source.kind() == Kind::HttpApi))
}

#[mayfly::route("/both/{*rest}", methods = [PUT, PATCH])]
async fn both(method: Method, Path(rest): Path<String>, body: String) -> String {
    format!("{method} {rest} {body}")
}

#[mayfly::get("/admin/stock")]
async fn admin(stock: State<Stock>) -> Json<u32> {
    Json(stock.pieces)
}

struct Teapot;

impl IntoResponse for Teapot {
    fn into_response(self) -> Response {
        StatusCode::IM_A_TEAPOT.into_response()
    }
}

#[mayfly::get("/fails/{how}")]
async fn response_as_error(Path(how): Path<String>) -> Result<String, Teapot> {
    if how == "not" { Ok(how) } else { Err(Teapot) }
}

#[mayfly::get("/fails/mayfly")]
async fn fails() -> Result<String, mayfly::Error> {
    let number: u8 = "x".parse()?;
    Ok(number.to_string())
}

#[mayfly::get("/fails/anyhow")]
async fn fails_with_anyhow() -> anyhow::Result<Json<u8>> {
    anyhow::bail!("the stock is empty")
}

#[mayfly::get("/fails/io")]
fn fails_with_a_typed_error() -> Result<(), std::io::Error> {
    Err(std::io::Error::other("the disk is gone"))
}

struct Unseen;

/// An extractor that takes a state which no signature shows.
struct Guard;

impl<S: Send + Sync> FromRequestParts<S> for Guard {
    type Rejection = mayfly::Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, mayfly::Error> {
        State::<Unseen>::from_request_parts(parts, state).await.map(|_| Self)
    }
}

#[mayfly::get("/fails/state")]
async fn guarded(_: Guard) {}

#[mayfly::get("/fails/panic")]
async fn panics() -> String {
    panic!("the route panics")
}

fn send(handler: &str, method: &str, path: &str, body: &str) -> Result<http::Response<bytes::Bytes>, Failure> {
    let request = http::Request::builder().method(method).uri(path).header("content-type", "application/json");
    testing::request(handler, request.body(body.to_owned()).expect("this is a request")).run()
}

fn answered(handler: &str, method: &str, path: &str, body: &str) -> String {
    let response = send(handler, method, path, body).expect("the route does not fail");
    format!("{} {}", response.status().as_u16(), String::from_utf8_lossy(response.body()))
}

#[test]
fn every_route_of_the_binary_answers_its_method_and_pattern() {
    for (method, path, body, expected) in [
        ("GET", "/items/7?page=2", "", "200 item 7 of 3, page Some(2)"),
        ("HEAD", "/items/7", "", "200 "),
        ("POST", "/items/7", r#"{"id":9}"#, r#"201 [7,9,"8476a536-e9f4-11e8-9739-2dfe598c3fcd",2]"#),
        ("DELETE", "/items/7", "", "202 7 true"),
        ("GET", "/plain", "", "200 no async"),
        ("GET", "/nothing", "", "200 "),
        ("PUT", "/both/a/b", "text", "200 PUT a/b text"),
        ("PATCH", "/both/a", "", "200 PATCH a "),
        ("GET", "/own", "", "200 the service's own"),
        ("GET", "/fails/not", "", "200 not"),
        ("GET", "/fails/so", "", "418 "),
    ] {
        assert_eq!(answered("shop", method, path, body), expected, "{method} {path}");
    }
}

#[test]
fn a_request_that_does_not_fit_is_answered_as_axum_answers_it() {
    assert_eq!(answered("shop", "GET", "/nowhere", ""), "404 ");
    assert!(answered("shop", "GET", "/items/seven", "").starts_with("400 Invalid URL"));
    assert!(answered("shop", "POST", "/items/7", "{}").starts_with("422 "));
    let response = send("shop", "PUT", "/items/7", "").unwrap();
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    let allow = response.headers()[ALLOW].to_str().unwrap();
    assert_eq!(sorted(allow.split(',')), ["DELETE", "GET", "HEAD", "POST"]);
}

fn sorted<'a>(items: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut items: Vec<_> = items.collect();
    items.sort_unstable();
    items
}

#[test]
fn layers_are_those_of_the_service_also_for_a_route_alone() {
    for handler in ["shop", "http::routes::item", "item"] {
        let response = send(handler, "GET", "/items/7", "").unwrap();
        assert_eq!((response.status(), &response.headers()["x-layer"]), (StatusCode::OK, &"key".parse().unwrap()));
    }
    for handler in ["shop", "http::routes::admin"] {
        assert_eq!(answered(handler, "GET", "/admin/stock", ""), "403 ");
        let request = http::Request::get("/admin/stock").header("x-admin", "yes").body(Vec::new()).unwrap();
        assert_eq!(&testing::request(handler, request).run().unwrap().body()[..], b"3");
    }
}

#[test]
fn a_route_alone_answers_nothing_else() {
    assert_eq!(answered("item", "GET", "/plain", ""), "404 ");
    assert_eq!(answered("item", "GET", "/own", ""), "200 the service's own");
    let response = send("item", "POST", "/items/7", "{}").unwrap();
    assert_eq!(
        (response.status(), &response.headers()[ALLOW]),
        (StatusCode::METHOD_NOT_ALLOWED, &"GET,HEAD".parse().unwrap())
    );
}

#[test]
fn an_error_that_is_no_response_fails_the_invocation_and_names_the_route_last() {
    for (path, error_type, message, function) in [
        ("/fails/mayfly", "core::num::error::ParseIntError", "invalid digit found in string", "fails"),
        ("/fails/anyhow", "RuntimeError", "the stock is empty", "fails_with_anyhow"),
        ("/fails/io", "std::io::error::Error", "the disk is gone", "fails_with_a_typed_error"),
    ] {
        for handler in ["shop", &format!("http::routes::{function}")] {
            let failure = send(handler, "GET", path, "").unwrap_err();
            assert_eq!((failure.error_type(), failure.message()), (error_type.to_owned(), message.to_owned()));
            let trace = failure.stack_trace();
            let last = trace.last().unwrap();
            assert!(last.contains(&format!("http::routes::{function}")) && last.contains("routes.rs:"), "{trace:?}");
        }
    }
    let trace = send("shop", "GET", "/fails/mayfly", "").unwrap_err().stack_trace();
    assert_eq!(trace.len(), 2, "the line of the `?`, and the route: {trace:?}");
}

#[test]
fn a_panic_of_a_route_fails_the_invocation() {
    let failure = send("shop", "GET", "/fails/panic", "").unwrap_err();
    assert_eq!((failure.error_type(), failure.message()), ("Runtime.HandlerPanic".into(), "the route panics".into()));
}

#[test]
fn a_state_that_no_signature_shows_is_an_error_that_says_what_to_do() {
    let failure = send("http::routes::guarded", "GET", "/fails/state", "").unwrap_err();
    assert_eq!(failure.error_type(), "Runtime.InitError");
    assert!(
        failure.message().contains("::Unseen` was not built") && failure.message().contains("parameter of the route")
    );
}

#[test]
fn a_route_is_an_ordinary_function() {
    assert_eq!(plain(), "no async");
}
