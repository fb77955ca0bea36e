//! Standard output and standard error: everything that the command prints passes through here.
//!
//! A command whose reader has closed the pipe finishes its work and keeps its exit code. Any other write error on
//! standard output is kept until the end and makes the command fail.

use std::fmt;
use std::io::{self, ErrorKind, Write};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};

/// The first error of standard output, after which nothing more is written to it.
static FAILURE: Mutex<Option<io::Error>> = Mutex::new(None);

/// Prints to standard output. Unlike the standard library's macro, it does not panic when that fails.
macro_rules! print {
    ($($words:tt)*) => { $crate::console::print(format!($($words)*).as_bytes()) };
}

/// Prints a line to standard output. Unlike the standard library's macro, it does not panic when that fails.
macro_rules! println {
    ($($words:tt)*) => { $crate::console::print(format!("{}\n", format_args!($($words)*)).as_bytes()) };
}

/// Prints a line to standard error. Unlike the standard library's macro, it does not panic when that fails.
macro_rules! eprintln {
    ($($words:tt)*) => { $crate::console::say(format_args!($($words)*)) };
}

/// Writes to standard output, unless an earlier write failed.
pub(crate) fn print(bytes: &[u8]) {
    note(|| io::stdout().lock().write_all(bytes));
}

/// Writes to standard output at once. Returns whether that still works.
pub(crate) fn print_now(bytes: &[u8]) -> bool {
    note(|| {
        let mut output = io::stdout().lock();
        output.write_all(bytes)?;
        output.flush()
    });
    FAILURE.lock().unwrap_or_else(PoisonError::into_inner).is_none()
}

/// Writes a line to standard error and ignores a failure.
pub(crate) fn say(words: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr().lock(), "{words}");
}

/// Runs a write to standard output, unless an earlier one failed, and keeps its error.
pub(crate) fn note(write: impl FnOnce() -> io::Result<()>) {
    let mut failure = FAILURE.lock().unwrap_or_else(PoisonError::into_inner);
    if failure.is_none() {
        *failure = write().err();
    }
}

/// Flushes standard output and returns its first error; a reader that closed the pipe is not an error.
pub(crate) fn finish() -> Result<()> {
    note(|| io::stdout().flush());
    let failure = FAILURE.lock().unwrap_or_else(PoisonError::into_inner).take();
    match failure.filter(|failure| failure.kind() != ErrorKind::BrokenPipe) {
        Some(failure) => Err(failure).context("standard output could not be written"),
        None => Ok(()),
    }
}
