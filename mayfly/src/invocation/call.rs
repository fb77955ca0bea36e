//! Runs one handler: panic caught, future driven, the time of each stage noted.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::executor::Executor;
use crate::invocation::context::FromInvocation;
use crate::invocation::context::Invocation;
use crate::invocation::decode::Event;
use crate::invocation::encode::{Reply, encode};
use crate::logging::logger;
use crate::panic::hook;
use crate::registry::handler::{Description, Handler};

/// One call of a handler: what it is made from, and where its reply goes.
///
/// Generated code asks for the event, then for each further argument, calls the function and hands over the reply.
#[derive(Debug)]
pub struct Call<'a> {
    /// Where an async handler runs.
    pub executor: Driver<'a>,
    invocation: Invocation<'a>,
    reply: &'a mut Vec<u8>,
    stages: Stages,
}

impl<'a> Call<'a> {
    /// Reads the event.
    ///
    /// # Errors
    /// `Runtime.InvalidEvent` if the payload is not the JSON of a `T`.
    pub fn event<T: Event<'a>>(&mut self) -> Result<T, Error> {
        let event = T::read(self.invocation.payload);
        self.stages.decode = self.stages.lap();
        event
    }

    /// Makes a further argument.
    ///
    /// # Errors
    /// The argument's own.
    pub fn argument<T: FromInvocation>(&self) -> Result<T, Error> {
        T::from_invocation(&self.invocation)
    }

    /// Writes the handler's reply.
    ///
    /// # Errors
    /// `Runtime.InvalidResponse` if JSON cannot hold it.
    pub fn encode<T: Reply>(&mut self, reply: &T) -> Result<(), Error> {
        self.stages.call = self.stages.lap();
        let outcome = encode(reply, self.reply);
        self.stages.encode = self.stages.lap();
        outcome
    }
}

/// Calls `handler` for one invocation; on success its reply stands in `reply`.
///
/// # Errors
/// Whatever went wrong, as it is to be reported: a bad event, the handler's own error, its panic, a bad reply.
pub(crate) fn run(
    handler: &Handler,
    invocation: Invocation<'_>,
    executor: &Executor,
    request_id: &str,
    reply: &mut Vec<u8>,
) -> Result<(), Error> {
    let mut call = Call { executor: Driver { executor, request_id }, invocation, reply, stages: Stages::start() };
    hook::forget();
    let Description { file, line, invoke, .. } = (handler.describe)();
    let attempt = || {
        if handler.is_async {
            return invoke(&mut call);
        }
        let _current = CurrentRequest::enter(request_id);
        executor.enter(|| invoke(&mut call))
    };
    let outcome = catch_unwind(AssertUnwindSafe(attempt))
        .unwrap_or_else(|payload| Err(hook::caught(payload)))
        .map_err(|error| error.advised().at(&handler.path(), file, line));
    let _current = CurrentRequest::enter(request_id);
    call.stages.log(handler, invocation.payload.len());
    if let Err(error) = &outcome {
        logger::log_failure(error);
    }
    outcome
}

/// Drives the future of one call.
#[derive(Clone, Copy, Debug)]
pub struct Driver<'a> {
    #[cfg_attr(not(feature = "async"), expect(dead_code, reason = "without tokio nothing is driven"))]
    executor: &'a Executor,
    #[cfg_attr(not(feature = "async"), expect(dead_code, reason = "without tokio nothing is driven"))]
    request_id: &'a str,
}

#[cfg(feature = "async")]
impl Driver<'_> {
    /// Runs a handler's future to its end. The request id is set only while that future itself is polled: a task that
    /// is driven meanwhile belongs to nobody in particular.
    pub fn block_on<T>(&self, mut future: std::pin::Pin<&mut dyn Future<Output = T>>) -> T {
        let polled = std::future::poll_fn(|cx| {
            let _current = CurrentRequest::enter(self.request_id);
            future.as_mut().poll(cx)
        });
        self.executor.block_on(std::pin::pin!(polled))
    }
}

thread_local! {
    static CURRENT: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Marks this thread as running the code of one invocation, until it is dropped.
struct CurrentRequest;

impl CurrentRequest {
    fn enter(request_id: &str) -> Self {
        CURRENT.with_borrow_mut(|current| current.push_str(request_id));
        Self
    }
}

impl Drop for CurrentRequest {
    fn drop(&mut self) {
        CURRENT.with_borrow_mut(String::clear);
    }
}

/// The id of the invocation whose code this thread is running, if it is.
pub(crate) fn current_request_id() -> Option<String> {
    // In a thread that is ending the local is gone, and so is the invocation.
    CURRENT.try_with(|current| current.borrow().clone()).ok().filter(|id| !id.is_empty())
}

/// How long each stage of a call took; measured only if somebody reads it.
#[derive(Debug, Default)]
struct Stages {
    since: Option<Instant>,
    decode: Duration,
    call: Duration,
    encode: Duration,
}

impl Stages {
    fn start() -> Self {
        Self { since: log::log_enabled!(log::Level::Debug).then(Instant::now), ..Self::default() }
    }

    #[inline(never)] // else three times in each handler
    fn lap(&mut self) -> Duration {
        let Some(since) = self.since else { return Duration::ZERO };
        let now = Instant::now();
        self.since = Some(now);
        now - since
    }

    fn log(&self, handler: &Handler, event_size: usize) {
        if self.since.is_some() {
            let [decode, call, encode] = [self.decode, self.call, self.encode].map(|took| took.as_secs_f64() * 1e3);
            hook::contain(|| {
                log::debug!(
                    "{} took an event of {event_size} bytes: decode {decode:.3} ms, call {call:.3} ms, encode {encode:.3} ms",
                    handler.path()
                );
            });
        }
    }
}
