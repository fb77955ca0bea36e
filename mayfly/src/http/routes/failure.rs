//! The error of a route on its way through the layers of axum, which know responses only.

use std::sync::{Arc, Mutex, PoisonError};

use axum::http::Extensions;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::error::Error;
use crate::registry::handler::{Description, Handler};

/// The error that a response stands for. An extension must be `Clone`.
#[derive(Clone)]
struct Failure(Arc<Mutex<Option<Error>>>);

/// As a response, an error fails the invocation: its report goes to Lambda and the gateway answers 500 or 502. Layers see
/// the status 500. A layer that makes a response of its own in place of this one keeps the invocation from failing.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(Failure(Arc::new(Mutex::new(Some(self)))));
        response
    }
}

/// Adds the place of a route to the error in its response, if there is one.
pub(crate) fn place(response: &Response, handler: &Handler) {
    if let Some(failure) = response.extensions().get::<Failure>() {
        let mut error = failure.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Description { file, line, .. } = (handler.describe)();
        *error = error.take().map(|error| error.advised().at(&handler.path(), file, line));
    }
}

/// Takes the error out of a response.
pub(crate) fn take(extensions: &mut Extensions) -> Option<Error> {
    extensions.remove::<Failure>()?.0.lock().unwrap_or_else(PoisonError::into_inner).take()
}
