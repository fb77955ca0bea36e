//! [`Delivery`]: an invocation that was delivered to the process.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::emulator::configuration::Configuration;
use crate::emulator::invocation::Invocation;
use crate::emulator::machine::Ids;

/// An invocation that was delivered to the process.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) number: u64,
    pub(crate) invocation: Arc<Invocation>,
    pub(crate) ids: Ids,
    pub(crate) delivered: Instant,
    pub(crate) timeout: Duration,
    pub(crate) deadline_ms: u128,
}

impl Delivery {
    /// Creates a delivery that happens now.
    pub(crate) fn new(number: u64, invocation: &Arc<Invocation>, ids: &Ids, configuration: &Configuration) -> Self {
        let timeout = invocation.timeout.unwrap_or(configuration.timeout);
        let deadline = SystemTime::now() + timeout;
        let deadline_ms = deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let (invocation, ids) = (Arc::clone(invocation), ids.clone());
        Self { number, invocation, ids, delivered: Instant::now(), timeout, deadline_ms }
    }
}
