//! `Deadline`: the times shortly before the time-out of an invocation at which a batch stops.

use std::time::{Duration, SystemTime};

use crate::runtime_api::headers::remaining;

/// The longest time before the deadline at which no further record begins.
const LONGEST_MARGIN: Duration = Duration::from_secs(1);

/// The times shortly before the time-out of an invocation at which a batch stops. Without them, one slow record would
/// undo the others: after a time-out the source delivers all of them again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    /// The time after which no further record begins.
    begin_until: Option<SystemTime>,
    /// The time at which running futures are dropped.
    #[cfg_attr(not(feature = "async"), expect(dead_code, reason = "without tokio there are no futures"))]
    cancel_at: Option<SystemTime>,
}

impl Deadline {
    /// Takes a quarter of the time left, but no more than a second, as the margin, and half of it for cancelling. A
    /// deadline that has already passed counts as none, since some emulators send only such deadlines.
    pub(super) fn of(deadline: Option<SystemTime>) -> Self {
        let left = remaining(deadline).filter(|left| !left.is_zero());
        let margin = left.map(|left| (left / 4).min(LONGEST_MARGIN));
        let before = |margin: Option<Duration>| deadline?.checked_sub(margin?);
        Self { begin_until: before(margin), cancel_at: before(margin.map(|margin| margin / 2)) }
    }

    /// Returns whether a further record may begin.
    pub(super) fn is_early(self) -> bool {
        self.begin_until.is_none_or(|until| SystemTime::now() < until)
    }

    /// Returns the time until running futures are dropped; `None` if they may run on.
    #[cfg(feature = "async")]
    pub(super) fn until_cancel(self) -> Option<Duration> {
        remaining(self.cancel_at)
    }
}
