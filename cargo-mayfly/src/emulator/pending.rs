//! The caller's side of one invocation.

use tokio::time::{timeout, timeout_at};

use crate::emulator::invocation::Invocation;
use crate::emulator::outcome::Outcome;
use crate::emulator::service::{Service, State};
use crate::emulator::state::Phase;

/// An event that is before the process, or in its hands; dropped, the invocation is over.
#[derive(Debug)]
pub(crate) struct PendingInvocation<'a> {
    service: &'a Service,
}

impl<'a> PendingInvocation<'a> {
    /// Puts an event before the process. The caller waits for its outcome, and gives up by dropping this.
    pub(crate) fn new(service: &'a Service, invocation: Invocation) -> Self {
        service.open(invocation);
        Self { service }
    }

    /// Waits until the process has answered or its time is up.
    pub(crate) async fn outcome(&self) -> Outcome {
        let after = self.service.configuration.init_timeout;
        let moved = self.service.wait_for(|state| state.has_moved().then(|| state.delivery().cloned()));
        let Ok(delivery) = timeout(after, moved).await else { return Outcome::TimedOut { after } };
        let settled = self.service.wait_for(State::outcome);
        match delivery {
            None => settled.await,
            Some(delivery) => {
                let after = delivery.timeout;
                let deadline = delivery.delivered + after;
                timeout_at(deadline.into(), settled).await.unwrap_or(Outcome::TimedOut { after })
            }
        }
    }

    /// Notes that the process has ended: what is measured ends with it.
    pub(crate) fn end(&self) {
        self.service.state().end();
    }

    /// Whether the process had ended its init and not yet been given the event: another one may have it.
    pub(crate) fn is_untouched(&self) -> bool {
        let state = self.service.state();
        !state.has_moved() && !matches!(state.machine.phase(), Phase::Started | Phase::Restoring | Phase::InitError)
    }
}

impl Drop for PendingInvocation<'_> {
    fn drop(&mut self) {
        self.service.close();
    }
}
