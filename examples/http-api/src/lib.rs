//! Notes over HTTP: an axum service behind any of the six sources, with its data in `SQLite`.
//!
//! | Route | Task |
//! |---|---|
//! | `POST /session`, `DELETE /session` | signs a user in with a cookie, and out |
//! | `GET /notes?search=…&page=…` | lists the user's notes, 20 on a page |
//! | `POST /notes` | writes a note |
//! | `GET /notes/{id}`, `DELETE /notes/{id}` | reads and deletes a note |
//! | `PUT /notes/{id}/picture`, `GET /notes/{id}/picture` | stores a PNG with a note and returns it |
//! | `POST /notes/import` | writes a note for each file of a form |
//!
//! Errors are JSON: `{"error": "…"}`, and for a 422 the field and the reason of each mistake. A failing database is not
//! the caller's fault: the invocation fails with the whole report, and the gateway answers 5xx ([`error`]).

pub mod db;
pub mod error;
mod import;
mod json;
mod notes;
mod pictures;
mod session;
#[cfg(test)]
mod tests;

use std::convert::Infallible;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::Response;
use axum::routing::{get, post};
use http::{HeaderValue, Method, header};
use mayfly::State;
use tower::util::MapResult;
use tower_http::compression::CompressionLayer;
use tower_http::cors::CorsLayer;

use crate::db::Db;
use crate::error::ApiError;

/// The page that may call the service from a browser, with its cookies.
const SITE: HeaderValue = HeaderValue::from_static("https://notes.example.com");

/// The largest body, in bytes. Lambda takes events of 6 MB, and a body that is not text grows by a third in base64.
const LARGEST_BODY: usize = 4 << 20;

/// The router, whose responses to faults of the server become errors.
type Api = MapResult<Router, fn(Result<Response, Infallible>) -> Result<Response, mayfly::Error>>;

/// Builds the service. Lambda's **Handler** setting is `http_api::api`.
#[mayfly::service]
fn api(db: State<Db>) -> Api {
    MapResult::new(router(db), error::fail)
}

fn router(db: State<Db>) -> Router {
    let cors = CorsLayer::new()
        .allow_origin(SITE)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([header::CONTENT_TYPE])
        .allow_credentials(true);
    Router::new()
        .route("/session", post(session::sign_in).delete(session::sign_out))
        .route("/notes", get(notes::list).post(notes::write))
        .route("/notes/import", post(import::import))
        .route("/notes/{id}", get(notes::read).delete(notes::delete))
        .route("/notes/{id}/picture", get(pictures::picture).put(pictures::store))
        .fallback(async || ApiError::NotFound)
        .with_state(db)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(CompressionLayer::new())
        .layer(cors)
}
