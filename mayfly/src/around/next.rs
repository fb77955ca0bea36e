//! `Next`: the rest of an invocation, which an around function runs.

#[cfg(feature = "async")]
use std::pin::Pin;
#[cfg(feature = "async")]
use std::task::{Context, Poll};

use super::reply::Reply;
use crate::error::Error;

/// The rest of an invocation: the next around function, or the handler.
///
/// It runs at most once. An around function that drops it short-circuits the invocation: the handler is not called.
#[must_use = "the handler is called only if `run` is"]
pub struct Next<'a> {
    pub(super) steps: &'a dyn Steps,
    pub(super) depth: usize,
}

/// The functions around an invocation, of which the handler is the last.
pub(crate) trait Steps {
    /// Runs the step at that depth.
    fn call(&self, depth: usize) -> Result<Reply, Error>;

    /// Polls the step at that depth, whose future is in `slot` if it is an async around function.
    #[cfg(feature = "async")]
    fn poll<'s>(
        &'s self,
        depth: usize,
        slot: &mut Option<AroundFuture<'s>>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Reply, Error>>;

    /// Ends the step at that depth before it is done.
    #[cfg(feature = "async")]
    fn cancel(&self, depth: usize);
}

/// The future of an async around function.
#[cfg(feature = "async")]
pub type AroundFuture<'a> = Pin<Box<dyn Future<Output = Result<Reply, Error>> + 'a>>;

#[cfg_attr(not(feature = "async"), expect(clippy::elidable_lifetime_names, reason = "as with the feature"))]
impl<'a> Next<'a> {
    /// Runs the rest of the invocation, in an `async fn`.
    ///
    /// Dropping the future, as a time-out does, drops the handler's. A sync handler or around function runs outside of
    /// the tokio runtime, so that it may block and start a runtime of its own; once begun, it cannot be cancelled.
    ///
    /// # Errors
    /// Returns the error that would be reported to the caller: a bad event, the handler's own error, its panic (under
    /// `panic = "unwind"`) or the error of an inner around function.
    #[cfg(feature = "async")]
    pub fn run(self) -> impl Future<Output = Result<Reply, Error>> + use<'a> {
        Running { next: self, slot: None, is_done: false }
    }

    /// Runs the rest of the invocation, in a plain `fn`.
    ///
    /// # Errors
    /// Returns the error that would be reported to the caller: a bad event, the handler's own error, its panic (under
    /// `panic = "unwind"`) or the error of an inner around function.
    ///
    /// # Panics
    /// Panics inside an `async fn`, where it would block the runtime; there `next.run().await` is right.
    pub fn run_blocking(self) -> Result<Reply, Error> {
        self.steps.call(self.depth)
    }
}

impl std::fmt::Debug for Next<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Next").finish_non_exhaustive()
    }
}

#[cfg(feature = "async")]
const DONE: &str = "`next.run()` was polled after it was complete: the rest of an invocation runs once";

/// The rest of an invocation while it runs.
#[cfg(feature = "async")]
pub(super) struct Running<'a> {
    pub(super) next: Next<'a>,
    pub(super) slot: Option<AroundFuture<'a>>,
    pub(super) is_done: bool,
}

#[cfg(feature = "async")]
impl Future for Running<'_> {
    type Output = Result<Reply, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // A sync step would run a second time.
        assert!(!self.is_done, "{DONE}");
        let Next { steps, depth } = self.next;
        let polled = steps.poll(depth, &mut self.slot, cx);
        self.is_done = polled.is_ready();
        polled
    }
}

#[cfg(feature = "async")]
impl Drop for Running<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            self.slot = None;
            self.next.steps.cancel(self.next.depth);
        }
    }
}
