//! `Chain`: one invocation inside of its around functions.
//!
//! An async function that runs an async one polls it: their futures nest, so that a time-out drops the inner one. A sync
//! function cannot run inside of a poll, since it may block or start a runtime of its own. So the outermost wait leaves
//! its `block_on` whenever a future wants a sync step, runs that step, and goes on polling.

use std::cell::Cell;
#[cfg(feature = "async")]
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
#[cfg(feature = "async")]
use std::pin::{Pin, pin};
#[cfg(feature = "async")]
use std::task::{Context, Poll, Waker};
use std::thread;

#[cfg(feature = "async")]
use super::next::{AroundFuture, Running};
use super::next::{Next, Steps};
use super::reply::Reply;
use super::surrounding::Surrounded;
use crate::current;
use crate::driver::Driver;
#[cfg(feature = "async")]
use crate::driver::{Called, Hooked};
use crate::error::Error;
use crate::invocation::argument::Invocation;
use crate::panic::caught;
use crate::registry::around::{Around, AroundInvoke};
use crate::runtime_api::outgoing::Outgoing;

/// The way of one invocation from the driver of its handler back to the functions around it.
pub(super) struct Hook<'a> {
    pub(super) arounds: &'a [&'static Around],
    pub(super) handler: &'a Surrounded<'a>,
    pub(super) driver: Driver<'a>,
    pub(super) invocation: Invocation<'a>,
    /// The reply, between the functions that pass it on.
    pub(super) reply: &'a Cell<Outgoing>,
}

impl Hook<'_> {
    /// Runs all functions around the handler.
    pub(super) fn around(&self, handler: Handler<'_>) -> Result<(), Error> {
        let chain = Chain {
            hook: self,
            handler,
            #[cfg(feature = "async")]
            polling: Polling::default(),
        };
        let reply = chain.outside(0)?;
        self.reply.set(reply.0);
        Ok(())
    }
}

#[cfg(feature = "async")]
impl Hooked for Hook<'_> {
    fn drive(&self, future: Pin<&mut dyn Called>) -> Result<(), Error> {
        self.around(Handler::Future(Cell::new(Some(future))))
    }
}

/// The handler of one invocation, until it has run.
pub(super) enum Handler<'a> {
    Function(Cell<Option<&'a mut dyn FnMut() -> Result<(), Error>>>),
    #[cfg(feature = "async")]
    Future(Cell<Option<Pin<&'a mut dyn Called>>>),
}

/// One invocation inside of its around functions. The handler is the step after the last of them.
struct Chain<'a, 'h> {
    hook: &'a Hook<'a>,
    handler: Handler<'h>,
    #[cfg(feature = "async")]
    polling: Polling,
}

/// The polling of the futures of one invocation.
#[cfg(feature = "async")]
#[derive(Default)]
struct Polling {
    /// Whether a future is being polled, inside of which nothing may block.
    is_running: Cell<bool>,
    /// The depth of the sync step that a future waits for.
    wanted: Cell<Option<usize>>,
    /// The outcome of that step.
    outcome: Cell<Option<Result<Reply, Error>>>,
    /// The waker of that future, which need not be the one of the whole task.
    waker: Cell<Option<Waker>>,
}

#[cfg(feature = "async")]
const BLOCKS: &str = "`next.run_blocking()` blocks the runtime inside of an async around function: write \
                      `next.run().await`";
const SPENT: &str = "the handler runs once";

#[cfg_attr(not(feature = "async"), expect(clippy::elidable_lifetime_names, reason = "as with the feature"))]
impl<'a, 'h> Chain<'a, 'h> {
    fn invocation(&self) -> &Invocation<'a> {
        &self.hook.invocation
    }

    #[cfg(feature = "async")]
    fn is_async(&self, depth: usize) -> bool {
        match self.hook.arounds.get(depth) {
            Some(around) => around.is_async(),
            None => !matches!(self.handler, Handler::Function(_)),
        }
    }

    /// Runs a step while nothing is polled, as the code of the invocation.
    fn outside(&self, depth: usize) -> Result<Reply, Error> {
        #[cfg(feature = "async")]
        if self.is_async(depth) {
            return self.wait(depth);
        }
        let Driver { executor, request_id, .. } = self.hook.driver;
        let _current = current::enter(request_id);
        executor.enter(|| self.call(depth))
    }

    /// Runs an async step to completion. The sync steps that it wants run in between.
    #[cfg(feature = "async")]
    fn wait(&self, depth: usize) -> Result<Reply, Error> {
        let mut running = pin!(Running { next: Next { steps: self, depth }, slot: None, is_done: false });
        let (mut done, mut wanted) = (None, None);
        loop {
            self.hook.driver.wait(pin!(poll_fn(|cx| {
                self.polling.is_running.set(true);
                let polled = running.as_mut().poll(cx);
                self.polling.is_running.set(false);
                if let Poll::Ready(outcome) = polled {
                    done = Some(outcome);
                    return Poll::Ready(());
                }
                wanted = self.polling.wanted.take();
                if wanted.is_some() { Poll::Ready(()) } else { Poll::Pending }
            })));
            if let Some(outcome) = done {
                // The step of a future that was forgotten, which an outer wait would run.
                self.polling.wanted.set(None);
                return outcome;
            }
            if let Some(depth) = wanted.take() {
                let waker = self.polling.waker.take();
                self.polling.outcome.set(Some(self.outside(depth)));
                if let Some(waker) = waker {
                    waker.wake();
                }
            }
        }
    }

    /// Runs an async step to completion, inside of a sync one.
    #[cfg(feature = "async")]
    fn wait_inside(&self, depth: usize) -> Result<Reply, Error> {
        // The runtime also runs tasks that belong to no invocation.
        let _lifted = current::lift();
        self.wait(depth)
    }

    /// Waits for a sync step that runs outside of the poll.
    #[cfg(feature = "async")]
    fn poll_outside(&self, depth: usize, cx: &Context<'_>) -> Poll<Result<Reply, Error>> {
        if let Some(outcome) = self.polling.outcome.take() {
            return Poll::Ready(outcome);
        }
        if !self.polling.is_running.get() {
            // Another executor polls: the code of a sync around function has brought its own.
            return Poll::Ready(self.call(depth));
        }
        self.polling.wanted.set(Some(depth));
        self.polling.waker.set(Some(cx.waker().clone()));
        Poll::Pending
    }

    #[cfg(feature = "async")]
    fn poll_handler(
        &self,
        future: &Cell<Option<Pin<&'h mut dyn Called>>>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Reply, Error>> {
        let mut called = future.take().expect(SPENT);
        match catch_unwind(AssertUnwindSafe(|| called.as_mut().poll(cx))) {
            Ok(Poll::Pending) => {
                future.set(Some(called));
                Poll::Pending
            }
            Ok(Poll::Ready(outcome)) => Poll::Ready(self.of_handler(Ok(outcome))),
            Err(payload) => Poll::Ready(self.of_handler(Err(payload))),
        }
    }

    fn of_handler(&self, outcome: thread::Result<Result<(), Error>>) -> Result<Reply, Error> {
        match flattened(outcome) {
            Ok(()) => Ok(Reply(self.hook.reply.take())),
            Err(error) => Err((self.hook.handler.placed)(error)),
        }
    }
}

/// Turns a panic into an error.
fn flattened<T>(outcome: thread::Result<Result<T, Error>>) -> Result<T, Error> {
    outcome.unwrap_or_else(|payload| Err(caught::to_error(payload)))
}

impl Steps for Chain<'_, '_> {
    fn call(&self, depth: usize) -> Result<Reply, Error> {
        #[cfg(feature = "async")]
        assert!(!self.polling.is_running.get(), "{BLOCKS}");
        match (self.hook.arounds.get(depth), &self.handler) {
            (Some(around), _) => match around.invoke {
                AroundInvoke::Sync(invoke) => {
                    let next = Next { steps: self, depth: depth + 1 };
                    let outcome = catch_unwind(AssertUnwindSafe(|| invoke(self.invocation(), next)));
                    flattened(outcome).map_err(|error| around.placed(error))
                }
                #[cfg(feature = "async")]
                AroundInvoke::Async(_) => self.wait_inside(depth),
            },
            (None, Handler::Function(function)) => {
                let function = function.take().expect(SPENT);
                self.of_handler(catch_unwind(AssertUnwindSafe(function)))
            }
            #[cfg(feature = "async")]
            (None, Handler::Future(_)) => self.wait_inside(depth),
        }
    }

    #[cfg(feature = "async")]
    fn poll<'s>(
        &'s self,
        depth: usize,
        slot: &mut Option<AroundFuture<'s>>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Reply, Error>> {
        match (self.hook.arounds.get(depth), &self.handler) {
            (Some(around), _) => {
                let AroundInvoke::Async(invoke) = around.invoke else { return self.poll_outside(depth, cx) };
                let poll = || {
                    let next = || invoke(self.invocation(), Next { steps: self, depth: depth + 1 });
                    slot.get_or_insert_with(next).as_mut().poll(cx)
                };
                match catch_unwind(AssertUnwindSafe(poll)) {
                    Ok(polled) => polled.map_err(|error| around.placed(error)),
                    Err(payload) => Poll::Ready(Err(around.placed(caught::to_error(payload)))),
                }
            }
            (None, Handler::Function(_)) => self.poll_outside(depth, cx),
            (None, Handler::Future(future)) => self.poll_handler(future, cx),
        }
    }

    #[cfg(feature = "async")]
    fn cancel(&self, depth: usize) {
        if self.is_async(depth) {
            if let (Handler::Future(future), true) = (&self.handler, depth == self.hook.arounds.len())
                && let Some(called) = future.take()
            {
                called.end();
            }
        } else {
            self.polling.wanted.set(None);
            self.polling.outcome.set(None);
        }
    }
}
