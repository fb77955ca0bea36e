//! `Driver`: the way in which the async code of one invocation runs.

#[cfg(feature = "async")]
use std::pin::Pin;

#[cfg(feature = "async")]
use crate::current;
#[cfg(feature = "async")]
use crate::error::Error;
use crate::executor::Executor;

/// A driver of the future of one call.
#[derive(Clone, Copy, Debug)]
pub struct Driver<'a> {
    pub(crate) executor: &'a Executor,
    pub(crate) request_id: &'a str,
}

#[cfg(feature = "async")]
impl Driver<'_> {
    /// Runs a handler's future to completion. The request id is set only while that future itself is polled, since a
    /// task that the runtime runs in between belongs to no invocation.
    pub fn block_on<T>(&self, mut future: Pin<&mut dyn Future<Output = T>>) -> T {
        let polled = std::future::poll_fn(|cx| {
            let _current = current::enter(self.request_id);
            future.as_mut().poll(cx)
        });
        self.executor.block_on(std::pin::pin!(polled))
    }

    /// Calls `f` with a driver that has a runtime. A process whose handler is sync has none, but the handler may return
    /// a stream whose source is async; then the runtime is built for this source.
    pub(crate) fn with_runtime(self, f: &mut dyn FnMut(Driver<'_>) -> Result<(), Error>) -> Result<(), Error> {
        if self.executor.has_runtime() {
            return f(self);
        }
        f(Driver { executor: &Executor::build()?, request_id: self.request_id })
    }
}
