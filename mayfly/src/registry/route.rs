//! `Route`: the further part of a function under `#[mayfly::get]` and the like.

use std::pin::Pin;

use axum::extract::Request;
use axum::response::Response;

/// The future of a route's response.
pub type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;

/// The methods and the pattern of a function under `#[mayfly::get]` and the like, and the function itself.
#[derive(Debug)]
pub struct Route {
    /// The methods, as HTTP writes them.
    pub methods: &'static [&'static str],
    /// The pattern of the path, as axum reads it.
    pub pattern: &'static str,
    /// Whether the function is an `async fn`.
    pub is_async: bool,
    /// Takes the arguments from the request, calls the function and makes the response.
    pub serve: fn(Request) -> Answering,
}
