//! The invocations in flight: received from the service and not yet answered.
//!
//! They are needed in three places. A panic that aborts the process is reported for each of them. A panic in a task or
//! a thread is logged with the request id of the invocation in flight, if there is only one. And a process with several
//! pollers waits for them before it ends.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::ending::{Ending, Fatal};
use crate::error::Error;
use crate::panic::caught::contain;
use crate::runtime_api::headers::remaining;
use crate::runtime_api::incoming::Incoming;
use crate::runtime_api::invocation_id::InvocationId;
use crate::stage::{INIT, Stage};

/// The longest time-out of an ordinary function, and so the wait for an invocation without a deadline. A deadline that
/// has already passed when the invocation arrives counts as none, since some emulators send only such deadlines.
const STANDARD_TIMEOUT: Duration = Duration::from_secs(900);
/// The longest time-out of a function on Managed Instances, and so the longest wait for any invocation.
const MANAGED_INSTANCES_TIMEOUT: Duration = Duration::from_secs(5400);
/// The time that an event may need to arrive if the service has sent it to a poller just before the process ends.
const ARRIVAL_DELAY: Duration = Duration::from_millis(500);

/// The phase of the process: before its first event, or handling invocations.
#[derive(Debug)]
pub(crate) enum Phase {
    Starting(&'static Stage),
    /// Holds the invocations in flight.
    Serving(Vec<InFlight>),
}

/// An invocation in flight.
#[derive(Debug)]
pub(crate) struct InFlight {
    pub(crate) id: Arc<InvocationId>,
    pub(crate) deadline: Option<SystemTime>,
    /// The reply that is being streamed, if it is: then only its own connection can still carry a report.
    pub(crate) stream: Option<Arc<dyn OpenStream>>,
    /// The latest time until which the end of the process waits for it; `None` if the process has a single poller.
    wait_until: Option<Instant>,
}

/// A reply that is being streamed, as the panic hook ends it under `panic = "abort"`.
pub(crate) trait OpenStream: fmt::Debug + Send + Sync {
    /// Ends the stream with the report of an error, at the latest at `until`.
    fn end(&self, error: &Error, until: Instant) -> io::Result<()>;
}

static PHASE: Mutex<Phase> = Mutex::new(Phase::Starting(&INIT));

/// Locks the phase, which holds the invocations in flight.
pub(crate) fn phase() -> MutexGuard<'static, Phase> {
    PHASE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins another stage before the first event.
pub(crate) fn begin(stage: &'static Stage) {
    *phase() = Phase::Starting(stage);
}

/// Begins to handle invocations.
pub(crate) fn begin_serving() {
    *phase() = Phase::Serving(Vec::new());
}

/// Returns the stage of a process before its first event, without waiting for the lock: a thread that holds the lock is
/// reporting a panic or handling an invocation.
pub(crate) fn stage() -> Option<&'static Stage> {
    match *PHASE.try_lock().ok()? {
        Phase::Starting(stage) => Some(stage),
        Phase::Serving(_) => None,
    }
}

/// Returns the id of the invocation in flight, if there is exactly one, without waiting for the lock.
pub(crate) fn only_request_id() -> Option<String> {
    match &*PHASE.try_lock().ok()? {
        Phase::Serving(in_flight) if in_flight.len() == 1 => Some(in_flight[0].id.text.clone()),
        _ => None,
    }
}

/// Adds an invocation to those in flight, until the guard is dropped.
pub(crate) fn enter<'a>(incoming: &'a Incoming<'_>, ending: &Ending) -> Guard<'a> {
    let deadline = incoming.headers.deadline();
    // Built before the lock is taken: the panic hook locks it, too, so a panic must not happen while it is held.
    let wait_until = ending.is_shared().then(|| wait_until(deadline));
    let invocation = InFlight { id: Arc::clone(&incoming.id), deadline, stream: None, wait_until };
    if let Phase::Serving(in_flight) = &mut *phase() {
        in_flight.push(invocation);
    }
    Guard(&incoming.id)
}

/// Notes that the reply of an invocation in flight is being streamed from now on.
pub(crate) fn stream(id: &Arc<InvocationId>, stream: Arc<dyn OpenStream>) {
    if let Phase::Serving(in_flight) = &mut *phase()
        && let Some(invocation) = in_flight.iter_mut().find(|invocation| Arc::ptr_eq(&invocation.id, id))
    {
        invocation.stream = Some(stream);
    }
}

/// Returns the latest time until which the end of the process waits for an invocation with that deadline.
fn wait_until(deadline: Option<SystemTime>) -> Instant {
    let left = remaining(deadline).filter(|left| !left.is_zero());
    Instant::now() + left.unwrap_or(STANDARD_TIMEOUT).min(MANAGED_INSTANCES_TIMEOUT)
}

/// A guard that keeps an invocation in flight.
#[derive(Debug)]
#[must_use = "the invocation counts as answered as soon as the guard is dropped"]
pub(crate) struct Guard<'a>(&'a Arc<InvocationId>);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if let Phase::Serving(in_flight) = &mut *phase() {
            in_flight.retain(|invocation| !Arc::ptr_eq(&invocation.id, self.0));
        }
    }
}

/// Waits until the end begins, and then until every invocation in flight is answered, but no longer than its deadline:
/// by then the service has reported a time-out to the caller and would reject any reply. A poller that ends unparks the
/// calling thread.
pub(crate) fn wait(ending: &Ending) -> Fatal {
    // A channel would do the same with ten times the code in every binary.
    let why = loop {
        match ending.check() {
            Err(Fatal(why)) => break why,
            Ok(()) => thread::park(),
        }
    };
    contain(|| log::warn!("the process ends when all invocations in flight are answered: {why}"));
    loop {
        while let Some(left) = longest_wait() {
            thread::park_timeout(left);
        }
        if ending.has_reached_all_pollers() {
            break;
        }
        thread::sleep(ARRIVAL_DELAY);
        if longest_wait().is_none() {
            break;
        }
    }
    for id in ids() {
        let id = &id.text;
        contain(|| {
            log::error!("invocation {id} is still running past its deadline; the process ends without its reply");
        });
    }
    Fatal(why)
}

/// Returns the ids of all invocations in flight.
fn ids() -> Vec<Arc<InvocationId>> {
    let Phase::Serving(in_flight) = &*phase() else { return Vec::new() };
    in_flight.iter().map(|invocation| Arc::clone(&invocation.id)).collect()
}

/// Returns the longest time left to wait for an invocation in flight; `None` if nothing is in flight or all are late.
fn longest_wait() -> Option<Duration> {
    let Phase::Serving(in_flight) = &*phase() else { return None };
    let last = in_flight.iter().filter_map(|invocation| invocation.wait_until).max()?;
    last.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_waits_for_each_deadline_but_never_forever() {
        let left = |deadline| wait_until(deadline).saturating_duration_since(Instant::now()).as_secs();
        let now = SystemTime::now();
        assert!((58..=60).contains(&left(now.checked_add(Duration::from_secs(60)))));
        for unusable in [None, Some(SystemTime::UNIX_EPOCH + Duration::from_secs(600)), Some(now)] {
            assert!((898..=900).contains(&left(unusable)), "{unusable:?}");
        }
        let far = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(u32::MAX.into()));
        assert!((5398..=5400).contains(&left(far)));
    }
}
