//! `Driver`: the way in which the async code of one invocation runs.

#[cfg(feature = "async")]
use std::pin::Pin;

#[cfg(feature = "async")]
use crate::current;
use crate::executor::Executor;

/// A driver of the future of one call.
#[derive(Clone, Copy, Debug)]
pub struct Driver<'a> {
    #[cfg_attr(not(feature = "async"), expect(dead_code, reason = "without tokio there are no futures"))]
    pub(crate) executor: &'a Executor,
    #[cfg_attr(not(feature = "async"), expect(dead_code, reason = "without tokio there are no futures"))]
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
}
