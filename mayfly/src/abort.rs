//! Reporting a panic under `panic = "abort"`, in the last moments of the process.
//!
//! Nothing of the ordinary path can be used here: the panicking thread may be inside it, or inside tokio. So the hook
//! posts over a connection of its own, by hand, within a bounded time; then the process dies by SIGABRT as it would
//! have without us.

use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use std::{process, thread};

use crate::call::current_request_id;
use crate::client::InvocationId;
use crate::context;
use crate::endpoint::Endpoint;
use crate::error::{Error, Frame};
use crate::head::Headers;
use crate::panic::Panic;
use crate::report::Report;
use crate::request;

/// How long the report may take at the most.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is going on, for the hook to know whom to tell.
#[derive(Debug)]
enum Phase {
    Init,
    Serving(Vec<Open>),
}

/// An invocation that was handed out and is not answered.
#[derive(Debug)]
struct Open {
    id: Arc<InvocationId>,
    deadline: Option<SystemTime>,
}

static ENDPOINT: OnceLock<Endpoint> = OnceLock::new();
static PHASE: Mutex<Phase> = Mutex::new(Phase::Init);
static REPORTING: AtomicBool = AtomicBool::new(false);

/// Says where to report to, before anything of the user's runs.
pub(crate) fn prepare(endpoint: &Endpoint) {
    ENDPOINT.get_or_init(|| endpoint.clone());
}

/// Says that the init phase is over.
pub(crate) fn init_is_over() {
    *phase() = Phase::Serving(Vec::new());
}

/// Notes that an invocation was handed out.
pub(crate) fn open(id: &Arc<InvocationId>, headers: Headers<'_>) {
    // Made before the lock is taken: a panic in between would meet it locked.
    let invocation = Open { id: Arc::clone(id), deadline: context::deadline(headers) };
    if let Phase::Serving(open) = &mut *phase() {
        open.push(invocation);
    }
}

/// Notes that an invocation was answered.
pub(crate) fn close(id: &Arc<InvocationId>) {
    if let Phase::Serving(open) = &mut *phase() {
        open.retain(|open| !Arc::ptr_eq(&open.id, id));
    }
}

fn phase() -> MutexGuard<'static, Phase> {
    PHASE.lock().unwrap_or_else(PoisonError::into_inner)
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
    match &*phase() {
        Phase::Init => {
            let error = Error::runtime("Runtime.InitError", format!("Initialization error: {}", panic.message));
            let posted =
                post(endpoint, &["/init/error"], &InvocationId::default(), &error.with_trace(trace).advised(), until);
            log_outcome(posted);
        }
        Phase::Serving(open) => open.iter().for_each(|open| {
            let path = ["/invocation/", open.id.path(), "/error"];
            let error = error_for(open, panic, &trace);
            log_outcome(post(endpoint, &path, &open.id, &error, until.min(open.until())));
        }),
    }
}

/// Ends a process that panicked before it served, as a failed init does.
pub(crate) fn exit_from_init() {
    if ENDPOINT.get().is_some() && is_init() {
        process::exit(1);
    }
}

/// Whether the init phase is going on.
pub(crate) fn is_init() -> bool {
    // A thread that holds the lock is reporting, or serving.
    PHASE.try_lock().is_ok_and(|phase| matches!(*phase, Phase::Init))
}

/// The id of the invocation in flight, if there is exactly one.
pub(crate) fn only_request_id() -> Option<String> {
    match &*PHASE.try_lock().ok()? {
        Phase::Serving(open) if open.len() == 1 => Some(open[0].id.text.clone()),
        _ => None,
    }
}

impl Open {
    /// When the service stops listening. A deadline that has passed says nothing: some emulators send only such.
    fn until(&self) -> Instant {
        let left = context::remaining(self.deadline).filter(|left| !left.is_zero());
        Instant::now() + left.unwrap_or(PATIENCE).min(PATIENCE)
    }
}

/// The panic itself for the invocation whose code was running; for any other, what took it down.
fn error_for(open: &Open, panic: &Panic, trace: &[Frame]) -> Error {
    let message = if current_request_id().as_deref() == Some(&*open.id.text) {
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
    // An answer's first byte shows that the report was read to its end.
    stream.read_exact(&mut [0])
}
