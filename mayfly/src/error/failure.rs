//! `Error`: the error type that a handler or an init can return.

use std::any::type_name;
use std::borrow::Cow;
use std::error::Error as _;
use std::fmt::{self, Write};
use std::ops::Deref;
use std::panic::Location;

use super::advice::advice;
use super::chain::{Chain, LeftOut};
use super::frame::Frame;
use super::limits;
use super::text::{self, Text, cut, within};
use crate::stage::Stage;

/// An error of a handler or an init, with the source lines that it passed through.
///
/// `?` converts any [`std::error::Error`] into it and records the `file:line:column` of that `?`, which begins the
/// `stackTrace` of the error JSON. For other values, use [`ResultExt::msg_err`] and [`ResultExt::boxed_err`] before the
/// `?`, or [`Error::msg`] and [`Error::boxed`].
///
/// It holds only strings, so it is `Send + Sync + 'static` even if the original error is not. Long strings are cut, and
/// of many causes only the first and the last are kept. It does not implement `std::error::Error` itself: Rust does not
/// allow that in addition to the conversion from every such type.
///
/// A handler can also return an error type of its own; `Error` is for handlers that meet several kinds of errors.
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
///
/// [`ResultExt::msg_err`]: crate::ResultExt::msg_err
/// [`ResultExt::boxed_err`]: crate::ResultExt::boxed_err
pub struct Error(Box<Parts>);

/// The parts of an [`Error`] as the report shows them. Each part is limited when it is added, see [`limits`].
pub(crate) struct Parts {
    pub(crate) name: Cow<'static, str>,
    pub(crate) message: Text,
    pub(crate) trace: Chain<Frame, { limits::FRAMES }>,
    pub(crate) causes: Chain<Cause, { limits::CAUSES }>,
    /// Whether the log already has the error: the panic hook may have logged it.
    pub(crate) is_logged: bool,
    /// Whether the trace ends with the place of the function that failed.
    is_placed: bool,
}

/// A cause of an error. It has no name if only its text is known.
pub(crate) struct Cause {
    pub(crate) name: Option<Cow<'static, str>>,
    pub(crate) message: Text,
}

/// The `errorType` of values whose own type says nothing: boxed errors, `anyhow::Error` and values that are only
/// `Display`.
pub(crate) const RUNTIME_ERROR: &str = "RuntimeError";
/// The `errorType` of values that are only `Debug`.
pub(crate) const UNKNOWN_ERROR: &str = "UnknownError";

impl Error {
    /// Creates an error from a name and a message, and records the caller's line.
    ///
    /// The name becomes the `errorType` of the error JSON, which Step Functions and alarms can match.
    #[track_caller]
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>, message: impl fmt::Display) -> Self {
        Self::bare(name.into(), Text::of(&message)).here()
    }

    /// Creates an error named `RuntimeError` from any value that implements `Display`, such as a `String`, and records
    /// the caller's line.
    ///
    /// `map_err(Error::msg)` has no caller's line to record; use [`ResultExt::msg_err`](crate::ResultExt::msg_err)
    /// instead.
    #[track_caller]
    #[must_use]
    pub fn msg(message: impl fmt::Display) -> Self {
        Self::bare(RUNTIME_ERROR.into(), Text::of(&message)).here()
    }

    /// Creates an error named `RuntimeError` from a `Box<dyn std::error::Error>`, an `anyhow::Error` or any other
    /// pointer to a `std::error::Error`, with its causes, and records the caller's line.
    ///
    /// `map_err(Error::boxed)` has no caller's line to record; use
    /// [`ResultExt::boxed_err`](crate::ResultExt::boxed_err) instead.
    #[track_caller]
    #[must_use]
    pub fn boxed<E>(error: E) -> Self
    where
        E: Deref<Target: std::error::Error>,
    {
        Self::of_boxed(&error).here()
    }

    /// Replaces the name of the error, which becomes the `errorType` of the error JSON.
    #[must_use]
    pub fn named(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.0.name = text::name(name.into());
        self
    }

    /// Replaces the message of the error with `message`, keeps the former one as the first cause, and records the
    /// caller's line.
    #[track_caller]
    #[must_use]
    pub fn context(mut self, message: impl fmt::Display) -> Self {
        let inner = std::mem::replace(&mut self.0.message, Text::of(&message));
        self.0.causes.push_front(Cause { name: Some(self.0.name.clone()), message: inner });
        self.here()
    }

    /// Returns the name, which is the `errorType` of the error JSON.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Returns the message, which is the `errorMessage` of the error JSON.
    #[must_use]
    pub fn message(&self) -> &str {
        self.0.message.as_str()
    }

    /// Creates an error of the runtime itself, without a line in the user's code.
    pub(crate) fn runtime(name: &'static str, message: String) -> Self {
        Self::bare(Cow::Borrowed(name), message.into())
    }

    /// Converts a typed error that a handler returned. Its name is the full path of the type.
    pub(crate) fn of_typed<T: ?Sized, E: std::error::Error + ?Sized>(error: &E) -> Self {
        Self::of_error(type_name::<T>().trim_start_matches('&'), &error, error.source())
    }

    /// Converts a pointer to an error whose own type is erased.
    pub(crate) fn of_boxed<E>(error: &E) -> Self
    where
        E: Deref<Target: std::error::Error>,
    {
        Self::of_error(RUNTIME_ERROR, &&**error, (**error).source())
    }

    /// Converts a value that only implements `Display`.
    pub(crate) fn of_display(error: &dyn fmt::Display) -> Self {
        Self::bare(RUNTIME_ERROR.into(), Text::of(error))
    }

    /// Converts a value that only implements `Debug`.
    pub(crate) fn of_debug(error: &dyn fmt::Debug) -> Self {
        Self::bare(UNKNOWN_ERROR.into(), Text::of(&format_args!("{error:?}")))
    }

    /// Adds the line of one of the user's functions as the outermost frame, unless the trace already has the function.
    pub(crate) fn at(mut self, function: &str, file: &str, line: u32) -> Self {
        if !self.0.trace.iter().any(|frame| frame.is_of(function)) {
            self.0.trace.push(Frame { label: Some(function.into()), path: Some(file.into()), line, column: 0 });
        }
        self.0.is_placed = true;
        self
    }

    /// Reports whether the trace ends with the place of the function that failed.
    pub(crate) fn is_placed(&self) -> bool {
        self.0.is_placed
    }

    /// Adds a trace, without frames of the standard library.
    pub(crate) fn with_trace(mut self, trace: Vec<Frame>) -> Self {
        trace.into_iter().filter(|frame| !frame.is_of_toolchain()).for_each(|frame| self.0.trace.push(frame));
        self
    }

    /// Marks the error as logged.
    pub(crate) fn logged(mut self) -> Self {
        self.0.is_logged = true;
        self
    }

    pub(crate) fn is_logged(&self) -> bool {
        self.0.is_logged
    }

    /// Appends advice to a message that does not say what to do.
    pub(crate) fn advised(mut self) -> Self {
        let advice = advice(self.message());
        // Writing fails if the message was cut, which leaves no room for advice.
        let _ = self.0.message.write_str(advice);
        self
    }

    /// Puts the stage and the `place` of its function before the message. The name becomes that of the stage if it says
    /// nothing itself.
    pub(crate) fn in_stage(mut self, stage: &Stage, place: &str) -> Self {
        if [RUNTIME_ERROR, UNKNOWN_ERROR].contains(&self.name()) {
            self.0.name = stage.error_type.into();
        }
        self.0.message.prefix(&format!("{}: {place}: ", stage.title));
        self
    }

    /// Makes the error of a batch of which this is the first record's.
    pub(crate) fn of_batch(mut self, records: usize) -> Self {
        let message = match records {
            1 => Text::of(&format_args!("the only record failed: {}", self.message())),
            _ => Text::of(&format_args!("all {records} records failed; the first: {}", self.message())),
        };
        let first = std::mem::replace(&mut self.0.message, message);
        let name = std::mem::replace(&mut self.0.name, "Function.BatchFailed".into());
        self.0.causes.push_front(Cause { name: Some(name), message: first });
        self
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.0
    }

    /// Collects the name, the message and the causes of an error.
    #[cold]
    fn of_error(
        name: &'static str,
        message: &dyn fmt::Display,
        mut source: Option<&(dyn std::error::Error + 'static)>,
    ) -> Self {
        let mut collected = Self::bare(name.into(), Text::of(message));
        let mut sources = Chain::<_, { limits::CAUSES }>::default();
        for _ in 0..limits::STEPS {
            let Some(cause) = source else { break };
            sources.push(cause);
            source = cause.source();
        }
        collected.0.causes = sources.map(|cause| Cause { name: None, message: Text::of(cause) });
        if source.is_some() {
            let message = format_args!(
                "(only the first {} causes were followed: the chain is longer or has no end)",
                limits::STEPS
            );
            collected.0.causes.push(Cause { name: None, message: Text::of(&message) });
        }
        collected
    }

    #[cold]
    fn bare(name: Cow<'static, str>, message: Text) -> Self {
        let (trace, causes) = (Chain::default(), Chain::default());
        Self(Box::new(Parts { name: text::name(name), message, trace, causes, is_logged: false, is_placed: false }))
    }

    /// Records the caller's line, but only once: `.context(…)` converts and annotates on the same line.
    #[track_caller]
    fn here(mut self) -> Self {
        let frame = Frame::from(Location::caller());
        if self.0.trace.iter().last() != Some(&frame) && !frame.is_of_toolchain() {
            self.0.trace.push(frame);
        }
        self
    }
}

/// A type that `?` converts into an [`Error`]: any [`std::error::Error`].
// If a `?` fails to convert, the compiler shows only the label of this message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be converted into `mayfly::Error` by itself",
    label = "not a `std::error::Error`: write `.boxed_err()?` for `Box<dyn Error>` and `anyhow::Error`, `.msg_err()?` \
             for text, both from `mayfly::ResultExt`",
    note = "`.boxed_err()` and `.msg_err()` keep the line in the stack trace, which `.map_err(…)` loses"
)]
pub trait Convertible: std::error::Error {}

#[diagnostic::do_not_recommend]
impl<E: std::error::Error> Convertible for E {}

impl<E: Convertible> From<E> for Error {
    #[track_caller]
    fn from(error: E) -> Self {
        Self::of_typed::<E, E>(&error).here()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

/// Formats the whole error on several lines, as the log shows it.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&within(limits::LOG, &|longest| self.0.lines(longest)))
    }
}

impl Parts {
    /// Formats the lines for the log, with texts of at most `longest` bytes.
    fn lines(&self, longest: usize) -> String {
        let mut lines = format!("{}: {}", cut(&self.name, longest), self.message.cut(longest));
        self.trace.each(&mut |frame| {
            let _ = write!(lines, "\n    at {}", cut(&frame.to_string(), longest));
        });
        self.causes.each(&mut |cause| {
            let _ = write!(lines, "\ncaused by: {}", cause.message.cut(longest));
        });
        lines
    }
}

impl LeftOut for Cause {
    fn left_out(count: usize) -> Self {
        Self { name: None, message: Text::of(&format_args!("(causes left out: {count})")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::result_ext::ResultExt;

    fn failing() -> Result<u32, std::num::ParseIntError> {
        "x".parse()
    }

    fn lines(error: &Error) -> Vec<u32> {
        error.0.trace.iter().map(|frame| frame.line).collect()
    }

    fn causes(error: &Error) -> Vec<&str> {
        error.0.causes.iter().map(|cause| cause.message.as_str()).collect()
    }

    #[test]
    fn the_question_mark_and_context_each_record_their_line() {
        let plain = || -> Result<u32, Error> { Ok(failing()?) };
        let line = line!() - 1;
        assert_eq!(lines(&plain().unwrap_err()), [line]);
        let outer = || -> Result<u32, Error> { plain().context("outer") };
        let error = outer().unwrap_err();
        assert_eq!(lines(&error), [line, line + 3]);
        assert_eq!((error.name(), error.message()), ("core::num::error::ParseIntError", "outer"));
        assert_eq!(causes(&error), ["invalid digit found in string"]);
    }

    #[test]
    fn context_on_another_error_type_records_one_line() {
        let error = failing().context("once").unwrap_err();
        assert_eq!(lines(&error), [line!() - 1]);
    }

    #[test]
    fn each_constructor_sets_the_name_the_message_and_the_line() {
        let boxed: Box<dyn std::error::Error + Send + Sync> = "boxed".into();
        for (error, name, message) in [
            (Error::boxed(boxed), RUNTIME_ERROR, "boxed"),
            (Error::msg("text"), RUNTIME_ERROR, "text"),
            (Error::new("Named", 7), "Named", "7"),
            (Error::msg("text").named("Later"), "Later", "text"),
        ] {
            assert_eq!((error.name(), error.message()), (name, message));
            assert_eq!(error.0.trace.iter().next().unwrap().path.as_deref(), Some(file!()));
        }
    }

    #[test]
    fn map_err_records_no_line_of_the_standard_library() {
        let text = || Err::<(), _>("text");
        assert_eq!(lines(&text().msg_err().unwrap_err()), [line!()]);
        assert_eq!(lines(&text().map_err(Error::msg).unwrap_err()), [0; 0]);
        let boxed = || Err::<(), Box<dyn std::error::Error>>("boxed".into());
        assert_eq!(lines(&boxed().boxed_err().unwrap_err()), [line!()]);
        assert_eq!(lines(&boxed().map_err(Error::boxed).unwrap_err()), [0; 0]);
        let of_core = Frame { path: Some("/rustc/0123/library/core/src/slice/mod.rs".into()), ..Frame::default() };
        let error = Error::runtime("Runtime.HandlerPanic", "out of bounds".into()).with_trace(vec![of_core]);
        assert_eq!(lines(&error.at("my_app::f", "src/lib.rs", 3)), [3]);
    }

    #[test]
    fn debug_shows_the_whole_error() {
        let error = Error::runtime("Name", "message".into()).at("my_app::f", "src/lib.rs", 3);
        assert_eq!(format!("{error:?}"), "Name: message\n    at my_app::f (src/lib.rs:3)");
    }

    const _: fn() = || {
        fn is_shared<T: Send + Sync + 'static>() {}
        is_shared::<Error>();
    };
}
