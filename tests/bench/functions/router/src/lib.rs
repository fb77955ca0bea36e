//! The axum application of every function of the benchmark that answers HTTP, so that these differ only in their
//! runtime.

use axum::extract::{Path, Query};
use axum::http::header::{CONTENT_TYPE, HeaderMap};
use axum::http::{HeaderValue, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router, body};
use serde::{Deserialize, Serialize};

/// Makes the application.
pub fn router() -> Router {
    Router::new().route("/orders/{id}", get(order)).route("/orders", post(place)).route("/echo", post(echo))
}

/// The query of `GET /orders/{id}`.
#[derive(Deserialize)]
pub struct Page {
    page: u32,
}

/// The body of `POST /orders`.
#[derive(Deserialize)]
pub struct NewOrder {
    customer: String,
    article: String,
    amount: u32,
}

/// An order, the body of the responses.
#[derive(Serialize)]
pub struct Order {
    id: u64,
    page: u32,
    customer: String,
    article: String,
    amount: u32,
}

/// Answers `GET /orders/{id}?page=3`.
pub async fn order(Path(id): Path<u64>, Query(Page { page }): Query<Page>) -> Json<Order> {
    Json(Order { id, page, customer: "Ada".to_owned(), article: "screws".to_owned(), amount: 400 })
}

/// Answers `POST /orders`.
pub async fn place(Json(NewOrder { customer, article, amount }): Json<NewOrder>) -> (StatusCode, Json<Order>) {
    (StatusCode::CREATED, Json(Order { id: 8, page: 1, customer, article, amount }))
}

/// Answers `POST /echo` with the body and its type.
async fn echo(headers: HeaderMap, body: body::Bytes) -> ([(axum::http::HeaderName, HeaderValue); 1], body::Bytes) {
    let kind = headers.get(CONTENT_TYPE).cloned().unwrap_or(HeaderValue::from_static("application/octet-stream"));
    ([(CONTENT_TYPE, kind)], body)
}
