//! `ResultExt`: from a function's result to `Result<T, mayfly::Error>`.

use std::borrow::Cow;
use std::fmt;

use super::Error;

/// `context` and `named` on a `Result`, on the way to `?`.
///
/// ```
/// use mayfly::{Error, ResultExt};
///
/// fn quantity(text: &str) -> Result<u32, Error> {
///     text.parse::<u32>().context("the quantity").named("BadQuantity")
/// }
///
/// assert_eq!(quantity("7").unwrap(), 7);
/// let error = quantity("many").unwrap_err();
/// assert_eq!((error.name(), error.message()), ("BadQuantity", "the quantity"));
/// ```
pub trait ResultExt<T>: Sized {
    /// Puts `message` before what the error says, which becomes its cause, and notes the caller's line.
    ///
    /// # Errors
    /// The result's own error, converted.
    #[track_caller]
    fn context(self, message: impl fmt::Display) -> Result<T, Error>;

    /// Gives the error a name of your choice: the `errorType` on the wire.
    ///
    /// # Errors
    /// The result's own error, converted and renamed.
    #[track_caller]
    fn named(self, name: impl Into<Cow<'static, str>>) -> Result<T, Error>;
}

impl<T, E> ResultExt<T> for Result<T, E>
where
    Error: From<E>,
{
    #[track_caller]
    fn context(self, message: impl fmt::Display) -> Result<T, Error> {
        match self {
            Ok(value) => Ok(value),
            Err(error) => Err(Error::from(error).context(message)),
        }
    }

    #[track_caller]
    fn named(self, name: impl Into<Cow<'static, str>>) -> Result<T, Error> {
        match self {
            Ok(value) => Ok(value),
            Err(error) => Err(Error::from(error).named(name)),
        }
    }
}
