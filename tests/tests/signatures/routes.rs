//! The signatures and attributes that a route accepts.
#![deny(warnings, missing_docs)]

use std::borrow::Cow;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, Request};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use mayfly::http::Source;
use mayfly::{Context, Routes, State};

struct Orders;

#[mayfly::init]
fn orders() -> Orders {
    Orders
}

#[mayfly::get("/")]
fn root() {}

#[mayfly::get("/a/{b}/c-{d}/{*rest}", name = "deep")]
async fn deep(Path((_, _, _)): Path<(u8, String, String)>) -> Cow<'static, str> {
    "deep".into()
}

#[mayfly::get("/braces/{{b}}/{{{c}")]
async fn braces(Path(_): Path<String>) {}

#[mayfly::post("/everything/{id}", crate = mayfly)]
async fn everything(
    method: Method,
    _: Uri,
    Path(id): Path<u64>,
    Query(_): Query<Vec<(String, String)>>,
    _: HeaderMap,
    _: State<Orders>,
    context: Context,
    _: Source,
    body: Bytes,
) -> (StatusCode, String) {
    (StatusCode::OK, format!("{method} {id} {} {body:?}", context.request_id))
}

#[mayfly::put("/json")]
async fn json(Json(number): Json<u8>) -> Result<Json<u8>, StatusCode> {
    Ok(Json(number))
}

#[mayfly::patch("/request")]
async fn request(_: State<Orders>, request: Request) -> impl IntoResponse {
    request.uri().to_string()
}

#[mayfly::delete("/mayfly")]
async fn own_error() -> Result<(), mayfly::Error> {
    Ok(())
}

#[mayfly::head("/anyhow")]
fn with_anyhow() -> anyhow::Result<()> {
    Ok(())
}

#[mayfly::options("/axum")]
fn axums_own_result() -> axum::response::Result<Response> {
    Err(StatusCode::NOT_FOUND)?
}

type Answer = Result<Json<u8>, std::io::Error>;

#[mayfly::get("/alias")]
fn through_an_alias() -> Answer {
    Ok(Json(1))
}

/// Is deprecated.
#[mayfly::route("/several", methods = [CONNECT, TRACE, GET,])]
#[deprecated]
pub async fn alias() -> Result<Response, Box<dyn std::error::Error>> {
    Ok(().into_response())
}

#[mayfly::get("/optional")]
async fn optional(_: Option<Path<u8>>, _: Result<Query<Vec<(String, u8)>>, axum::extract::rejection::QueryRejection>) {}

#[mayfly::service]
async fn api(mut routes: Routes, _: State<Orders>) -> Result<axum::Router, mayfly::Error> {
    Ok(routes.under("/a").into_router().merge(routes.into_router()))
}
