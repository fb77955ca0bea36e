//! The selected handler with all that it needs, ready to be called.

use std::sync::Arc;

use crate::env;
use crate::error::Error;
use crate::executor::Executor;
use crate::invocation::call;
use crate::invocation::context::Invocation;
use crate::invocation::state::{self, Store};
use crate::registry::handler::Handler;
use crate::runtime_api::headers::Headers;

/// What one process runs.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) handler: &'static Handler,
    pub(crate) executor: Executor,
    store: Store,
    environment: Arc<env::Function>,
    #[cfg(feature = "trace-env")]
    writes_trace_id: bool,
}

impl Prepared {
    /// Builds the states that `handler` needs, and a runtime if any of its code is async and none is given.
    ///
    /// # Errors
    /// Whatever keeps the function from starting, with a message that starts "Initialization error".
    pub(crate) fn new(
        handler: &'static Handler,
        environment: &Arc<env::Function>,
        pollers: usize,
        executor: Option<Executor>,
    ) -> Result<Self, Error> {
        let inits = state::plan(handler)?;
        let is_async = handler.is_async || inits.iter().any(|init| init.is_async);
        let mut executor = match executor {
            None if is_async => Executor::build()?,
            given => given.unwrap_or_default(),
        };
        #[cfg(feature = "trace-env")]
        let writes_trace_id = crate::trace_env::is_writable(pollers, &executor);
        let store = Store::build(&inits, &executor)?;
        if pollers > 1 {
            executor.share()?;
        }
        Ok(Self {
            handler,
            executor,
            store,
            environment: Arc::clone(environment),
            #[cfg(feature = "trace-env")]
            writes_trace_id,
        })
    }

    /// Leaves the process environment alone: other tests run beside this one.
    #[cfg(all(feature = "trace-env", feature = "testing"))]
    pub(crate) fn leaving_the_environment(self) -> Self {
        Self { writes_trace_id: false, ..self }
    }

    /// Runs one invocation; on success its reply stands in `reply`.
    ///
    /// # Errors
    /// Whatever is to be reported to the caller.
    pub(crate) fn call(
        &self,
        headers: Headers<'_>,
        payload: &[u8],
        request_id: &str,
        reply: &mut Vec<u8>,
    ) -> Result<(), Error> {
        #[cfg(feature = "trace-env")]
        if self.writes_trace_id {
            crate::trace_env::set(headers);
        }
        let invocation = Invocation { headers, payload, store: &self.store, function: &self.environment };
        call::run(self.handler, invocation, &self.executor, request_id, reply)
    }
}
