//! `Error`: what a handler's failure becomes.

use std::any::type_name;
use std::borrow::Cow;
use std::error::Error as _;
use std::fmt;
use std::ops::Deref;
use std::panic::Location;

use crate::logging;

/// Any failure of a handler or an init, with the lines it passed on its way.
///
/// `?` converts every [`std::error::Error`] into it and notes the `file:line:column` of that `?`, which then begins
/// the `stackTrace` of the error JSON. What is not a `std::error::Error` comes in through [`Error::new`],
/// [`Error::msg`] and [`Error::boxed`]. It keeps strings only, so it is `Send + Sync + 'static` whatever it was made
/// from. It is not itself a `std::error::Error`: Rust does not allow that beside the conversion from all of them.
///
/// A handler may just as well return an error type of its own; this one is for those that meet many kinds.
///
/// ```
/// use mayfly::{Error, ResultExt};
///
/// #[mayfly::handler]
/// fn price(pieces: String) -> Result<u32, Error> {
///     let pieces: u32 = pieces.parse().context("the number of pieces")?;
///     if pieces == 0 {
///         return Err(Error::new("NothingOrdered", "an order has at least one piece"));
///     }
///     Ok(pieces * 3)
/// }
///
/// fn main() {
///     assert_eq!(price("2".into()).unwrap(), 6);
///     assert_eq!(price("0".into()).unwrap_err().name(), "NothingOrdered");
/// }
/// ```
pub struct Error(Box<Failure>);

/// The parts of an [`Error`], as the report shows them.
pub(crate) struct Failure {
    pub(crate) name: Cow<'static, str>,
    pub(crate) message: String,
    pub(crate) trace: Vec<Frame>,
    pub(crate) causes: Vec<Cause>,
    /// Whether the log has it already: the panic hook was the first to know.
    pub(crate) is_logged: bool,
}

/// What was wrong underneath; without a name where only its text is known.
pub(crate) struct Cause {
    pub(crate) name: Option<Cow<'static, str>>,
    pub(crate) message: String,
}

/// One line of a stack trace: a function, a place, or both.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Frame {
    pub(crate) label: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// The `errorType` of values whose own type says nothing: boxed errors, `anyhow` and anything that is only `Display`.
pub(crate) const RUNTIME_ERROR: &str = "RuntimeError";
/// The `errorType` of values that are only `Debug`.
pub(crate) const UNKNOWN_ERROR: &str = "UnknownError";

impl Error {
    /// Makes an error under a name of your choice, which becomes the `errorType` that Step Functions or an alarm
    /// match, and notes the caller's line.
    #[track_caller]
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>, message: impl fmt::Display) -> Self {
        Self::bare(name.into(), message.to_string()).here()
    }

    /// Makes an error from anything that can be displayed (a `String`, say), under the name `RuntimeError`, and notes
    /// the caller's line.
    #[track_caller]
    #[must_use]
    pub fn msg(message: impl fmt::Display) -> Self {
        Self::bare(RUNTIME_ERROR.into(), message.to_string()).here()
    }

    /// Makes an error from a `Box<dyn std::error::Error>`, an `anyhow::Error` or whatever else dereferences to a
    /// `std::error::Error`, with its causes, under the name `RuntimeError`, and notes the caller's line.
    #[track_caller]
    #[must_use]
    pub fn boxed<E>(error: E) -> Self
    where
        E: Deref<Target: std::error::Error>,
    {
        Self::of_boxed(&error).here()
    }

    /// Gives the error another name: the `errorType` on the wire.
    #[must_use]
    pub fn named(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.0.name = name.into();
        self
    }

    /// Puts `message` before what the error says, which becomes its first cause, and notes the caller's line.
    #[track_caller]
    #[must_use]
    pub fn context(mut self, message: impl fmt::Display) -> Self {
        let inner = std::mem::replace(&mut self.0.message, message.to_string());
        self.0.causes.insert(0, Cause { name: Some(self.0.name.clone()), message: inner });
        self.here()
    }

    /// The name: `errorType` on the wire.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The message: `errorMessage` on the wire.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// An error of the runtime's own, which has no line in the user's code.
    pub(crate) fn runtime(name: &'static str, message: String) -> Self {
        Self::bare(Cow::Borrowed(name), message)
    }

    /// A typed error that a handler returned: its type's full path is its name.
    pub(crate) fn of_typed<T: ?Sized, E: std::error::Error + ?Sized>(error: &E) -> Self {
        Self::of_error(type_name::<T>().trim_start_matches('&'), error.to_string(), error.source())
    }

    /// What dereferences to an error, whose own type says nothing.
    pub(crate) fn of_boxed<E>(error: &E) -> Self
    where
        E: Deref<Target: std::error::Error>,
    {
        Self::of_error(RUNTIME_ERROR, (**error).to_string(), (**error).source())
    }

    /// What can only be displayed.
    pub(crate) fn of_display(error: &dyn fmt::Display) -> Self {
        Self::bare(RUNTIME_ERROR.into(), error.to_string())
    }

    /// What can only be debugged.
    pub(crate) fn of_debug(error: &dyn fmt::Debug) -> Self {
        Self::bare(UNKNOWN_ERROR.into(), format!("{error:?}"))
    }

    /// Adds the line of a function of the user's as the outermost frame, unless it is in the trace already.
    pub(crate) fn at(mut self, function: &str, file: &str, line: u32) -> Self {
        if !self.0.trace.iter().any(|frame| frame.is_of(function)) {
            self.0.trace.push(Frame { label: Some(function.into()), path: Some(file.into()), line, column: 0 });
        }
        self
    }

    /// Replaces the trace.
    pub(crate) fn with_trace(mut self, trace: Vec<Frame>) -> Self {
        self.0.trace = trace;
        self
    }

    /// Marks it as one that the log has already.
    pub(crate) fn logged(mut self) -> Self {
        self.0.is_logged = true;
        self
    }

    pub(crate) fn is_logged(&self) -> bool {
        self.0.is_logged
    }

    /// Adds what to do to a message that does not say it.
    pub(crate) fn advised(mut self) -> Self {
        self.0.message.push_str(logging::advice(&self.0.message));
        self
    }

    /// Says that it was the init `place` that failed: the name stays, unless it says nothing.
    pub(crate) fn in_init(mut self, place: &str) -> Self {
        if [RUNTIME_ERROR, UNKNOWN_ERROR].contains(&self.name()) {
            self.0.name = "Runtime.InitError".into();
        }
        self.0.message = format!("Initialization error: {place}: {}", self.0.message);
        self
    }

    pub(crate) fn failure(&self) -> &Failure {
        &self.0
    }

    /// What an error says, and what was underneath it.
    #[cold]
    fn of_error(name: &'static str, message: String, mut source: Option<&(dyn std::error::Error + 'static)>) -> Self {
        let mut made = Self::bare(name.into(), message);
        while let Some(cause) = source {
            made.0.causes.push(Cause { name: None, message: cause.to_string() });
            source = cause.source();
        }
        made
    }

    #[cold]
    fn bare(name: Cow<'static, str>, message: String) -> Self {
        Self(Box::new(Failure { name, message, trace: Vec::new(), causes: Vec::new(), is_logged: false }))
    }

    /// Notes the caller's line, once: `.context(…)` converts and annotates in one place.
    #[track_caller]
    fn here(mut self) -> Self {
        let frame = Frame::from(Location::caller());
        if self.0.trace.last() != Some(&frame) {
            self.0.trace.push(frame);
        }
        self
    }
}

impl<E: std::error::Error> From<E> for Error {
    #[track_caller]
    fn from(error: E) -> Self {
        Self::of_typed::<E, E>(&error).here()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

/// The whole error, on several lines, as the log shows it.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.name, self.0.message)?;
        for frame in &self.0.trace {
            write!(f, "\n    at {frame}")?;
        }
        for cause in &self.0.causes {
            write!(f, "\ncaused by: {}", cause.message)?;
        }
        Ok(())
    }
}

impl Frame {
    /// Whether it is a line of that function, or of a closure inside it.
    pub(crate) fn is_of(&self, function: &str) -> bool {
        let ends_there = |rest: &str| rest.is_empty() || rest.starts_with(':');
        self.label.as_ref().is_some_and(|label| label.split(function).skip(1).any(ends_there))
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.path.as_ref().map(|path| match self.column {
            0 => format!("{path}:{}", self.line),
            column => format!("{path}:{}:{column}", self.line),
        });
        match (&self.label, place) {
            (Some(label), Some(place)) => write!(f, "{label} ({place})"),
            (Some(label), None) => f.write_str(label),
            (None, Some(place)) => f.write_str(&place),
            (None, None) => Ok(()),
        }
    }
}

impl From<&Location<'_>> for Frame {
    fn from(location: &Location<'_>) -> Self {
        Self { label: None, path: Some(location.file().into()), line: location.line(), column: location.column() }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    fn failing() -> Result<u32, std::num::ParseIntError> {
        "x".parse()
    }

    fn lines(error: &Error) -> Vec<u32> {
        error.0.trace.iter().map(|frame| frame.line).collect()
    }

    #[test]
    fn question_mark_leaves_its_line_and_context_its_own() {
        let plain = || -> Result<u32, Error> { Ok(failing()?) };
        let line = line!() - 1;
        assert_eq!(lines(&plain().unwrap_err()), [line]);
        let outer = || -> Result<u32, Error> { plain().context("outer") };
        let error = outer().unwrap_err();
        assert_eq!(lines(&error), [line, line + 3]);
        assert_eq!((error.name(), error.message()), ("core::num::error::ParseIntError", "outer"));
        assert_eq!(error.0.causes[0].message, "invalid digit found in string");
    }

    #[test]
    fn a_frame_belongs_to_a_function_of_exactly_that_name() {
        for (label, is_its) in [
            ("my_app::place", true),
            ("my_app::place::{{closure}}", true),
            ("my_app::place_order", false),
            ("my_app::place_order::{{closure}}", false),
            ("my_app::orders::place", false),
        ] {
            let frame = Frame { label: Some(label.into()), ..Frame::default() };
            assert_eq!(frame.is_of("my_app::place"), is_its, "{label}");
        }
        assert!(!Frame::default().is_of("my_app::place"));
    }

    #[test]
    fn context_on_a_foreign_error_leaves_one_line() {
        let error = failing().context("once").unwrap_err();
        assert_eq!(lines(&error), [line!() - 1]);
    }

    #[test]
    fn what_question_mark_cannot_take_comes_in_by_name() {
        let boxed: Box<dyn std::error::Error + Send + Sync> = "boxed".into();
        for (error, name, message) in [
            (Error::boxed(boxed), RUNTIME_ERROR, "boxed"),
            (Error::msg("text"), RUNTIME_ERROR, "text"),
            (Error::new("Named", 7), "Named", "7"),
            (Error::msg("text").named("Later"), "Later", "text"),
        ] {
            assert_eq!((error.name(), error.message()), (name, message));
            assert_eq!(error.0.trace[0].path.as_deref(), Some(file!()));
        }
    }

    #[test]
    fn debug_shows_the_whole_story() {
        let error = Error::runtime("Name", "message".into()).at("my_app::f", "src/lib.rs", 3);
        assert_eq!(format!("{error:?}"), "Name: message\n    at my_app::f (src/lib.rs:3)");
    }

    const _: fn() = || {
        fn is_shared<T: Send + Sync + 'static>() {}
        is_shared::<Error>();
    };
}
