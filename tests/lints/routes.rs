//! Every shape of generated code of services and routes under the lints that a careful crate turns on; compiled in three
//! editions.
#![forbid(unsafe_code, unused_imports)]
#![deny(warnings, missing_docs, unused_qualifications, deprecated, unreachable_pub)]
#![deny(rust_2018_idioms, rust_2021_compatibility, rust_2024_compatibility, future_incompatible, nonstandard_style)]
#![deny(
    explicit_outlives_requirements,
    let_underscore_drop,
    missing_copy_implementations,
    missing_debug_implementations,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unnameable_types,
    unused_crate_dependencies,
    unused_lifetimes,
    unused_results
)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery)]
#![deny(
    clippy::absolute_paths,
    clippy::default_numeric_fallback,
    clippy::expect_used,
    clippy::let_underscore_must_use,
    clippy::let_underscore_untyped,
    clippy::missing_docs_in_private_items,
    clippy::panic,
    clippy::question_mark_used,
    clippy::shadow_reuse,
    clippy::shadow_unrelated,
    clippy::single_call_fn,
    clippy::unwrap_used
)]
// What the functions below do themselves.
#![allow(clippy::missing_const_for_fn, clippy::unused_async)]

use std::process::ExitCode;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use mayfly::{Context, Error, Routes, State};

/// The orders.
#[derive(Clone, Copy, Debug)]
pub struct Orders;

/// Makes the orders.
#[mayfly::init]
#[must_use]
pub fn orders() -> Orders {
    Orders
}

/// Takes nothing and returns nothing.
#[mayfly::get("/")]
pub fn nothing() {}

/// Takes everything.
///
/// # Errors
/// Never.
#[mayfly::post("/orders/{id}", name = "place")]
pub async fn place(
    Path(id): Path<u64>,
    _: State<Orders>,
    context: Context,
    body: Bytes,
) -> Result<String, Error> {
    Ok(format!("{} {} {:?}", id, context.request_id, body))
}

/// Answers several methods with one of two statuses.
///
/// # Errors
/// Never.
#[mayfly::route("/orders", methods = [PUT, PATCH])]
pub async fn change(body: String) -> Result<StatusCode, StatusCode> {
    body.parse::<u16>().map(|_| StatusCode::OK).map_err(|_| StatusCode::BAD_REQUEST)
}

/// No longer of use, yet registered.
#[deprecated(note = "take `place`")]
#[mayfly::delete("/orders/{id}")]
#[must_use]
pub fn old(_: Path<String>) -> impl IntoResponse {
    StatusCode::GONE
}

/// Is for nobody else.
#[mayfly::head("/quiet")]
fn quiet(context: Context) -> String {
    context.request_id
}

/// A module and a function whose names are keywords.
pub mod r#type {
    /// Is found as `type::match`.
    #[mayfly::options("/match")]
    #[must_use]
    pub fn r#match() -> &'static str {
        "match"
    }
}

/// Serves them all.
#[mayfly::service]
pub fn api(routes: Routes, _: State<Orders>) -> Router {
    routes.into_router()
}

/// Serves nothing, in streams.
#[mayfly::service(stream)]
pub fn streamed() -> Router {
    Router::new()
}

fn main() -> ExitCode {
    mayfly::run()
}
