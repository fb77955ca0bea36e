//! The panic hook, which logs a panic and keeps it for the catch around the user's code.
//!
//! Under `panic = "abort"` there is no catch, so the hook itself reports the panic; see [`abort`](super::abort).

use std::cell::Cell;
use std::panic::{PanicHookInfo, set_hook, take_hook};
use std::ptr;

use super::abort;
use super::caught::Panic;
use crate::current;
use crate::in_flight;
use crate::logging::line;
use crate::logging::logger::Log;

type HookFn = dyn Fn(&PanicHookInfo<'_>) + Send + Sync;

/// Mayfly's hook, with the hook that was set before it.
struct Hook {
    log: Log,
    previous: Box<HookFn>,
    /// Whether `previous` is the standard library's hook.
    is_default: bool,
}

/// The address of the hook that was set, by which a replacement is noticed.
#[derive(Clone, Copy)]
struct Installed {
    hook: *const HookFn,
    log: Log,
}

thread_local! {
    /// Mayfly's hook, on the thread that starts the process.
    static INSTALLED: Cell<Option<Installed>> = const { Cell::new(None) };
    /// Whether Mayfly's hook is running on this thread: it may be in the chain of hooks twice.
    static IS_RUNNING: Cell<bool> = const { Cell::new(false) };
}

/// Sets Mayfly's hook, which also calls the hook that was set before.
pub(crate) fn install(log: Log) {
    INSTALLED.set(Some(Installed { hook: set_before(take_hook(), log), log }));
}

/// Sets Mayfly's hook without renewing it later. For a moment a renewal leaves no hook set, which the panic of another
/// test could meet.
#[cfg(feature = "testing")]
pub(crate) fn install_for_tests(log: Log) {
    set_before(take_hook(), log);
}

/// Sets Mayfly's hook again if the user's code has set another one since, which may not call Mayfly's. It is called
/// after each function that runs before the first event. A function that sets a hook and then panics itself is not
/// covered, since the standard library does not tell when a hook is set.
pub(crate) fn renew() {
    let Some(Installed { hook, log }) = INSTALLED.get() else { return };
    let current = take_hook();
    if ptr::eq(&raw const *current, hook) {
        set_hook(current);
    } else {
        INSTALLED.set(Some(Installed { hook: set_before(current, log), log }));
    }
}

/// Sets Mayfly's hook before `previous`, which the caller has just taken out.
fn set_before(previous: Box<HookFn>, log: Log) -> *const HookFn {
    // No hook is set now, so taking one yields the standard library's; two hooks with one address and type are the
    // same. If this comparison ever fails, that hook merely prints its lines in addition to Mayfly's.
    let is_default = ptr::eq(&raw const *previous, &raw const *take_hook());
    let hook = Hook { log, previous, is_default };
    let hook: Box<HookFn> = Box::new(move |info| hook.run(info));
    let address = &raw const *hook;
    set_hook(hook);
    address
}

impl Hook {
    fn run(&self, info: &PanicHookInfo<'_>) {
        let is_inner = IS_RUNNING.try_with(|running| running.replace(true)).unwrap_or_default();
        if is_inner {
            // The user's hook is between two of Mayfly's, and the outer one does the work.
            if !(self.is_default && self.log.is_json) {
                (self.previous)(info);
            }
            return;
        }
        let mut panic = Panic::of(info);
        let trace = if cfg!(panic = "abort") || self.log.is_json { panic.trace() } else { Vec::new() };
        // The log comes first: it has the message even if the report fails.
        if self.log.is_json {
            let id = current::request_id().or_else(in_flight::only_request_id);
            let stage = in_flight::stage();
            panic.is_logged = self.log.is_ours && (id.is_some() || stage.is_some());
            let error_type = stage.map_or("Runtime.HandlerPanic", |stage| stage.error_type);
            line::write_panic(error_type, &panic.message, &trace, id.as_deref());
        } else if self.is_default {
            (self.previous)(info);
        }
        if cfg!(panic = "abort") {
            abort::report(&panic, trace);
        } else {
            panic.keep();
        }
        if !self.is_default {
            // The user's hook runs last, since it may end the process.
            (self.previous)(info);
        }
        if cfg!(panic = "abort") {
            abort::exit_before_serving();
        }
        let _ = IS_RUNNING.try_with(|running| running.set(false));
    }
}
