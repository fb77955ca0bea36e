//! The arguments of a route, taken from the request by whatever extractor their type is.
//!
//! Generated code calls `take` on a tag that carries the type; `invocation/returned.rs` says how the compiler picks one.
//! axum's own `Handler` would do the same, but its message for a parameter that does not fit names the function's type.

#![expect(clippy::unused_self, reason = "the receiver is what the method is chosen by")]

use std::future::Ready;
use std::marker::PhantomData;
use std::ops::Deref;

use axum::extract::{FromRequest, FromRequestParts, Request, State as AxumState};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

/// A type that a route takes. The bound is asked for only of types that none can take.
#[diagnostic::on_unimplemented(
    message = "a route cannot take `{Self}`",
    label = "not taken from a request",
    note = "a route takes the extractors of axum 0.8, `mayfly::State<T>` and `mayfly::Context`; an extractor of yours \
            implements `axum::extract::FromRequestParts<S>`, a type in `Json` or `Form` `serde::Deserialize`"
)]
pub trait Extracted {}

/// A type that a route takes at this position. The bound is asked for only of types that read the body.
#[diagnostic::on_unimplemented(
    message = "`{Self}` reads the body of the request, so it must be the last parameter",
    label = "move this to the end",
    note = "only one parameter can read the body"
)]
pub trait BeforeBody {}

/// A state of Mayfly. The bound is asked for only of axum's `State`.
#[diagnostic::on_unimplemented(
    message = "a route cannot take axum's `State`: it has no router that would hold one",
    label = "write `mayfly::State<T>`",
    note = "`#[mayfly::init]` makes a `T`, and `mayfly::State<T>` takes it"
)]
pub trait OfMayfly {}

/// A pending argument of a route. Generated code puts it where the parameter's type stands: the compiler blames the
/// argument of a call for a bound that it does not meet.
#[derive(Debug)]
pub struct Argument<T>(PhantomData<fn() -> T>);

/// Declares the tags of a parameter: each is one of an extractor, and is followed by the tag to try next.
macro_rules! tags {
    ($($(#[$doc:meta])* $tag:ident => $body:ident => $state:ident => $other:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $tag<T>(PhantomData<fn() -> T>);

        tags! { @next $tag => $body; $body => $state; $state => $other; }

        impl<T> $tag<T> {
            /// A tag whose type is yet to be inferred.
            pub const TAG: Self = Self(PhantomData);

            /// Infers the tag's type from a value.
            pub fn is(&self, _: &T) {}

            /// Returns the pending argument.
            #[must_use]
            pub fn argument(&self) -> Argument<T> {
                Argument(PhantomData)
            }
        }
    )*};
    (@next $($tag:ident => $next:ident;)*) => {$(
        /// The tag to try next.
        #[derive(Debug)]
        pub struct $next<T>(PhantomData<fn() -> T>);

        impl<T> Deref for $tag<T> {
            type Target = $next<T>;

            fn deref(&self) -> &$next<T> {
                &$next(PhantomData)
            }
        }
    )*};
}

tags! {
    /// A parameter before the last, if it is an extractor that leaves the body alone.
    Taken => TakenOfBody => TakenOfState => TakenOfOther;
    /// The last parameter, if it is an extractor that leaves the body alone.
    Last => LastOfBody => LastOfState => LastOfOther;
}

impl<T: FromRequestParts<()>> Taken<T> {
    /// Takes the argument.
    ///
    /// # Errors
    /// The response of its rejection.
    pub fn take<'a>(
        &self,
        parts: &'a mut Parts,
        _: Argument<T>,
    ) -> impl Future<Output = Result<T, Response>> + Send + use<'a, T> {
        async { T::from_request_parts(parts, &()).await.map_err(IntoResponse::into_response) }
    }
}

impl<T: FromRequest<()>> TakenOfBody<T> {
    /// Stands in for an argument that is not last: the bound is never met.
    pub fn take<U: BeforeBody>(&self, _: &mut Parts, _: Argument<U>) -> Ready<Result<U, Response>> {
        never()
    }
}

impl<T> TakenOfState<AxumState<T>> {
    /// Stands in for axum's state: the bound is never met.
    pub fn take<U: OfMayfly>(&self, _: &mut Parts, _: Argument<U>) -> Ready<Result<U, Response>> {
        never()
    }
}

impl<T> TakenOfOther<T> {
    /// Stands in for any other type: the bound is never met.
    pub fn take<U: Extracted>(&self, _: &mut Parts, _: Argument<U>) -> Ready<Result<U, Response>> {
        never()
    }
}

impl<T: FromRequestParts<()>> Last<T> {
    /// Takes the argument.
    ///
    /// # Errors
    /// The response of its rejection.
    pub fn take(&self, request: Request, _: Argument<T>) -> impl Future<Output = Result<T, Response>> + Send + use<T> {
        let (mut parts, _) = request.into_parts();
        async move { T::from_request_parts(&mut parts, &()).await.map_err(IntoResponse::into_response) }
    }
}

impl<T: FromRequest<()>> LastOfBody<T> {
    /// Takes the argument with the body.
    ///
    /// # Errors
    /// The response of its rejection.
    pub fn take(&self, request: Request, _: Argument<T>) -> impl Future<Output = Result<T, Response>> + Send + use<T> {
        async { T::from_request(request, &()).await.map_err(IntoResponse::into_response) }
    }
}

impl<T> LastOfState<AxumState<T>> {
    /// Stands in for axum's state: the bound is never met.
    pub fn take<U: OfMayfly>(&self, _: Request, _: Argument<U>) -> Ready<Result<U, Response>> {
        never()
    }
}

impl<T> LastOfOther<T> {
    /// Stands in for any other type: the bound is never met.
    pub fn take<U: Extracted>(&self, _: Request, _: Argument<U>) -> Ready<Result<U, Response>> {
        never()
    }
}

fn never<T>() -> Ready<T> {
    unreachable!("no type meets the bound")
}
