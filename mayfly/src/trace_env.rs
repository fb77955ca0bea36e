//! The variable `_X_AMZN_TRACE_ID` in the process environment, where the AWS SDK's recursion detection reads it.
//!
//! The feature is off by default: setting a variable is `unsafe`, and glibc never frees the old values (about 140 bytes
//! an invocation). [`Context::trace_id`](crate::Context::trace_id) holds the trace id with or without the feature.

use std::env;

use crate::executor::Executor;
use crate::runtime_api::headers::{self, Headers};

const VARIABLE: &str = "_X_AMZN_TRACE_ID";

/// Returns whether a single thread runs the user's code. If there are several, logs a warning: C code in another thread
/// might read the environment at the moment when it is written.
pub(crate) fn is_writable(pollers: usize, executor: &Executor) -> bool {
    let is_single = pollers == 1 && !executor.has_threads();
    if !is_single {
        log::warn!(
            "{VARIABLE} is not written: several threads run handlers or their tasks (AWS_LAMBDA_MAX_CONCURRENCY above \
             1, or a runtime with worker threads), and the environment must not change under them; use \
             `Context::trace_id`"
        );
    }
    is_single
}

/// Writes the trace id of an invocation to the environment, or removes the last one if the invocation has none.
pub(crate) fn set(headers: Headers<'_>) {
    let trace_id = headers.get(headers::TRACE_ID).and_then(|value| std::str::from_utf8(value).ok());
    // SAFETY: The standard library's functions lock the environment, so only C code that calls `getenv` in another
    // thread at this moment is dangerous. The environment is written only between two invocations, by the single thread
    // that runs handlers and their tasks, see `is_writable`; so the call can only come from a thread which the user's
    // code has left running. The documentation of the feature tells its users to rule that out.
    #[expect(unsafe_code, reason = "the only place, behind a feature of its own")]
    unsafe {
        match trace_id {
            Some(trace_id) => env::set_var(VARIABLE, trace_id),
            None => env::remove_var(VARIABLE),
        }
    }
}
