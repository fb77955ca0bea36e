//! `ApiError`: the errors of the routes, and the response to each.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use serde_json::json;

/// An error of a route.
#[derive(Debug)]
pub enum ApiError {
    /// 401: the request has no cookie of a session.
    NotSignedIn,
    /// 404: there is no such route or note.
    NotFound,
    /// 409: the request contradicts what is stored.
    Conflict(String),
    /// 422: the input has mistakes.
    Invalid(Vec<Mistake>),
    /// A request that axum rejects: with 400, 413 or 415.
    Rejected(StatusCode, String),
    /// A fault of the server. It fails the invocation.
    Server(mayfly::Error),
}

/// A mistake in the input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mistake {
    /// The path of the field, such as `title`.
    pub field: String,
    /// The reason why its value is refused.
    pub reason: String,
}

impl Mistake {
    /// Names a field and the reason why its value is refused.
    pub(crate) fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into() }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, error) = match self {
            Self::NotSignedIn => (StatusCode::UNAUTHORIZED, "sign in first: POST /session".to_owned()),
            Self::NotFound => (StatusCode::NOT_FOUND, "there is nothing at this address".to_owned()),
            Self::Conflict(message) => (StatusCode::CONFLICT, message),
            Self::Invalid(mistakes) => {
                let body = json!({ "error": "the input is not valid", "mistakes": mistakes });
                return (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response();
            }
            Self::Rejected(status, message) => (status, message),
            Self::Server(error) => {
                let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
                response.extensions_mut().insert(Fault(Arc::new(error)));
                return response;
            }
        };
        (status, Json(json!({ "error": error }))).into_response()
    }
}

macro_rules! server_errors {
    ($($error:ty),*) => {$(
        impl From<$error> for ApiError {
            #[track_caller] // so that the report has the line of the `?`
            fn from(error: $error) -> Self {
                Self::Server(error.into())
            }
        }
    )*};
}

server_errors!(rusqlite::Error, getrandom::Error);

/// The error that a response stands for. Layers pass it on, as they do with every extension.
#[derive(Clone)]
struct Fault(Arc<mayfly::Error>);

/// Turns the response to a fault of the server back into the error, so that the invocation fails: the gateway answers
/// 5xx, Lambda's error metric counts it, and the report with the line of each `?` is in the log.
pub(crate) fn fail(response: Result<Response, Infallible>) -> Result<Response, mayfly::Error> {
    let Ok(mut response) = response;
    match response.extensions_mut().remove::<Fault>().and_then(|Fault(error)| Arc::into_inner(error)) {
        Some(error) => Err(error),
        None => Ok(response),
    }
}
