//! `Panic`, as the hook saw it, and the catch around the user's code, which turns it into an error.

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

/// How many payloads in a row may panic as they are dropped, before one is kept for ever.
const MAX_DROPS: usize = 8;
/// The words of `thread::scope` for a panic in one of its threads, whose own words it drops.
const SCOPED: &str = "a scoped thread panicked";

/// A panic as the hook saw it. The addresses of its stack get their names only if it is reported: the user's code may
/// catch it as well.
#[derive(Debug)]
pub(crate) struct Panic {
    pub(crate) message: String,
    place: Option<Frame>,
    stack: Backtrace,
    /// Whether the log has everything that a line about the failed invocation or init would say.
    pub(super) is_logged: bool,
    /// Whether the thread ran the code of an invocation, of which it then is.
    is_of_invocation: bool,
    /// How many there were before it.
    number: usize,
}

thread_local! {
    static LAST: RefCell<Option<Arc<Panic>>> = const { RefCell::new(None) };
    /// How many panics there were before this thread's invocation.
    static BEFORE: Cell<usize> = const { Cell::new(0) };
}

/// The last panic of any thread: rayon and `JoinHandle::join` carry one over to the thread that waits.
static ANYWHERE: Mutex<Option<Arc<Panic>>> = Mutex::new(None);
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Forgets the earlier panics of this thread, such as those that the user's code caught.
pub(crate) fn forget() {
    LAST.with(RefCell::take);
    BEFORE.set(COUNT.load(Ordering::Relaxed));
}

/// Makes the error of a panic that was caught around the user's code.
pub(crate) fn to_error(payload: Box<dyn Any + Send>) -> Error {
    let mut message = text(&*payload);
    // `resume_unwind` runs no hook: then what the hook last saw here is another panic, which the user's code caught.
    let is_it = |panic: &Arc<Panic>| panic.message == message;
    let elsewhere = anywhere();
    let seen = LAST.with(RefCell::take).filter(is_it).or_else(|| elsewhere.clone().filter(is_it));
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

/// Runs code of the user's whose panic must change nothing, such as a logger.
pub(crate) fn contain(f: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(f)) {
        discard(payload);
    }
}

/// Drops the payload of a panic, which may panic in turn, with a payload of the same kind.
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

/// The last panic of another thread, if it may have been carried over: it came since this thread's invocation began, and
/// was no other invocation's.
fn anywhere() -> Option<Arc<Panic>> {
    let last = ANYWHERE.lock().unwrap_or_else(PoisonError::into_inner).clone();
    last.filter(|panic| !panic.is_of_invocation && panic.number >= BEFORE.get())
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

    /// Keeps it for the catch.
    pub(super) fn keep(self) {
        let panic = Arc::new(self);
        if panic.message != SCOPED {
            *ANYWHERE.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&panic));
        }
        // In a thread that is ending there is nobody left to tell.
        let _ = LAST.try_with(|last| last.replace(Some(panic)));
    }

    /// The place of the panic, then the user's frames that led there, where the binary has symbols.
    pub(crate) fn trace(&self) -> Vec<Frame> {
        let mut trace = backtrace::frames(&self.stack);
        if let Some(place) = &self.place {
            trace.insert(0, place.clone());
        }
        trace
    }
}

/// Returns the message of a panic, or a sentence if its payload is not text.
fn text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("the handler panicked with a value that is not text").to_owned()
}
