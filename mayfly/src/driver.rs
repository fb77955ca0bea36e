//! `Driver`: the way in which the async code of one invocation runs.

use std::fmt;
#[cfg(feature = "async")]
use std::pin::Pin;
#[cfg(feature = "async")]
use std::task::{Context, Poll};

#[cfg(feature = "async")]
use crate::current;
#[cfg(feature = "async")]
use crate::error::Error;
use crate::executor::Executor;

/// A driver of the future of one call.
#[derive(Clone, Copy)]
pub struct Driver<'a> {
    pub(crate) executor: &'a Executor,
    pub(crate) request_id: &'a str,
    /// The functions around the invocation, if there are any.
    #[cfg(feature = "async")]
    pub(crate) hooked: Option<&'a dyn Hooked>,
}

/// The functions around an invocation, as its driver knows them.
#[cfg(feature = "async")]
pub(crate) trait Hooked {
    /// Runs the handler's future to completion inside of the functions.
    fn drive(&self, future: Pin<&mut dyn Called>) -> Result<(), Error>;
}

/// The future of a handler, which an around function may end early.
#[cfg(feature = "async")]
pub trait Called {
    /// Polls the future.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>>;

    /// Drops the future before it is complete.
    fn end(self: Pin<&mut Self>);
}

#[cfg(feature = "async")]
impl<F: Future<Output = Result<(), Error>>> Called for Option<F> {
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.as_pin_mut().map_or(Poll::Pending, |future| future.poll(cx))
    }

    fn end(mut self: Pin<&mut Self>) {
        self.set(None);
    }
}

impl fmt::Debug for Driver<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").field("request_id", &self.request_id).finish_non_exhaustive()
    }
}

impl<'a> Driver<'a> {
    /// Creates the driver of an invocation without functions around it.
    pub(crate) fn new(executor: &'a Executor, request_id: &'a str) -> Self {
        Self {
            executor,
            request_id,
            #[cfg(feature = "async")]
            hooked: None,
        }
    }
}

#[cfg(feature = "async")]
impl Driver<'_> {
    /// Runs a handler's future to completion, inside of the functions around it.
    ///
    /// # Errors
    /// Returns the error of the handler, or of a function around it.
    pub fn block_on(&self, mut future: Pin<&mut dyn Called>) -> Result<(), Error> {
        if let Some(hooked) = self.hooked {
            return hooked.drive(future);
        }
        // Not by `wait`, which would poll through one more trait object.
        let polled = std::future::poll_fn(|cx| {
            let _current = current::enter(self.request_id);
            future.as_mut().poll(cx)
        });
        self.executor.block_on(std::pin::pin!(polled))
    }

    /// Runs a future of an invocation to completion. The request id is set only while that future itself is polled,
    /// since a task that the runtime runs in between belongs to no invocation.
    pub(crate) fn wait<T>(&self, mut future: Pin<&mut dyn Future<Output = T>>) -> T {
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
        f(Driver { executor: &Executor::build()?, ..self })
    }
}
