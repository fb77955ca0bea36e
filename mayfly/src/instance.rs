//! `Instance`: the selected handler with its states and its runtime, ready to be called.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::around::list::Arounds;
use crate::around::surrounding::{Surrounded, Surrounding};
use crate::counted::counted;
use crate::current;
use crate::driver::Driver;
use crate::ending::Fatal;
use crate::env;
use crate::error::Error;
use crate::executor::Executor;
use crate::invocation::argument::Invocation;
use crate::invocation::call::Call;
use crate::invocation::state::Store;
use crate::logging::failure::log_failure;
use crate::panic::caught::{self, contain};
use crate::registry::handler::{Description, Handler};
use crate::registry::plan;
use crate::runtime_api::client::Client;
use crate::runtime_api::incoming::Incoming;
use crate::runtime_api::outgoing::{Body, Outgoing};
#[cfg(feature = "trace-env")]
use crate::trace_env;

/// The selected handler of a process, with its states and the runtime of its async code.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) handler: &'static Handler,
    pub(crate) executor: Executor,
    pub(crate) store: Store,
    function: Arc<env::Function>,
    arounds: Option<&'static dyn Surrounding>,
    #[cfg(feature = "trace-env")]
    writes_trace_id: bool,
}

impl Instance {
    /// Builds the states that `handler` needs with its own around functions and those of the process, `arounds`; and a
    /// runtime if any of this code is async and no executor is given.
    /// Every error message starts with "Initialization error".
    pub(crate) fn new(
        handler: &'static Handler,
        function: &Arc<env::Function>,
        pollers: usize,
        executor: Option<Executor>,
        arounds: Option<Arounds>,
    ) -> Result<Self, Error> {
        let arounds = plan::surrounding(handler, arounds)?;
        let plan = plan::plan(handler, arounds)?;
        let is_async = handler.is_async
            || plan.inits.iter().any(|init| init.is_async)
            || arounds.is_some_and(Surrounding::is_async);
        let mut executor = match executor {
            None if is_async => Executor::build()?,
            given => given.unwrap_or_default(),
        };
        #[cfg(feature = "trace-env")]
        let writes_trace_id = trace_env::is_writable(pollers, &executor);
        let store = plan::build(plan, &executor)?;
        if pollers > 1 {
            executor.share()?;
        }
        Ok(Self {
            handler,
            executor,
            store,
            function: Arc::clone(function),
            arounds,
            #[cfg(feature = "trace-env")]
            writes_trace_id,
        })
    }

    /// Turns off writing the trace id to the process environment, for tests that run in parallel.
    #[cfg(all(feature = "trace-env", feature = "testing"))]
    pub(crate) fn without_trace_env(self) -> Self {
        Self { writes_trace_id: false, ..self }
    }

    /// Calls the handler for one invocation and puts its reply into the empty `outgoing`. Returns the error to report:
    /// a bad event, the handler's own error, its panic or a bad reply.
    pub(crate) fn call(&self, incoming: &Incoming<'_>, outgoing: &mut Outgoing) -> Result<(), Error> {
        #[cfg(feature = "trace-env")]
        if self.writes_trace_id {
            trace_env::set(incoming.headers);
        }
        let (headers, payload, request_id) = (incoming.headers, incoming.payload, &*incoming.id.text);
        let invocation = Invocation { headers, payload, store: &self.store, function: &self.function };
        let mut call = Call::new(self.driver(incoming), invocation, outgoing);
        caught::forget();
        let Description { invoke, .. } = (self.handler.describe)();
        let attempt = || {
            if let Some(arounds) = self.arounds {
                let placed = &self.place();
                return arounds.call(&mut call, &Surrounded { is_async: self.handler.is_async, invoke, placed });
            }
            if self.handler.is_async {
                return invoke(&mut call);
            }
            let _current = current::enter(request_id);
            self.executor.enter(|| invoke(&mut call))
        };
        let outcome = catch_unwind(AssertUnwindSafe(attempt))
            .unwrap_or_else(|payload| Err(caught::to_error(payload)))
            .map_err(|error| self.placed(error));
        let _current = current::enter(request_id);
        if let Some(milliseconds) = call.milliseconds() {
            self.log_stages(milliseconds, payload.len());
        }
        if let Err(error) = &outcome {
            log_failure(error);
        }
        outcome
    }

    /// Sends a reply that is made while it is sent. Its source belongs to the invocation, as the handler does.
    pub(crate) fn send(
        &self,
        body: Box<dyn Body>,
        memory: &mut Vec<u8>,
        incoming: &Incoming<'_>,
        client: &mut Client,
    ) -> Result<(), Fatal> {
        body.send(memory, client, incoming, self.driver(incoming), &self.place())
    }

    /// Returns the driver of the code of an invocation.
    pub(crate) fn driver<'a>(&'a self, incoming: &'a Incoming<'_>) -> Driver<'a> {
        Driver::new(&self.executor, &incoming.id.text)
    }

    /// Returns `placed` as one closure, since each has a table of its functions in the binary.
    fn place(&self) -> impl Fn(Error) -> Error {
        |error| self.placed(error)
    }

    /// Adds advice and the place of the handler to an error, unless it has the place of a route or an around function.
    #[cold]
    pub(crate) fn placed(&self, error: Error) -> Error {
        if error.is_placed() {
            return error;
        }
        let Description { file, line, .. } = (self.handler.describe)();
        error.advised().at(&self.handler.path(), file, line)
    }

    #[cold]
    fn log_stages(&self, [decode, call, encode]: [f64; 3], event_size: usize) {
        contain(|| {
            log::debug!(
                "{} took an event of {}: decode {decode:.3} ms, call {call:.3} ms, encode {encode:.3} ms",
                self.handler.path(),
                counted(event_size, "byte")
            );
        });
    }
}
