//! The end of the process: `Fatal`, its reason, and `Ending`, which several pollers share.

use std::sync::{Arc, OnceLock};

use crate::panic::caught::contain;

/// A reason for the process to end, in a sentence; empty if the log has it already.
#[derive(Debug)]
pub(crate) struct Fatal(pub(crate) String);

/// The reason why the process ends, shared by several pollers; a poller that is alone has none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ending(Option<Arc<OnceLock<String>>>);

impl Ending {
    /// Makes an ending for several pollers.
    pub(crate) fn shared() -> Self {
        Self(Some(Arc::default()))
    }

    /// Returns whether several pollers share it.
    pub(crate) fn is_shared(&self) -> bool {
        self.0.is_some()
    }

    /// Begins the end. The first reason becomes the reason of the process; any other is logged.
    pub(crate) fn begin(&self, why: String) {
        let Some(first) = &self.0 else { return };
        if let Err(why) = first.set(why) {
            if first.get() != Some(&why) {
                contain(|| log::error!("{why}"));
            }
        }
    }

    /// Returns whether to poll on: an error once the process ends.
    pub(crate) fn check(&self) -> Result<(), Fatal> {
        let why = self.0.as_ref().and_then(|why| why.get());
        why.map_or(Ok(()), |why| Err(Fatal(why.clone())))
    }

    /// Returns whether every poller has ended.
    pub(crate) fn has_reached_all(&self) -> bool {
        self.0.as_ref().is_none_or(|why| Arc::strong_count(why) == 1)
    }
}
