//! `ResultExt`: conversions from any `Result` to `Result<T, mayfly::Error>`.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use super::failure::Error;

/// An extension of `Result` with methods that convert its error into [`Error`] and record the caller's line.
///
/// [`msg_err`](Self::msg_err) and [`boxed_err`](Self::boxed_err) convert errors that `?` cannot; the other methods can
/// follow them.
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
///
/// fn shelf(text: &str) -> Result<u32, Error> {
///     let boxed: Result<u32, Box<dyn std::error::Error>> = text.parse::<u32>().map_err(Into::into);
///     let number = boxed.boxed_err().context("the shelf")?;
///     u32::checked_sub(number, 1).ok_or("shelves are counted from 1").msg_err().named("NoSuchShelf")
/// }
///
/// assert_eq!(shelf("7").unwrap(), 6);
/// assert_eq!(shelf("top").unwrap_err().message(), "the shelf");
/// assert_eq!(shelf("0").unwrap_err().name(), "NoSuchShelf");
/// ```
pub trait ResultExt<T, E>: Sized {
    /// Replaces the message of the error with `message`, keeps the former one as the first cause, and records the
    /// caller's line.
    ///
    /// # Errors
    /// Returns the result's own error, converted.
    #[track_caller]
    fn context(self, message: impl fmt::Display) -> Result<T, Error>
    where
        Error: From<E>;

    /// Replaces the name of the error, which becomes the `errorType` of the error JSON.
    ///
    /// # Errors
    /// Returns the result's own error, converted and renamed.
    #[track_caller]
    fn named(self, name: impl Into<Cow<'static, str>>) -> Result<T, Error>
    where
        Error: From<E>;

    /// Converts an error that implements `Display`, as [`Error::msg`] does, and records the caller's line.
    ///
    /// # Errors
    /// Returns the result's own error, converted.
    #[track_caller]
    fn msg_err(self) -> Result<T, Error>
    where
        E: fmt::Display;

    /// Converts a `Box<dyn std::error::Error>`, an `anyhow::Error` or another pointer to an error, as [`Error::boxed`]
    /// does, and records the caller's line.
    ///
    /// # Errors
    /// Returns the result's own error, converted.
    #[track_caller]
    fn boxed_err(self) -> Result<T, Error>
    where
        E: Deref<Target: std::error::Error>;
}

impl<T, E> ResultExt<T, E> for Result<T, E> {
    #[track_caller]
    fn context(self, message: impl fmt::Display) -> Result<T, Error>
    where
        Error: From<E>,
    {
        match self {
            Ok(value) => Ok(value),
            Err(error) => Err(Error::from(error).context(message)),
        }
    }

    #[track_caller]
    fn named(self, name: impl Into<Cow<'static, str>>) -> Result<T, Error>
    where
        Error: From<E>,
    {
        match self {
            Ok(value) => Ok(value),
            Err(error) => Err(Error::from(error).named(name)),
        }
    }

    #[track_caller]
    fn msg_err(self) -> Result<T, Error>
    where
        E: fmt::Display,
    {
        match self {
            Ok(value) => Ok(value),
            Err(error) => Err(Error::msg(error)),
        }
    }

    #[track_caller]
    fn boxed_err(self) -> Result<T, Error>
    where
        E: Deref<Target: std::error::Error>,
    {
        match self {
            Ok(value) => Ok(value),
            Err(error) => Err(Error::boxed(error)),
        }
    }
}
