//! `Panic`, a panic as the hook saw it, and the functions that turn a caught panic into an error.

use std::any::Any;
use std::backtrace::Backtrace;
use std::cell::{Cell, RefCell};
use std::mem;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::backtrace;
use crate::current;
use crate::error::Error;
use crate::error::frame::Frame;

/// The number of payloads in a row that may panic while they are dropped, before the next one is leaked.
const MAX_DROPS: usize = 8;
/// The message of `thread::scope` for a panic in one of its threads, which drops the thread's own message.
const SCOPED: &str = "a scoped thread panicked";

/// A panic as the hook saw it. Its stack is resolved to symbols only when the panic is reported, since the user's code
/// may catch it.
#[derive(Debug)]
pub(crate) struct Panic {
    pub(crate) message: String,
    place: Option<Frame>,
    stack: Backtrace,
    /// Whether the log already has all that a line about the failed invocation or init would say.
    pub(super) is_logged: bool,
    /// Whether the thread was running the code of an invocation, to which the panic then belongs.
    is_of_invocation: bool,
    /// The number of panics of the process before this one.
    number: usize,
}

thread_local! {
    static LAST: RefCell<Option<Arc<Panic>>> = const { RefCell::new(None) };
    /// The number of panics of the process before this thread's invocation began.
    static COUNT_AT_START: Cell<usize> = const { Cell::new(0) };
}

/// The last panic of any thread. rayon and `JoinHandle::join` carry a panic over to the waiting thread.
static LAST_OF_ANY_THREAD: Mutex<Option<Arc<Panic>>> = Mutex::new(None);
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Forgets earlier panics of this thread, for example those that the user's code caught.
pub(crate) fn forget() {
    LAST.with(RefCell::take);
    COUNT_AT_START.set(COUNT.load(Ordering::Relaxed));
}

/// Creates the error for a panic that was caught around the user's code.
pub(crate) fn to_error(payload: Box<dyn Any + Send>) -> Error {
    let mut message = text(&*payload);
    // `resume_unwind` runs no hook. In this case, the hook's last panic is another one, which the user's code caught.
    let is_same = |panic: &Arc<Panic>| panic.message == message;
    let elsewhere = carried_over();
    let seen = LAST.with(RefCell::take).filter(is_same).or_else(|| elsewhere.clone().filter(is_same));
    discard(payload);
    let is_logged = seen.as_ref().is_some_and(|panic| panic.is_logged);
    let mut trace = seen.map(|panic| panic.trace()).unwrap_or_default();
    if let (SCOPED, Some(inner)) = (&*message, elsewhere) {
        message = format!("{SCOPED}: {}", inner.message);
        trace = [inner.trace(), trace].concat();
    }
    let error = Error::runtime("Runtime.HandlerPanic", message).with_trace(trace);
    if is_logged { error.logged() } else { error }
}

/// Runs code of the user's and ignores a panic in it, for example in a logger.
pub(crate) fn contain(f: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(f)) {
        discard(payload);
    }
}

/// Drops the payload of a panic. Its `drop` may panic in turn, with another such payload.
#[cold]
fn discard(mut payload: Box<dyn Any + Send>) {
    for _ in 0..MAX_DROPS {
        match catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            Ok(()) => return,
            Err(next) => payload = next,
        }
    }
    mem::forget(payload);
}

/// Returns the last panic of any thread, if it may have been carried over to this one: it happened after this thread's
/// invocation began, and it does not belong to an invocation.
fn carried_over() -> Option<Arc<Panic>> {
    let last = LAST_OF_ANY_THREAD.lock().unwrap_or_else(PoisonError::into_inner).clone();
    last.filter(|panic| !panic.is_of_invocation && panic.number >= COUNT_AT_START.get())
}

impl Panic {
    pub(super) fn of(info: &PanicHookInfo<'_>) -> Self {
        let place = info.location().map(Frame::from);
        Self {
            message: text(info.payload()),
            place,
            stack: Backtrace::force_capture(),
            is_logged: false,
            is_of_invocation: current::request_id().is_some(),
            number: COUNT.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// Keeps the panic for [`to_error`].
    pub(super) fn keep(self) {
        let panic = Arc::new(self);
        if panic.message != SCOPED {
            *LAST_OF_ANY_THREAD.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&panic));
        }
        // In a thread that is ending, the thread-local is gone; then no catch follows.
        let _ = LAST.try_with(|last| last.replace(Some(panic)));
    }

    /// Returns the place of the panic and, if the binary has symbols, the user's frames that led there.
    pub(crate) fn trace(&self) -> Vec<Frame> {
        let mut trace = backtrace::frames(&self.stack);
        if let Some(place) = &self.place {
            trace.insert(0, place.clone());
        }
        trace
    }
}

/// Returns the message of a panic, or a fixed sentence if its payload is not text.
fn text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("the code panicked with a value that is not text").to_owned()
}
