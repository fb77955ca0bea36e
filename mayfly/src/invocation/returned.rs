//! What a function returned becomes a reply, a state or an error, chosen on its concrete type.
//!
//! Generated code calls one method on a tag that carries the type. The compiler takes the first tag, down a chain of
//! `Deref`, whose inherent method fits the type; so the chain is the order of preference, and the user's code needs no
//! trait in scope.

#![expect(
    clippy::unused_self,
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    reason = "the methods of one name have one signature, whichever tag is taken"
)]

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use super::state::StateType;
use crate::error::Error;

/// Declares tags for a type, each followed by the one to try next.
macro_rules! tags {
    ($($(#[$doc:meta])* $tag:ident => $next:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $tag<T>(PhantomData<T>);

        impl<T> Deref for $tag<T> {
            type Target = $next<T>;

            fn deref(&self) -> &$next<T> {
                &$next(PhantomData)
            }
        }
    )*};
}

tags! {
    /// What a function returned, if it is a `Result`, under any alias.
    Returned => Pending;
    /// What a function returned, if it is a future that is not awaited.
    Pending => Plain;

    /// The error of a function, if it is Mayfly's own.
    Failed => Pointer;
    /// The error, if it is a pointer to a typed error: the pointer's own type says nothing.
    Pointer => Opaque;
    /// The error, if it is a pointer that passes for a `std::error::Error` though the error behind it is erased.
    Opaque => Typed;
    /// The error, if it is a `std::error::Error`.
    Typed => Boxed;
    /// The error, if it dereferences to a `std::error::Error`.
    Boxed => Displayed;
    /// The error, if it can be displayed.
    Displayed => Debugged;
    /// The error, if it can be debugged.
    Debugged => Unreportable;
}

/// What a function returned, if it is no `Result`.
#[derive(Debug)]
pub struct Plain<T>(PhantomData<T>);

/// The error of a function, if it is none of these.
#[derive(Debug)]
pub struct Unreportable<T>(PhantomData<T>);

impl<T> Returned<T> {
    /// A tag whose type is yet to be inferred.
    pub const TAG: Self = Self(PhantomData);

    /// The tag of a value.
    #[must_use]
    pub fn of(_: &T) -> Self {
        Self::TAG
    }

    /// Infers the tag's type from a value.
    pub fn is(&self, _: &T) {}

    /// Infers the tag's type from the future of a value.
    pub fn is_awaited(&self, _: &impl Future<Output = T>) {}
}

impl<T, E> Returned<Result<T, E>> {
    /// A `Result` is what it is.
    ///
    /// # Errors
    /// The function's own.
    pub fn split(&self, returned: Result<T, E>) -> Result<T, E> {
        returned
    }

    /// The type of the state in it.
    #[must_use]
    pub fn state_type(&self) -> StateType
    where
        T: 'static,
    {
        StateType::of::<T>()
    }
}

impl<T: Future> Pending<T> {
    /// A future is a compile error: the bound is never met.
    ///
    /// # Errors
    /// Never.
    pub fn split(&self, _: T) -> Result<(), Infallible>
    where
        T: Awaited,
    {
        Ok(())
    }

    /// A state in its place.
    #[must_use]
    pub fn state_type(&self) -> StateType {
        StateType::of::<()>()
    }
}

impl<T> Plain<T> {
    /// Anything else is a success.
    ///
    /// # Errors
    /// Never.
    pub fn split(&self, returned: T) -> Result<T, Infallible> {
        Ok(returned)
    }

    /// Its type as a state.
    #[must_use]
    pub fn state_type(&self) -> StateType
    where
        T: 'static,
    {
        StateType::of::<T>()
    }
}

impl<E> Failed<E> {
    /// The tag of an error.
    #[must_use]
    pub fn of(_: &E) -> Self {
        Self(PhantomData)
    }
}

impl Failed<Error> {
    /// Mayfly's own error is passed on.
    pub fn report(&self, error: Error) -> Error {
        error
    }
}

impl<E: std::error::Error> Pointer<Box<E>> {
    /// A boxed typed error is named by the type in the box.
    pub fn report(&self, error: Box<E>) -> Error {
        Error::of_typed::<E, E>(&error)
    }
}

impl<E: std::error::Error> Pointer<Arc<E>> {
    /// A shared typed error is named by the type that is shared.
    pub fn report(&self, error: Arc<E>) -> Error {
        Error::of_typed::<E, E>(&error)
    }
}

impl<E: std::error::Error + ?Sized> Opaque<Arc<E>> {
    /// An erased error has a text and causes, but no name.
    pub fn report(&self, error: Arc<E>) -> Error {
        Error::of_boxed(&error)
    }
}

impl<E: std::error::Error> Typed<E> {
    /// A typed error is named by its type.
    pub fn report(&self, error: E) -> Error {
        Error::of_typed::<E, E>(&error)
    }
}

impl<E: Deref<Target: std::error::Error>> Boxed<E> {
    /// A boxed error has a text and causes, but no name.
    pub fn report(&self, error: E) -> Error {
        Error::of_boxed(&error)
    }
}

impl<E: fmt::Display> Displayed<E> {
    /// What can be displayed has a text.
    pub fn report(&self, error: E) -> Error {
        Error::of_display(&error)
    }
}

impl<E: fmt::Debug> Debugged<E> {
    /// What can be debugged has at least that.
    pub fn report(&self, error: E) -> Error {
        Error::of_debug(&error)
    }
}

impl<T> Unreportable<T> {
    /// Anything else is a compile error, which blames the argument alone since the tag's type has no part in the bound.
    pub fn report<E: Reportable>(&self, error: E) -> Error {
        Error::of_typed::<E, E>(&error)
    }
}

/// What a handler or an init may return as its error. The bound is asked for only where no tag fits.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be reported as a handler error",
    label = "not an error",
    note = "implement `std::error::Error` for it, or return `mayfly::Error`"
)]
pub trait Reportable: std::error::Error {}

#[diagnostic::do_not_recommend]
impl<E: std::error::Error> Reportable for E {}

/// What no future is. The bound is asked for only of a future, so nothing needs to implement it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is a future, and it is not awaited",
    label = "a future",
    note = "write `async fn` and await it there; if another attribute has made this of an `async fn`, put Mayfly's above it"
)]
pub trait Awaited {}

#[cfg(test)]
mod tests {
    use std::error::Error as StdError;
    use std::fmt::{Display, Formatter, Result as FmtResult};
    use std::num::ParseIntError;

    use super::*;

    const PARSE_INT_ERROR: &str = "core::num::error::ParseIntError";
    const INVALID_DIGIT: &str = "invalid digit found in string";

    /// What generated code makes of an error: its name and message.
    macro_rules! reported {
        ($error:expr) => {{
            let error = $error;
            let error = Failed::of(&error).report(error);
            (error.name().to_owned(), error.message().to_owned())
        }};
    }

    fn pair(name: &str, message: &str) -> (String, String) {
        (name.to_owned(), message.to_owned())
    }

    fn parse_error() -> ParseIntError {
        "x".parse::<u8>().unwrap_err()
    }

    #[derive(Debug)]
    struct OnlyDebug;

    struct OnlyDisplay;

    impl Display for OnlyDisplay {
        fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
            f.write_str("shown")
        }
    }

    /// What `anyhow::Error` is to this chain: displayed, debugged, dereferencing to an error, and none itself.
    #[derive(Debug)]
    struct LikeAnyhow(Box<dyn StdError + Send + Sync>);

    impl Display for LikeAnyhow {
        fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
            self.0.fmt(f)
        }
    }

    impl Deref for LikeAnyhow {
        type Target = dyn StdError + Send + Sync;

        fn deref(&self) -> &Self::Target {
            &*self.0
        }
    }

    #[test]
    fn own_error_is_passed_on_with_its_name_and_trace() {
        let error = Error::new("OrderRejected", "sold out");
        let frames = error.parts().trace.iter().len();
        let error = Failed::of(&error).report(error);
        assert_eq!((error.name(), error.message()), ("OrderRejected", "sold out"));
        assert_eq!(error.parts().trace.iter().len(), frames);
    }

    #[test]
    fn typed_error_is_named_by_its_full_path() {
        assert_eq!(reported!(parse_error()), pair(PARSE_INT_ERROR, INVALID_DIGIT));
    }

    #[test]
    fn pointer_to_a_typed_error_is_named_by_what_it_points_to() {
        assert_eq!(reported!(Box::new(parse_error())), pair(PARSE_INT_ERROR, INVALID_DIGIT));
        assert_eq!(reported!(Arc::new(parse_error())), pair(PARSE_INT_ERROR, INVALID_DIGIT));
        assert_eq!(reported!(&*Box::leak(Box::new(parse_error()))), pair(PARSE_INT_ERROR, INVALID_DIGIT));
    }

    #[test]
    fn erased_error_has_no_name_of_its_own() {
        let erased = pair("RuntimeError", INVALID_DIGIT);
        assert_eq!(reported!(Box::<dyn StdError>::from(parse_error())), erased);
        assert_eq!(reported!(Box::<dyn StdError + Send + Sync>::from(parse_error())), erased);
        assert_eq!(
            reported!(Arc::<dyn StdError + Send + Sync>::from(Box::<dyn StdError + Send + Sync>::from(parse_error()))),
            erased
        );
        assert_eq!(reported!(LikeAnyhow(parse_error().into())), erased);
    }

    #[test]
    fn text_is_displayed() {
        assert_eq!(reported!("sold out"), pair("RuntimeError", "sold out"));
        assert_eq!(reported!("sold out".to_owned()), pair("RuntimeError", "sold out"));
        assert_eq!(reported!(OnlyDisplay), pair("RuntimeError", "shown"));
    }

    #[test]
    fn what_is_only_debug_is_debugged() {
        assert_eq!(reported!(OnlyDebug), pair("UnknownError", "OnlyDebug"));
        assert_eq!(reported!(()), pair("UnknownError", "()"));
    }

    #[test]
    fn result_is_split_under_an_alias_without_any_bound() {
        type Response = Result<OnlyDisplay, OnlyDebug>;
        let response: Response = Ok(OnlyDisplay);
        assert!(matches!(Returned::of(&response).split(response), Ok(OnlyDisplay)));
        let response: Response = Err(OnlyDebug);
        assert!(matches!(Returned::of(&response).split(response), Err(OnlyDebug)));
    }

    #[test]
    fn anything_else_is_a_success() {
        assert_eq!(Returned::of(&7).split(7), Ok(7));
        let nested = Some(Err::<(), _>(OnlyDebug));
        assert!(matches!(Returned::of(&nested).split(nested), Ok(Some(Err(OnlyDebug)))));
    }

    #[test]
    fn state_is_what_the_result_holds() {
        assert_eq!(Returned::<Result<String, OnlyDebug>>::TAG.state_type(), StateType::of::<String>());
        assert_eq!(Returned::<String>::TAG.state_type(), StateType::of::<String>());
    }
}
