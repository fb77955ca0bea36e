//! The result of a route becomes a response: `invocation/returned.rs` says how the compiler picks a tag.

#![expect(
    clippy::unused_self,
    clippy::unnecessary_wraps,
    clippy::missing_errors_doc,
    reason = "the methods of one name have one signature, whichever tag is taken"
)]

use std::convert::Infallible;
use std::marker::PhantomData;
use std::ops::Deref;

use axum::response::{IntoResponse, Response};

use crate::error::Error;
use crate::registry::route::Answering;

/// The result of a route, if it is a response.
#[derive(Debug)]
pub struct Answered<R>(PhantomData<R>);

/// The result of a route, if it is a `Result` that is no response.
#[derive(Debug)]
pub struct Fallible<R>(PhantomData<R>);

/// The result of a route, if it is neither.
#[derive(Debug)]
pub struct Unanswered<R>(PhantomData<R>);

impl<R> Deref for Answered<R> {
    type Target = Fallible<R>;

    fn deref(&self) -> &Fallible<R> {
        &Fallible(PhantomData)
    }
}

impl<R> Deref for Fallible<R> {
    type Target = Unanswered<R>;

    fn deref(&self) -> &Unanswered<R> {
        &Unanswered(PhantomData)
    }
}

impl<R> Answered<R> {
    /// Returns the tag of a value.
    #[must_use]
    pub fn of(_: &R) -> Self {
        Self(PhantomData)
    }
}

impl<R: IntoResponse> Answered<R> {
    /// Passes a response on.
    pub fn split(&self, returned: R) -> Result<R, Infallible> {
        Ok(returned)
    }
}

impl<T, E> Fallible<Result<T, E>> {
    /// Passes a `Result` on: its error is reported as that of a handler.
    pub fn split(&self, returned: Result<T, E>) -> Result<T, E> {
        returned
    }
}

impl<R> Unanswered<R> {
    /// Passes anything else on, of which [`answer`] is a compile error.
    pub fn split(&self, returned: R) -> Result<R, Infallible> {
        Ok(returned)
    }
}

/// A value that a route answers with.
#[diagnostic::on_unimplemented(
    message = "a route cannot answer with `{Self}`",
    label = "not a response",
    note = "a route returns a type that implements `axum::response::IntoResponse`, such as `Json<T>`, or a `Result` of one"
)]
pub trait IntoAnswer {
    /// Makes the response.
    fn into_answer(self) -> Response;
}

#[diagnostic::do_not_recommend]
impl<T: IntoResponse> IntoAnswer for T {
    fn into_answer(self) -> Response {
        self.into_response()
    }
}

/// Makes the response of a value.
pub fn answer<T: IntoAnswer>(value: T) -> Response {
    value.into_answer()
}

/// Makes the response that fails the invocation.
pub fn fail(error: Error) -> Response {
    error.into_response()
}

/// Erases the type of a route's future.
pub fn answering<F: Future<Output = Response> + Send + 'static>(future: F) -> Answering {
    Box::pin(future)
}
