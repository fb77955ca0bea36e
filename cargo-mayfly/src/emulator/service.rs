//! [`Service`]: the shared state of the Runtime API, between callers and the function's process.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, mpsc};
use uuid::Uuid;

use crate::emulator::configuration::Configuration;
use crate::emulator::delivery::Delivery;
use crate::emulator::extensions::Extensions;
use crate::emulator::invocation::Invocation;
use crate::emulator::machine::{Complete, Completion, Ids, Machine, Next, Phase};
use crate::emulator::measures::Measures;
use crate::emulator::outcome::{Outcome, PostedError};
use crate::emulator::rejection::Rejection;
use crate::emulator::report::Report;
use crate::emulator::stream::Part;

/// The state that callers and the process share, with a notification of its changes.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) configuration: Configuration,
    state: Mutex<ServiceState>,
    changed: Notify,
}

/// The state of the process, its extensions and the current invocation.
#[derive(Debug)]
pub(crate) struct ServiceState {
    pub(crate) machine: Machine,
    pub(crate) extensions: Extensions,
    /// The number of the current invocation.
    number: u64,
    current: Option<CurrentInvocation>,
    /// The error of an init that failed without an invocation.
    failed_init: Option<PostedError>,
    process: Measures,
    report: Option<Report>,
}

/// The invocation whose caller waits for its outcome.
#[derive(Debug)]
struct CurrentInvocation {
    invocation: Arc<Invocation>,
    ids: Ids,
    delivery: Option<Delivery>,
    outcome: Option<Outcome>,
    /// The time of its reply, or of the end of the process.
    ended: Option<Instant>,
}

impl Service {
    pub(crate) fn new(configuration: Configuration) -> Self {
        let state = ServiceState {
            machine: Machine::new(),
            extensions: Extensions::default(),
            number: 0,
            current: None,
            failed_init: None,
            process: Measures::new(),
            report: None,
        };
        Self { configuration, state: Mutex::new(state), changed: Notify::new() }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, ServiceState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls `look` after each change of the state until it returns something.
    pub(crate) async fn wait_for<T>(&self, mut look: impl FnMut(&mut ServiceState) -> Option<T>) -> T {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            if let Some(seen) = look(&mut self.state()) {
                return seen;
            }
            changed.await;
        }
    }

    /// Resets the state for another process.
    pub(crate) fn restart(&self) {
        let mut state = self.state();
        state.machine.restart();
        state.extensions = Extensions::default();
        state.failed_init = None;
        state.process = Measures::new();
    }

    /// Makes an invocation available to the process.
    pub(crate) fn open(&self, invocation: Invocation) {
        let ids = Ids {
            request: invocation.request_id.clone().unwrap_or_else(new_id),
            invocation: Some(invocation.invocation_id.clone().unwrap_or_else(new_id)),
        };
        let mut state = self.state();
        let outcome = state.failed_init.take().map(Outcome::InitError);
        if outcome.is_none() {
            state.machine.submit(ids.clone());
        }
        state.number += 1;
        state.report = None;
        let current = CurrentInvocation { invocation: Arc::new(invocation), ids, delivery: None, outcome, ended: None };
        state.current = Some(current);
        drop(state);
        self.changed.notify_waiters();
    }

    /// Handles `/next`: waits for an event.
    pub(crate) async fn next(&self) -> Result<Delivery, Rejection> {
        let at_once = self.state().next(&self.configuration)?;
        // The request itself changes the phase.
        self.changed.notify_waiters();
        if let Some(delivery) = at_once {
            return Ok(delivery);
        }
        let delivery = self.wait_for(|state| state.next(&self.configuration).transpose()).await;
        self.changed.notify_waiters();
        delivery
    }

    /// Handles the beginning of a streamed `/response`. Returns the receiver, if the caller takes a stream.
    pub(crate) fn begin_stream(
        &self,
        request: &str,
        invocation: Option<&str>,
    ) -> Result<Option<mpsc::Sender<Part>>, Rejection> {
        let mut state = self.state();
        state.machine.begin_stream(request, invocation)?;
        Ok(state.current.as_ref().and_then(|current| current.invocation.stream.as_ref()?.take()))
    }

    /// Handles `/response` and `/error`: completes the invocation.
    pub(crate) fn complete(
        &self,
        complete: Complete,
        request: &str,
        invocation: Option<&str>,
        outcome: Outcome,
    ) -> Result<(), Rejection> {
        let kind = if matches!(outcome, Outcome::Error(_)) { Completion::Error } else { Completion::Response };
        let mut state = self.state();
        complete(&mut state.machine, kind, request, invocation)?;
        state.settle(outcome);
        drop(state);
        self.changed.notify_waiters();
        Ok(())
    }

    /// Handles `/init/error` and `/restore/error`.
    pub(crate) fn init_error(&self, error: PostedError, is_restore: bool) -> Result<(), Rejection> {
        let mut state = self.state();
        if is_restore {
            state.machine.restore_error()?;
        } else {
            state.machine.init_error()?;
        }
        state.process.end_init();
        if state.current.is_some() {
            state.settle(Outcome::InitError(error));
        } else {
            state.failed_init = Some(error);
        }
        drop(state);
        self.changed.notify_waiters();
        Ok(())
    }

    /// Handles `/event/next` of an extension: waits for an invocation that was not delivered to it yet.
    pub(crate) async fn extension_next(&self, id: &str) -> Result<Delivery, Rejection> {
        let id = self.state().extensions.ask(id)?;
        self.changed.notify_waiters();
        let delivery = self.wait_for(|state| {
            let delivery = state.delivery()?.clone();
            state.extensions.deliver(id, delivery.number).then_some(delivery)
        });
        Ok(delivery.await)
    }

    /// Returns the report of the last finished invocation.
    pub(crate) fn report(&self) -> Option<Report> {
        self.state().report.clone()
    }

    /// Ends the current invocation: its caller has the outcome, or no longer waits for it.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        let Some(current) = state.current.take() else { return };
        state.machine.withdraw(&current.ids.request);
        if current.outcome.is_none() {
            state.process.read_memory();
        }
        let ended = current.ended.unwrap_or_else(Instant::now);
        let duration = current.delivery.map_or(Duration::ZERO, |delivery| ended - delivery.delivered);
        state.report = Some(Report {
            request_id: current.ids.request,
            duration,
            init_duration: state.process.init_duration.take(),
            memory_size_mb: self.configuration.memory_mb,
            max_memory_used: state.process.peak_memory,
        });
    }
}

impl ServiceState {
    pub(crate) fn process_id(&self) -> Option<u32> {
        self.process.id
    }

    pub(crate) fn set_process_id(&mut self, id: Option<u32>) {
        self.process.id = id;
    }

    /// Registers an extension, which is possible only during init.
    pub(crate) fn register(&mut self, name: &str, body: &[u8]) -> Result<Uuid, Rejection> {
        if self.machine.phase() == Phase::Started {
            return self.extensions.register(name, body);
        }
        Err(Rejection::extension("Extension.RegistrationClosed", "Extension registration closed already"))
    }

    pub(crate) fn outcome(&mut self) -> Option<Outcome> {
        self.current.as_mut()?.outcome.take()
    }

    pub(crate) fn delivery(&self) -> Option<&Delivery> {
        self.current.as_ref()?.delivery.as_ref()
    }

    /// Returns whether the current invocation was delivered or has an outcome.
    pub(crate) fn has_progressed(&self) -> bool {
        self.current.as_ref().is_some_and(|current| current.delivery.is_some() || current.outcome.is_some())
    }

    /// Returns what `/next` gets now; `None` if it has to wait.
    fn next(&mut self, configuration: &Configuration) -> Result<Option<Delivery>, Rejection> {
        self.process.end_init();
        let next = self.machine.next(!self.extensions.are_ready())?;
        let Some(current) = &mut self.current else { return Ok(None) };
        if next == Next::Delivers {
            self.process.read_memory();
            current.delivery = Some(Delivery::new(self.number, &current.invocation, &current.ids, configuration));
        }
        Ok(current.delivery.clone().filter(|_| next != Next::Blocks))
    }

    /// Sets the outcome of the current invocation.
    fn settle(&mut self, outcome: Outcome) {
        self.process.read_memory();
        if let Some(current) = &mut self.current {
            current.outcome = Some(outcome);
        }
        self.end();
    }

    /// Records the time at which the process finished the current invocation.
    pub(crate) fn end(&mut self) {
        if let Some(current) = &mut self.current {
            current.ended.get_or_insert_with(Instant::now);
        }
    }
}

fn new_id() -> String {
    Uuid::new_v4().to_string()
}
