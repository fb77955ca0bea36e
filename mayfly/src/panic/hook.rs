//! The panic hook, which logs a panic and keeps it for the catch around the user's code.
//!
//! Under `panic = "abort"` there is no catch: the hook itself reports the panic, see [`abort`](super::abort).

use std::cell::Cell;
use std::panic::{PanicHookInfo, set_hook, take_hook};
use std::ptr;

use super::abort;
use super::caught::Panic;
use crate::current;
use crate::in_flight;
use crate::logging::line;
use crate::logging::logger::Log;

type Function = dyn Fn(&PanicHookInfo<'_>) + Send + Sync;

/// Our hook, and the one behind it.
struct Hook {
    log: Log,
    previous: Box<Function>,
    /// Whether that is the standard library's.
    is_default: bool,
}

/// The hook that was set, by which another one is recognized.
#[derive(Debug)]
pub(crate) struct Installed {
    hook: *const Function,
    log: Log,
}

thread_local! {
    /// Whether our hook is running: it may be in the chain twice.
    static IS_RUNNING: Cell<bool> = const { Cell::new(false) };
}

/// Puts our hook before the one that is set, which is still called.
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
            let id = current::request_id().or_else(in_flight::only_request_id);
            let is_init = in_flight::is_init();
            panic.is_logged = self.log.is_ours && (id.is_some() || is_init);
            let error_type = if is_init { "Runtime.InitError" } else { "Runtime.HandlerPanic" };
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
            // Last, since a hook of the user's may end the process.
            (self.previous)(info);
        }
        if cfg!(panic = "abort") {
            abort::exit_from_init();
        }
        let _ = IS_RUNNING.try_with(|running| running.set(false));
    }
}
