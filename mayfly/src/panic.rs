//! What a panic becomes: the hook records it, the catch around the handler reports it.
//!
//! Under `panic = "abort"` there is no catch: the hook itself reports, see [`abort`](crate::abort).

use std::any::Any;
use std::backtrace::Backtrace;
use std::cell::RefCell;
use std::panic::{PanicHookInfo, set_hook, take_hook};

use crate::Error;
use crate::error::Frame;
use crate::{abort, backtrace};

/// A panic as the hook saw it. The addresses of its stack get their names only if it is reported: the user's code may
/// catch it as well.
#[derive(Debug)]
pub(crate) struct Panic {
    pub(crate) message: String,
    place: Option<Frame>,
    stack: Backtrace,
}

thread_local! {
    static LAST: RefCell<Option<Panic>> = const { RefCell::new(None) };
}

/// Puts our hook before the one that is there, which goes on to be called.
pub(crate) fn install() {
    let previous = take_hook();
    set_hook(Box::new(move |info| {
        let panic = Panic::of(info);
        if cfg!(panic = "abort") {
            // The words first: should the report fail, the log has them.
            previous(info);
            abort::report(&panic);
        } else {
            // In a thread that is ending there is nobody left to tell.
            let _ = LAST.try_with(|last| last.replace(Some(panic)));
            previous(info);
        }
    }));
}

/// Forgets what earlier panics of this thread left, such as those that the user's code caught.
pub(crate) fn forget() {
    LAST.with(RefCell::take);
}

/// The error of a panic that was caught around the user's code.
pub(crate) fn caught(payload: &(dyn Any + Send)) -> Error {
    let message = text(payload);
    // `resume_unwind` runs no hook: then what the hook last saw is another panic, which the user's code caught.
    let seen = LAST.with(RefCell::take).filter(|panic| panic.message == message);
    let trace = seen.map(|panic| panic.trace()).unwrap_or_default();
    Error::runtime("Runtime.HandlerPanic", message).with_trace(trace)
}

impl Panic {
    fn of(info: &PanicHookInfo<'_>) -> Self {
        let place = info.location().map(Frame::from);
        Self { message: text(info.payload()), place, stack: Backtrace::force_capture() }
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
