//! `_X_AMZN_TRACE_ID` in the process environment, where the AWS SDK's recursion detection reads it.
//!
//! Off by default: setting a variable is `unsafe`, and glibc never frees the old values (about 140 bytes an
//! invocation). [`Context::trace_id`](crate::Context::trace_id) has the trace id in any case.

use std::env;

use crate::head::{self, Headers};

const VARIABLE: &str = "_X_AMZN_TRACE_ID";

/// Writes the trace id of an invocation to the environment, or takes that of the last one away.
pub(crate) fn set(headers: Headers<'_>) {
    let trace_id = headers.get(head::TRACE_ID).and_then(|value| std::str::from_utf8(value).ok());
    // SAFETY: The standard library's own functions lock the environment; the danger is C code that reads it with
    // `getenv` at this moment in another thread. It is written only between two invocations, by the one thread that
    // runs handlers, so only threads which the user's code left running could do so. Whoever turns the feature on
    // answers for those; its documentation says so.
    #[expect(unsafe_code, reason = "the one place, behind a feature of its own")]
    unsafe {
        match trace_id {
            Some(trace_id) => env::set_var(VARIABLE, trace_id),
            None => env::remove_var(VARIABLE),
        }
    }
}
