//! [`PendingInvocation`]: the caller's side of an invocation.

use tokio::time::{timeout, timeout_at};

use crate::emulator::invocation::Invocation;
use crate::emulator::machine::Phase;
use crate::emulator::outcome::Outcome;
use crate::emulator::service::{Service, ServiceState};

/// An invocation that waits for the process, or is in flight. Dropping it ends the invocation.
#[derive(Debug)]
pub(crate) struct PendingInvocation<'a> {
    service: &'a Service,
}

impl<'a> PendingInvocation<'a> {
    /// Makes an invocation available to the process.
    pub(crate) fn new(service: &'a Service, invocation: Invocation) -> Self {
        service.open(invocation);
        Self { service }
    }

    /// Waits for the outcome, at most until the timeout.
    pub(crate) async fn outcome(&self) -> Outcome {
        let after = self.service.configuration.init_timeout;
        let moved = self.service.wait_for(|state| state.has_progressed().then(|| state.delivery().cloned()));
        let Ok(delivery) = timeout(after, moved).await else { return Outcome::TimedOut { after } };
        let settled = self.service.wait_for(ServiceState::outcome);
        match delivery {
            None => settled.await,
            Some(delivery) => {
                let after = delivery.timeout;
                let deadline = delivery.delivered + after;
                timeout_at(deadline.into(), settled).await.unwrap_or(Outcome::TimedOut { after })
            }
        }
    }

    /// Records that the process has ended, which ends the measured duration.
    pub(crate) fn end(&self) {
        self.service.state().end();
    }

    /// Returns whether the process finished its init and did not take the event, so that another process can have it.
    pub(crate) fn is_untouched(&self) -> bool {
        let state = self.service.state();
        !state.has_progressed()
            && !matches!(state.machine.phase(), Phase::Started | Phase::Restoring | Phase::InitError)
    }
}

impl Drop for PendingInvocation<'_> {
    fn drop(&mut self) {
        self.service.close();
    }
}
