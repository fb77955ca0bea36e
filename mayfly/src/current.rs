//! The current invocation: the one whose code this thread is running.

use std::cell::RefCell;

thread_local! {
    static REQUEST_ID: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Marks this thread as running the code of one invocation, until it is dropped.
#[derive(Debug)]
#[must_use = "dropped, it ends the mark"]
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

/// Returns the id of the invocation whose code this thread is running, or none.
pub(crate) fn request_id() -> Option<String> {
    // In a thread that is ending, the local is gone, and so is the invocation.
    REQUEST_ID.try_with(|current| current.borrow().clone()).ok().filter(|id| !id.is_empty())
}
