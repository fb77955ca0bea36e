//! The requests of a function's process to the Runtime API.

#[path = "http.rs"]
mod http;

pub(crate) use http::{Response, send};

pub(crate) const RUNTIME: &str = "/2018-06-01/runtime";

pub(crate) fn post(api: &str, path: &str, body: &[u8]) -> Response {
    send(api, "POST", path, &[], body)
}

pub(crate) fn next(api: &str) -> Response {
    send(api, "GET", &format!("{RUNTIME}/invocation/next"), &[], b"")
}

/// Sends the `response` or `error` of an invocation.
pub(crate) fn answer(api: &str, id: &str, what: &str, headers: &[(&str, &str)], body: &[u8]) -> Response {
    send(api, "POST", &format!("{RUNTIME}/invocation/{id}/{what}"), headers, body)
}
