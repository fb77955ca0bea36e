//! `Error`: what a handler's failure becomes.

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

/// Any failure of a handler or an init, with the lines it passed on its way.
///
/// `?` converts every [`std::error::Error`] into it and notes the `file:line:column` of that `?`, which then begins
/// the `stackTrace` of the error JSON. What is not a `std::error::Error` comes in through [`ResultExt::msg_err`] and
/// [`ResultExt::boxed_err`] on its way to `?`, or through [`Error::msg`] and [`Error::boxed`]. It keeps strings only,
/// long ones cut, and of many causes the first and the last; so it is `Send + Sync + 'static` whatever it was made from.
/// It is not itself a `std::error::Error`: Rust does not allow that beside the conversion from all of them.
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

/// The parts of an [`Error`], as the report shows them; each is within its [limit](limits) from the beginning.
pub(crate) struct Failure {
    pub(crate) name: Cow<'static, str>,
    pub(crate) message: Text,
    pub(crate) trace: Chain<Frame, { limits::FRAMES }>,
    pub(crate) causes: Chain<Cause, { limits::CAUSES }>,
    /// Whether the log has it already: the panic hook was the first to know.
    pub(crate) is_logged: bool,
}

/// What was wrong underneath; without a name where only its text is known.
pub(crate) struct Cause {
    pub(crate) name: Option<Cow<'static, str>>,
    pub(crate) message: Text,
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
        Self::bare(name.into(), Text::of(&message)).here()
    }

    /// Makes an error from anything that can be displayed (a `String`, say), under the name `RuntimeError`, and notes
    /// the caller's line; in `map_err(Error::msg)` there is none, hence [`ResultExt::msg_err`].
    #[track_caller]
    #[must_use]
    pub fn msg(message: impl fmt::Display) -> Self {
        Self::bare(RUNTIME_ERROR.into(), Text::of(&message)).here()
    }

    /// Makes an error from a `Box<dyn std::error::Error>`, an `anyhow::Error` or whatever else dereferences to a
    /// `std::error::Error`, with its causes, under the name `RuntimeError`, and notes the caller's line; in
    /// `map_err(Error::boxed)` there is none, hence [`ResultExt::boxed_err`].
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
        self.0.name = text::name(name.into());
        self
    }

    /// Puts `message` before what the error says, which becomes its first cause, and notes the caller's line.
    #[track_caller]
    #[must_use]
    pub fn context(mut self, message: impl fmt::Display) -> Self {
        let inner = std::mem::replace(&mut self.0.message, Text::of(&message));
        self.0.causes.push_front(Cause { name: Some(self.0.name.clone()), message: inner });
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
        self.0.message.as_str()
    }

    /// An error of the runtime's own, which has no line in the user's code.
    pub(crate) fn runtime(name: &'static str, message: String) -> Self {
        Self::bare(Cow::Borrowed(name), message.into())
    }

    /// A typed error that a handler returned: its type's full path is its name.
    pub(crate) fn of_typed<T: ?Sized, E: std::error::Error + ?Sized>(error: &E) -> Self {
        Self::of_error(type_name::<T>().trim_start_matches('&'), &error, error.source())
    }

    /// What dereferences to an error, whose own type says nothing.
    pub(crate) fn of_boxed<E>(error: &E) -> Self
    where
        E: Deref<Target: std::error::Error>,
    {
        Self::of_error(RUNTIME_ERROR, &&**error, (**error).source())
    }

    /// What can only be displayed.
    pub(crate) fn of_display(error: &dyn fmt::Display) -> Self {
        Self::bare(RUNTIME_ERROR.into(), Text::of(error))
    }

    /// What can only be debugged.
    pub(crate) fn of_debug(error: &dyn fmt::Debug) -> Self {
        Self::bare(UNKNOWN_ERROR.into(), Text::of(&format_args!("{error:?}")))
    }

    /// Adds the line of a function of the user's as the outermost frame, unless it is in the trace already.
    pub(crate) fn at(mut self, function: &str, file: &str, line: u32) -> Self {
        if !self.0.trace.iter().any(|frame| frame.is_of(function)) {
            self.0.trace.push(Frame { label: Some(function.into()), path: Some(file.into()), line, column: 0 });
        }
        self
    }

    /// Adds a trace, but for the lines of Rust itself.
    pub(crate) fn with_trace(mut self, trace: Vec<Frame>) -> Self {
        trace.into_iter().filter(|frame| !frame.is_of_toolchain()).for_each(|frame| self.0.trace.push(frame));
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
        let advice = advice(self.message());
        // A message that was cut has no room for it.
        let _ = self.0.message.write_str(advice);
        self
    }

    /// Says that it was the init `place` that failed: the name stays, unless it says nothing.
    pub(crate) fn in_init(mut self, place: &str) -> Self {
        if [RUNTIME_ERROR, UNKNOWN_ERROR].contains(&self.name()) {
            self.0.name = "Runtime.InitError".into();
        }
        self.0.message.prefix(&format!("Initialization error: {place}: "));
        self
    }

    pub(crate) fn failure(&self) -> &Failure {
        &self.0
    }

    /// What an error says, and what was underneath it.
    #[cold]
    fn of_error(
        name: &'static str,
        message: &dyn fmt::Display,
        mut source: Option<&(dyn std::error::Error + 'static)>,
    ) -> Self {
        let mut made = Self::bare(name.into(), Text::of(message));
        let mut sources = Chain::<_, { limits::CAUSES }>::default();
        for _ in 0..limits::STEPS {
            let Some(cause) = source else { break };
            sources.push(cause);
            source = cause.source();
        }
        made.0.causes = sources.map(|cause| Cause { name: None, message: Text::of(cause) });
        if source.is_some() {
            let message =
                format_args!("(only the first {} causes were followed: there are more, or no end)", limits::STEPS);
            made.0.causes.push(Cause { name: None, message: Text::of(&message) });
        }
        made
    }

    #[cold]
    fn bare(name: Cow<'static, str>, message: Text) -> Self {
        let (trace, causes) = (Chain::default(), Chain::default());
        Self(Box::new(Failure { name: text::name(name), message, trace, causes, is_logged: false }))
    }

    /// Notes the caller's line, once: `.context(…)` converts and annotates in one place.
    #[track_caller]
    fn here(mut self) -> Self {
        let frame = Frame::from(Location::caller());
        if self.0.trace.iter().last() != Some(&frame) && !frame.is_of_toolchain() {
            self.0.trace.push(frame);
        }
        self
    }
}

/// An error that `?` converts into an [`Error`]: every [`std::error::Error`].
// Of this, the compiler shows only the label where it is a `?` that fails.
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

/// The whole error, on several lines, as the log shows it.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&within(limits::LOG, &|longest| self.0.lines(longest)))
    }
}

impl Failure {
    /// The lines of the log, with texts of at most `longest` bytes.
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
        Self { name: None, message: Text::of(&format_args!("({count} causes left out)")) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::result_ext::ResultExt;
    use super::*;

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
    fn question_mark_leaves_its_line_and_context_its_own() {
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
            assert_eq!(error.0.trace.iter().next().unwrap().path.as_deref(), Some(file!()));
        }
    }

    #[test]
    fn a_function_that_is_handed_over_leaves_no_line_of_the_standard_library() {
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
    fn debug_shows_the_whole_story() {
        let error = Error::runtime("Name", "message".into()).at("my_app::f", "src/lib.rs", 3);
        assert_eq!(format!("{error:?}"), "Name: message\n    at my_app::f (src/lib.rs:3)");
    }

    const _: fn() = || {
        fn is_shared<T: Send + Sync + 'static>() {}
        is_shared::<Error>();
    };
}
