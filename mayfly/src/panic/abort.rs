//! The report of a panic under `panic = "abort"`, sent before the process dies.
//!
//! The ordinary client cannot be used here, since the panicking thread may be inside it, or inside tokio. So the hook
//! opens a connection of its own and posts the report within a bounded time. Then the process dies by SIGABRT, as it
//! would without Mayfly.

use std::io::{self, Read, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::{process, thread};

use super::caught::Panic;
use crate::current;
use crate::error::Error;
use crate::error::frame::Frame;
use crate::error::report::Report;
use crate::in_flight::{self, InFlight, Phase};
use crate::runtime_api::connection::{REPORT_TIMEOUT, explained};
use crate::runtime_api::endpoint::Endpoint;
use crate::runtime_api::headers::remaining;
use crate::runtime_api::invocation_id::InvocationId;
use crate::runtime_api::request;

static ENDPOINT: OnceLock<Endpoint> = OnceLock::new();
static REPORTING: AtomicBool = AtomicBool::new(false);

/// Sets the endpoint of the reports. It must be called before any of the user's code runs.
pub(crate) fn prepare(endpoint: &Endpoint) {
    ENDPOINT.get_or_init(|| endpoint.clone());
}

/// Reports a panic to the service: as an error of its stage before the first event, otherwise for each invocation in
/// flight.
pub(crate) fn report(panic: &Panic, trace: Vec<Frame>) {
    if REPORTING.swap(true, Ordering::SeqCst) {
        // Another thread is reporting, and ends the process afterwards. (A panic inside the hook never gets here.)
        thread::sleep(30 * REPORT_TIMEOUT);
        return;
    }
    let Some(endpoint) = ENDPOINT.get() else { return };
    let until = Instant::now() + REPORT_TIMEOUT;
    match &*in_flight::phase() {
        Phase::Starting(stage) => {
            let error = Error::runtime(stage.error_type, format!("{}: {}", stage.title, panic.message));
            let posted =
                post(endpoint, &[stage.path], &InvocationId::default(), &error.with_trace(trace).advised(), until);
            log_outcome(posted);
        }
        Phase::Serving(in_flight) => {
            // The invocation that panicked goes first: a report that stalls leaves no time for the others.
            let (own, others): (Vec<_>, Vec<_>) = in_flight.iter().partition(|invocation| is_current(invocation));
            for invocation in own.into_iter().chain(others) {
                let error = error_for(invocation, panic, &trace);
                let until = until.min(report_deadline(invocation));
                let path = ["/invocation/", invocation.id.path(), "/error"];
                log_outcome(match &invocation.stream {
                    Some(stream) => stream.end(&error, until),
                    None => post(endpoint, &path, &invocation.id, &error, until),
                });
            }
        }
    }
}

/// Ends a process that panicked before its first event with exit code 1, like any failed init.
pub(crate) fn exit_before_serving() {
    if ENDPOINT.get().is_some() && in_flight::stage().is_some() {
        process::exit(1);
    }
}

/// Returns the time at which the service stops accepting a report for an invocation. A deadline that has already passed
/// is ignored, since some emulators send only such deadlines.
fn report_deadline(invocation: &InFlight) -> Instant {
    let left = remaining(invocation.deadline).filter(|left| !left.is_zero());
    Instant::now() + left.unwrap_or(REPORT_TIMEOUT).min(REPORT_TIMEOUT)
}

/// Returns whether this thread is running the code of an invocation.
fn is_current(invocation: &InFlight) -> bool {
    current::request_id().as_deref() == Some(&*invocation.id.text)
}

/// Creates the error for one invocation: the panic itself if this thread was running the invocation's code, otherwise a
/// message that names the panic as the reason for the abort.
fn error_for(invocation: &InFlight, panic: &Panic, trace: &[Frame]) -> Error {
    let message = if is_current(invocation) {
        panic.message.clone()
    } else {
        let thread = thread::current();
        let place = trace.first().map(|frame| format!(" at {frame}")).unwrap_or_default();
        let name = thread.name().unwrap_or("without a name");
        format!("aborted by a panic outside this invocation, in a task or thread ({name}){place}: {}", panic.message)
    };
    Error::runtime("Runtime.HandlerPanic", message).with_trace(trace.to_vec()).advised()
}

fn log_outcome(outcome: io::Result<()>) {
    if let Err(error) = outcome {
        log::error!("the panic could not be reported: {}", explained(error));
    }
}

fn post(endpoint: &Endpoint, path: &[&str], id: &InvocationId, error: &Error, until: Instant) -> io::Result<()> {
    let left = || until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
    let report = Report::of(error);
    let mut request = Vec::new();
    request::post(&mut request, endpoint, path, id, Some(&report), report.body.len());
    request.extend(&report.body);
    let mut stream = endpoint.connect_by(until)?;
    stream.set_write_timeout(Some(left()))?;
    stream.write_all(&request)?;
    stream.set_read_timeout(Some(left()))?;
    // The first byte of the response shows that the server has read the whole report.
    stream.read_exact(&mut [0])
}
