//! `Fatal`, a reason for the process to end, and `Ending`, by which several pollers share the reason.

use std::sync::{Arc, OnceLock};

use crate::panic::caught::contain;

/// A reason for the process to end, as a sentence; empty if the log already has it.
#[derive(Debug)]
pub(crate) struct Fatal(pub(crate) String);

/// The reason why the process ends, shared by several pollers. It is empty in a process with a single poller.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ending(Option<Arc<OnceLock<String>>>);

impl Ending {
    /// Creates an ending for several pollers.
    pub(crate) fn shared() -> Self {
        Self(Some(Arc::default()))
    }

    /// Returns whether the process has several pollers.
    pub(crate) fn is_shared(&self) -> bool {
        self.0.is_some()
    }

    /// Begins the end of the process. The first reason becomes the reason of the process; further ones are logged.
    pub(crate) fn begin(&self, why: String) {
        let Some(first) = &self.0 else { return };
        if let Err(why) = first.set(why)
            && first.get() != Some(&why)
        {
            contain(|| log::error!("{why}"));
        }
    }

    /// Returns the reason as an error once the process is ending.
    pub(crate) fn check(&self) -> Result<(), Fatal> {
        let why = self.0.as_ref().and_then(|why| why.get());
        why.map_or(Ok(()), |why| Err(Fatal(why.clone())))
    }

    /// Returns whether every poller has ended.
    pub(crate) fn has_reached_all_pollers(&self) -> bool {
        self.0.as_ref().is_none_or(|why| Arc::strong_count(why) == 1)
    }
}
