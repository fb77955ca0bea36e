//! What a command that goes on for long says meanwhile.

use std::fmt;
use std::io::{self, Write};

/// Writes a line to standard error, for as long as somebody reads it: who has gone is no reason to end.
pub(crate) fn say(words: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr().lock(), "{words}");
}
