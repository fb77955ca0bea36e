//! The panic hook, which logs a panic and keeps what it saw, and the catch around the user's code, which reports it.
//!
//! Under `panic = "abort"` there is no catch: the hook itself reports, see [`abort`](crate::abort).

use std::any::Any;
use std::backtrace::Backtrace;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::{mem, ptr};

use crate::error::Error;
use crate::error::frame::Frame;
use crate::in_flight;
use crate::invocation::call::current_request_id;
use crate::logging::logger::{self, Log};
use crate::panic::abort;
use crate::panic::backtrace;

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
    /// Whether the log has all that a line about the failed invocation or init would say.
    is_logged: bool,
    /// Whether the thread ran the code of an invocation, of which it then is.
    is_of_invocation: bool,
    /// How many there were before it.
    number: usize,
}

type Function = dyn Fn(&PanicHookInfo<'_>) + Send + Sync;

/// Our hook, and the one behind it.
struct Hook {
    log: Log,
    previous: Box<Function>,
    /// Whether that is the standard library's.
    is_default: bool,
}

/// The hook that was put in, to be told from another.
#[derive(Debug)]
pub(crate) struct Installed {
    hook: *const Function,
    log: Log,
}

thread_local! {
    static LAST: RefCell<Option<Arc<Panic>>> = const { RefCell::new(None) };
    /// How many panics there were before this thread's invocation.
    static BEFORE: Cell<usize> = const { Cell::new(0) };
    /// Whether our hook is running, which may be chained twice.
    static IS_RUNNING: Cell<bool> = const { Cell::new(false) };
}

/// The last panic of any thread: rayon and `JoinHandle::join` carry one over to the thread that waits.
static ANYWHERE: Mutex<Option<Arc<Panic>>> = Mutex::new(None);
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Puts our hook before the one that is there, which goes on to be called.
pub(crate) fn install(log: Log) -> Installed {
    Installed { hook: put_before(take_hook(), log), log }
}

impl Installed {
    /// Puts our hook before one that the user's code has set since, which may not call ours.
    pub(crate) fn renew(self) {
        let there = take_hook();
        if ptr::eq(&raw const *there, self.hook) {
            set_hook(there);
        } else {
            put_before(there, self.log);
        }
    }
}

/// Sets our hook; `previous` is the one that was taken out.
fn put_before(previous: Box<Function>, log: Log) -> *const Function {
    // With none set, the second one to be taken is the standard library's. Two of the same address and type are one:
    // should the comparison fail, that hook prints its lines beside ours.
    let is_default = ptr::eq(&raw const *previous, &raw const *take_hook());
    let hook = Hook { log, previous, is_default };
    let hook: Box<Function> = Box::new(move |info| hook.run(info));
    let address = &raw const *hook;
    set_hook(hook);
    address
}

impl Hook {
    fn run(&self, info: &PanicHookInfo<'_>) {
        let is_inner = IS_RUNNING.try_with(|running| running.replace(true)).unwrap_or_default();
        if is_inner {
            // The user's hook stands between two of ours, of which the outer one does the work.
            if !(self.is_default && self.log.is_json) {
                (self.previous)(info);
            }
            return;
        }
        let mut panic = Panic::of(info);
        let trace = if cfg!(panic = "abort") || self.log.is_json { panic.trace() } else { Vec::new() };
        // The words first: should the report fail, the log has them.
        if self.log.is_json {
            let id = current_request_id().or_else(in_flight::only_request_id);
            panic.is_logged = self.log.is_ours && (id.is_some() || in_flight::is_init());
            logger::log_panic(&panic, &trace, id.as_deref());
        } else if self.is_default {
            (self.previous)(info);
        }
        if cfg!(panic = "abort") {
            abort::report(&panic, trace);
        } else {
            panic.keep();
        }
        if !self.is_default {
            // Last, since a hook of the user's may end the process.
            (self.previous)(info);
        }
        if cfg!(panic = "abort") {
            abort::exit_from_init();
        }
        let _ = IS_RUNNING.try_with(|running| running.set(false));
    }
}

/// Forgets what earlier panics of this thread left, such as those that the user's code caught.
pub(crate) fn forget() {
    LAST.with(RefCell::take);
    BEFORE.set(COUNT.load(Ordering::Relaxed));
}

/// The error of a panic that was caught around the user's code.
pub(crate) fn caught(payload: Box<dyn Any + Send>) -> Error {
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

/// Runs code that is not ours where its panic is to change nothing: a logger of the user's.
pub(crate) fn contain(f: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(f)) {
        discard(payload);
    }
}

/// Drops what a panic was called with. That may panic in turn, with a payload like it.
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
    fn of(info: &PanicHookInfo<'_>) -> Self {
        let place = info.location().map(Frame::from);
        Self {
            message: text(info.payload()),
            place,
            stack: Backtrace::force_capture(),
            is_logged: false,
            is_of_invocation: current_request_id().is_some(),
            number: COUNT.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// Keeps it for the catch.
    fn keep(self) {
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

/// What a panic was called with, if it is text.
fn text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("the handler panicked with a value that is not text").to_owned()
}
