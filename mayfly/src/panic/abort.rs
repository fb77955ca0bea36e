//! Reporting a panic under `panic = "abort"`, in the last moments of the process.
//!
//! Nothing of the ordinary path can be used here: the panicking thread may be inside it, or inside tokio. So the hook
//! posts over a connection of its own, by hand, within a bounded time; then the process dies by SIGABRT as it would
//! have without us.

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
use crate::runtime_api::endpoint::Endpoint;
use crate::runtime_api::headers::remaining;
use crate::runtime_api::invocation_id::InvocationId;
use crate::runtime_api::request;

/// How long the report may take at the most.
const PATIENCE: Duration = Duration::from_secs(2);

static ENDPOINT: OnceLock<Endpoint> = OnceLock::new();
static REPORTING: AtomicBool = AtomicBool::new(false);

/// Says where to report to, before anything of the user's runs.
pub(crate) fn prepare(endpoint: &Endpoint) {
    ENDPOINT.get_or_init(|| endpoint.clone());
}

/// Reports a panic to everyone who waits for this process.
pub(crate) fn report(panic: &Panic, trace: Vec<Frame>) {
    if REPORTING.swap(true, Ordering::SeqCst) {
        // Another thread is at it, and ends the process when it is done. (A panic inside the hook never comes here.)
        thread::sleep(30 * PATIENCE);
        return;
    }
    let Some(endpoint) = ENDPOINT.get() else { return };
    let until = Instant::now() + PATIENCE;
    match &*in_flight::phase() {
        Phase::Init => {
            let error = Error::runtime("Runtime.InitError", format!("Initialization error: {}", panic.message));
            let posted =
                post(endpoint, &["/init/error"], &InvocationId::default(), &error.with_trace(trace).advised(), until);
            log_outcome(posted);
        }
        Phase::Serving(in_flight) => {
            // The one that panicked first: a report that is not taken leaves the others no time.
            let (own, others): (Vec<_>, Vec<_>) = in_flight.iter().partition(|invocation| is_current(invocation));
            for invocation in own.into_iter().chain(others) {
                let path = ["/invocation/", invocation.id.path(), "/error"];
                let error = error_for(invocation, panic, &trace);
                log_outcome(post(endpoint, &path, &invocation.id, &error, until.min(time_out(invocation))));
            }
        }
    }
}

/// Ends a process that panicked before it served, as a failed init does.
pub(crate) fn exit_from_init() {
    if ENDPOINT.get().is_some() && in_flight::is_init() {
        process::exit(1);
    }
}

/// When the service stops listening. A deadline that has passed says nothing: some emulators send only such.
fn time_out(invocation: &InFlight) -> Instant {
    let left = remaining(invocation.deadline).filter(|left| !left.is_zero());
    Instant::now() + left.unwrap_or(PATIENCE).min(PATIENCE)
}

/// Whether this thread runs its code.
fn is_current(invocation: &InFlight) -> bool {
    current::request_id().as_deref() == Some(&*invocation.id.text)
}

/// The panic itself for the invocation whose code was running; for any other, what took it down.
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
        log::error!("the panic could not be reported: {error}");
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
    // A response's first byte shows that the report was read to its end.
    stream.read_exact(&mut [0])
}
