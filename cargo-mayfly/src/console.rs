//! Standard output and standard error: all that the command prints goes through here.
//!
//! A command whose reader has gone finishes its work and ends as it would have. Any other error of standard output is
//! kept until then, and makes the command fail.

use std::fmt;
use std::io::{self, ErrorKind, Write};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};

/// Why standard output takes nothing more.
static FAILURE: Mutex<Option<io::Error>> = Mutex::new(None);

/// Prints to standard output, in place of the standard library's macro, which panics where it cannot.
macro_rules! print {
    ($($words:tt)*) => { $crate::console::print(format!($($words)*).as_bytes()) };
}

/// Prints a line to standard output, in place of the standard library's macro, which panics where it cannot.
macro_rules! println {
    ($($words:tt)*) => { $crate::console::print(format!("{}\n", format_args!($($words)*)).as_bytes()) };
}

/// Prints a line to standard error, in place of the standard library's macro, which panics where it cannot.
macro_rules! eprintln {
    ($($words:tt)*) => { $crate::console::say(format_args!($($words)*)) };
}

/// Writes to standard output, for as long as it takes something.
pub(crate) fn print(bytes: &[u8]) {
    note(|| io::stdout().lock().write_all(bytes));
}

/// Writes a line to standard error, for as long as somebody reads it.
pub(crate) fn say(words: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr().lock(), "{words}");
}

/// Notes that standard output did not take something.
pub(crate) fn note(write: impl FnOnce() -> io::Result<()>) {
    let mut failure = FAILURE.lock().unwrap_or_else(PoisonError::into_inner);
    if failure.is_none() {
        *failure = write().err();
    }
}

/// Writes what is left for standard output.
pub(crate) fn finish() -> Result<()> {
    note(|| io::stdout().flush());
    let failure = FAILURE.lock().unwrap_or_else(PoisonError::into_inner).take();
    match failure.filter(|failure| failure.kind() != ErrorKind::BrokenPipe) {
        Some(failure) => Err(failure).context("standard output could not be written"),
        None => Ok(()),
    }
}
