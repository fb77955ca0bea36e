//! `_X_AMZN_TRACE_ID` in the process environment, where the AWS SDK's recursion detection reads it.
//!
//! Off by default: setting a variable is `unsafe`, and glibc never frees the old values (about 140 bytes an
//! invocation). [`Context::trace_id`](crate::Context::trace_id) has the trace id in any case.

use std::env;

use crate::executor::Executor;
use crate::runtime_api::headers::{self, Headers};

const VARIABLE: &str = "_X_AMZN_TRACE_ID";

/// Says whether one thread alone runs the user's code; with others running, C code in them might read the environment at
/// the moment it is written, so it is left as it is, with a warning.
pub(crate) fn is_writable(pollers: usize, executor: &Executor) -> bool {
    let is_alone = pollers == 1 && !executor.has_threads();
    if !is_alone {
        log::warn!(
            "{VARIABLE} is not written: several threads run handlers or their tasks (AWS_LAMBDA_MAX_CONCURRENCY above 1, or \
             a runtime with worker threads), and the environment must not change under them; take `Context::trace_id`"
        );
    }
    is_alone
}

/// Writes the trace id of an invocation to the environment, or takes that of the last one away.
pub(crate) fn set(headers: Headers<'_>) {
    let trace_id = headers.get(headers::TRACE_ID).and_then(|value| std::str::from_utf8(value).ok());
    // SAFETY: The standard library's own functions lock the environment; the danger is C code that reads it with
    // `getenv` at this moment in another thread. It is written only between two invocations, by the one thread that
    // runs handlers and their tasks, see `is_writable`; so only threads which the user's code left running could do so.
    // Whoever turns the feature on answers for those; its documentation says so.
    #[expect(unsafe_code, reason = "the one place, behind a feature of its own")]
    unsafe {
        match trace_id {
            Some(trace_id) => env::set_var(VARIABLE, trace_id),
            None => env::remove_var(VARIABLE),
        }
    }
}
