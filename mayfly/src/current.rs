//! The request id of the current invocation: the invocation whose code this thread is running.

use std::cell::RefCell;

thread_local! {
    static REQUEST_ID: RefCell<String> = const { RefCell::new(String::new()) };
}

/// A guard: while it lives, this thread counts as running the code of one invocation.
#[derive(Debug)]
#[must_use = "the mark ends as soon as the guard is dropped"]
pub(crate) struct Current(());

/// Marks this thread as running the code of the invocation with that request id.
pub(crate) fn enter(request_id: &str) -> Current {
    REQUEST_ID.with_borrow_mut(|current| current.push_str(request_id));
    Current(())
}

impl Drop for Current {
    fn drop(&mut self) {
        REQUEST_ID.with_borrow_mut(String::clear);
    }
}

/// A guard: while it lives, a mark of this thread is lifted.
#[cfg(feature = "async")]
#[derive(Debug)]
#[must_use = "the mark returns as soon as the guard is dropped"]
pub(crate) struct Lifted(Option<String>);

/// Lifts the mark of this thread, if it has one.
#[cfg(feature = "async")]
pub(crate) fn lift() -> Lifted {
    // Taken even if it is empty, the buffer would have to be allocated again.
    Lifted(REQUEST_ID.with_borrow_mut(|current| (!current.is_empty()).then(|| std::mem::take(current))))
}

#[cfg(feature = "async")]
impl Drop for Lifted {
    fn drop(&mut self) {
        if let Some(lifted) = self.0.take() {
            REQUEST_ID.set(lifted);
        }
    }
}

/// Returns the request id of the invocation whose code this thread is running, if there is one.
pub(crate) fn request_id() -> Option<String> {
    // In a thread that is ending, the thread-local is gone, and so is the invocation.
    REQUEST_ID.try_with(|current| current.borrow().clone()).ok().filter(|id| !id.is_empty())
}
