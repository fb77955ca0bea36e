//! `Returned` and `Failed`: tags that turn a function's return value into a reply, a state or an error.
//!
//! Generated code calls one method on a tag that carries the concrete type. Each tag dereferences to the next, and the
//! compiler takes the first tag in this chain whose inherent method fits the type. So the chain is the order of
//! preference, and the user's code needs no trait in scope. The technique is known as autoref specialization, here with
//! `Deref` in place of autoref: <https://github.com/dtolnay/case-studies/blob/master/autoref-specialization/README.md>.

#![expect(
    clippy::unused_self,
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    reason = "the methods of one name have the same signature on all tags"
)]

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use super::state::StateType;
use crate::error::Error;

/// Declares tags for a type, each with the tag to try next.
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
    /// The tag of a return value that is a `Result`, under any alias.
    Returned => Pending;
    /// The tag of a return value that is a future, which is a compile error.
    Pending => Plain;

    /// The tag of an error that is a [`mayfly::Error`](Error).
    Failed => Pointer;
    /// The tag of a pointer to a typed error, since the pointer's own type says nothing.
    Pointer => Opaque;
    /// The tag of a pointer to an erased error that implements `std::error::Error` itself.
    Opaque => Typed;
    /// The tag of an error that implements `std::error::Error`.
    Typed => Boxed;
    /// The tag of an error that dereferences to a `std::error::Error`.
    Boxed => Displayed;
    /// The tag of an error that implements `Display`.
    Displayed => Debugged;
    /// The tag of an error that implements `Debug`.
    Debugged => Unreportable;
}

/// The tag of a return value that is not a `Result`.
#[derive(Debug)]
pub struct Plain<T>(PhantomData<T>);

/// The tag of an error that cannot be reported, which is a compile error.
#[derive(Debug)]
pub struct Unreportable<T>(PhantomData<T>);

impl<T> Returned<T> {
    /// A tag whose type is inferred later.
    pub const TAG: Self = Self(PhantomData);

    /// Returns the tag of a value.
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
    /// Returns the `Result` as it is.
    ///
    /// # Errors
    /// Returns the function's own error.
    pub fn split(&self, returned: Result<T, E>) -> Result<T, E> {
        returned
    }

    /// Returns the type of the state in the `Result`.
    #[must_use]
    pub fn state_type(&self) -> StateType
    where
        T: 'static,
    {
        StateType::of::<T>()
    }
}

impl<T: Future> Pending<T> {
    /// Fails to compile: the bound is never met.
    ///
    /// # Errors
    /// Never returns an error.
    pub fn split(&self, _: T) -> Result<(), Infallible>
    where
        T: Awaited,
    {
        Ok(())
    }

    /// Returns a placeholder, so that `split` causes the only compile error.
    #[must_use]
    pub fn state_type(&self) -> StateType {
        StateType::of::<()>()
    }
}

impl<T> Plain<T> {
    /// Returns the value as a success.
    ///
    /// # Errors
    /// Never returns an error.
    pub fn split(&self, returned: T) -> Result<T, Infallible> {
        Ok(returned)
    }

    /// Returns the type of the value as a state's type.
    #[must_use]
    pub fn state_type(&self) -> StateType
    where
        T: 'static,
    {
        StateType::of::<T>()
    }
}

impl<E> Failed<E> {
    /// Returns the tag of an error.
    #[must_use]
    pub fn of(_: &E) -> Self {
        Self(PhantomData)
    }
}

impl Failed<Error> {
    /// Returns Mayfly's own error as it is.
    pub fn report(&self, error: Error) -> Error {
        error
    }
}

impl<E: std::error::Error> Pointer<Box<E>> {
    /// Converts a boxed typed error, named by the type in the box.
    pub fn report(&self, error: Box<E>) -> Error {
        Error::of_typed::<E, E>(&error)
    }
}

impl<E: std::error::Error> Pointer<Arc<E>> {
    /// Converts a shared typed error, named by the type that is shared.
    pub fn report(&self, error: Arc<E>) -> Error {
        Error::of_typed::<E, E>(&error)
    }
}

impl<E: std::error::Error + ?Sized> Opaque<Arc<E>> {
    /// Converts an erased error, which has a message and causes but no name.
    pub fn report(&self, error: Arc<E>) -> Error {
        Error::of_boxed(&error)
    }
}

impl<E: std::error::Error> Typed<E> {
    /// Converts a typed error, named by its type.
    pub fn report(&self, error: E) -> Error {
        Error::of_typed::<E, E>(&error)
    }
}

impl<E: Deref<Target: std::error::Error>> Boxed<E> {
    /// Converts a boxed error, which has a message and causes but no name.
    pub fn report(&self, error: E) -> Error {
        Error::of_boxed(&error)
    }
}

impl<E: fmt::Display> Displayed<E> {
    /// Converts a value that implements `Display`, without causes and without a name of its own.
    pub fn report(&self, error: E) -> Error {
        Error::of_display(&error)
    }
}

impl<E: fmt::Debug> Debugged<E> {
    /// Converts a value that implements `Debug`, without causes and without a name of its own.
    pub fn report(&self, error: E) -> Error {
        Error::of_debug(&error)
    }
}

impl<T> Unreportable<T> {
    /// Fails to compile. The message blames only the argument, since the tag's type is not part of the bound.
    pub fn report<E: Reportable>(&self, error: E) -> Error {
        Error::of_typed::<E, E>(&error)
    }
}

/// A type that a handler or an init can return as its error. The bound is checked only if no tag fits.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be reported as a handler error",
    label = "not an error",
    note = "implement `std::error::Error` for it, or return `mayfly::Error`"
)]
pub trait Reportable: std::error::Error {}

#[diagnostic::do_not_recommend]
impl<E: std::error::Error> Reportable for E {}

/// The bound that makes a future a compile error. It is checked only for futures, so nothing implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is a future, and it is not awaited",
    label = "a future",
    note = "write `async fn` and await it there; if another attribute has made this of an `async fn`, put Mayfly's \
            above it"
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

    /// Converts an error as generated code does. Returns its name and message.
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

    /// A type like `anyhow::Error`: it implements `Display` and `Debug` and dereferences to an error, but is not one
    /// itself.
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
    fn mayflys_own_error_keeps_its_name_and_trace() {
        let error = Error::new("OrderRejected", "sold out");
        let frames = error.parts().trace.iter().len();
        let error = Failed::of(&error).report(error);
        assert_eq!((error.name(), error.message()), ("OrderRejected", "sold out"));
        assert_eq!(error.parts().trace.iter().len(), frames);
    }

    #[test]
    fn a_typed_error_is_named_by_its_full_path() {
        assert_eq!(reported!(parse_error()), pair(PARSE_INT_ERROR, INVALID_DIGIT));
    }

    #[test]
    fn a_pointer_to_a_typed_error_is_named_by_the_type_behind_it() {
        assert_eq!(reported!(Box::new(parse_error())), pair(PARSE_INT_ERROR, INVALID_DIGIT));
        assert_eq!(reported!(Arc::new(parse_error())), pair(PARSE_INT_ERROR, INVALID_DIGIT));
        assert_eq!(reported!(&*Box::leak(Box::new(parse_error()))), pair(PARSE_INT_ERROR, INVALID_DIGIT));
    }

    #[test]
    fn an_erased_error_has_no_name_of_its_own() {
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
    fn a_value_with_display_is_displayed() {
        assert_eq!(reported!("sold out"), pair("RuntimeError", "sold out"));
        assert_eq!(reported!("sold out".to_owned()), pair("RuntimeError", "sold out"));
        assert_eq!(reported!(OnlyDisplay), pair("RuntimeError", "shown"));
    }

    #[test]
    fn a_value_with_only_debug_is_formatted_by_debug() {
        assert_eq!(reported!(OnlyDebug), pair("UnknownError", "OnlyDebug"));
        assert_eq!(reported!(()), pair("UnknownError", "()"));
    }

    #[test]
    fn a_result_under_an_alias_is_split_without_any_bound() {
        type Alias = Result<OnlyDisplay, OnlyDebug>;
        let returned: Alias = Ok(OnlyDisplay);
        assert!(matches!(Returned::of(&returned).split(returned), Ok(OnlyDisplay)));
        let returned: Alias = Err(OnlyDebug);
        assert!(matches!(Returned::of(&returned).split(returned), Err(OnlyDebug)));
    }

    #[test]
    fn any_other_value_is_a_success() {
        assert_eq!(Returned::of(&7).split(7), Ok(7));
        let nested = Some(Err::<(), _>(OnlyDebug));
        assert!(matches!(Returned::of(&nested).split(nested), Ok(Some(Err(OnlyDebug)))));
    }

    #[test]
    fn the_type_of_a_state_is_the_success_type_of_the_result() {
        assert_eq!(Returned::<Result<String, OnlyDebug>>::TAG.state_type(), StateType::of::<String>());
        assert_eq!(Returned::<String>::TAG.state_type(), StateType::of::<String>());
    }
}
