//! The log of a failed invocation.

use crate::error::Error;
use crate::panic::caught::contain;

/// Logs the error of an invocation, unless it is a panic that the hook has logged.
#[cold]
pub(crate) fn log_failure(error: &Error) {
    if !error.is_logged() {
        // If the user's own logger panics, the error must still be reported.
        contain(|| log::error!(target: "mayfly::call", "{error:?}"));
    }
}
