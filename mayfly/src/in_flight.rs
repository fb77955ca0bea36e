//! The invocations in flight: handed out, and not answered yet.
//!
//! A panic that aborts the process is reported to each of them, one in a task or thread is logged with the id of the only
//! one, and where several pollers share a process, its end waits for them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::ending::{Ending, Fatal};
use crate::panic::caught::contain;
use crate::runtime_api::headers::remaining;
use crate::runtime_api::incoming::Incoming;
use crate::runtime_api::invocation_id::InvocationId;

/// How long an ordinary function may run at the most, and so how long an end waits for an invocation without a deadline.
/// One that has passed when it is handed out is none: some emulators send only such.
const USUAL_TIMEOUT: Duration = Duration::from_secs(900);
/// How long a function may run on Managed Instances, and so how long an end waits at all.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(5400);
/// How long an event may take to be in flight that the service has handed out to a poller just before the process ends.
const ARRIVAL: Duration = Duration::from_millis(500);

/// Whether the process still starts.
#[derive(Debug)]
pub(crate) enum Phase {
    Init,
    Serving(Vec<InFlight>),
}

/// An invocation in flight.
#[derive(Debug)]
pub(crate) struct InFlight {
    pub(crate) id: Arc<InvocationId>,
    pub(crate) deadline: Option<SystemTime>,
    /// How long the end of the process waits for it, where it does.
    until: Option<Instant>,
}

static PHASE: Mutex<Phase> = Mutex::new(Phase::Init);

/// Gives access to the phase, with all that is in flight.
pub(crate) fn phase() -> MutexGuard<'static, Phase> {
    PHASE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Says that the init phase is over.
pub(crate) fn init_is_over() {
    *phase() = Phase::Serving(Vec::new());
}

/// Says whether the init phase is going on, without waiting: a thread that holds the lock is reporting, or serving.
pub(crate) fn is_init() -> bool {
    PHASE.try_lock().is_ok_and(|phase| matches!(*phase, Phase::Init))
}

/// Returns the id of the invocation in flight, if there is exactly one, without waiting for the lock.
pub(crate) fn only_request_id() -> Option<String> {
    match &*PHASE.try_lock().ok()? {
        Phase::Serving(in_flight) if in_flight.len() == 1 => Some(in_flight[0].id.text.clone()),
        _ => None,
    }
}

/// Notes that an invocation was handed out; it is answered when the guard is dropped.
pub(crate) fn enter<'a>(incoming: &'a Incoming<'_>, ending: &Ending) -> Guard<'a> {
    let deadline = incoming.headers.deadline();
    // Made before the lock is taken: a panic in between would meet it locked.
    let until = ending.is_shared().then(|| until(deadline));
    let invocation = InFlight { id: Arc::clone(&incoming.id), deadline, until };
    if let Phase::Serving(in_flight) = &mut *phase() {
        in_flight.push(invocation);
    }
    Guard(&incoming.id)
}

fn until(deadline: Option<SystemTime>) -> Instant {
    let left = remaining(deadline).filter(|left| !left.is_zero());
    Instant::now() + left.unwrap_or(USUAL_TIMEOUT).min(LONGEST_TIMEOUT)
}

/// Keeps an invocation in flight.
#[derive(Debug)]
#[must_use = "dropped, it says that the invocation is answered"]
pub(crate) struct Guard<'a>(&'a Arc<InvocationId>);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if let Phase::Serving(in_flight) = &mut *phase() {
            in_flight.retain(|invocation| !Arc::ptr_eq(&invocation.id, self.0));
        }
    }
}

/// Waits for the end to begin, and then until every invocation in flight is answered, each at most until its deadline: by
/// then the service has told its caller of the time-out, and would refuse any report. A poller that ends unparks the
/// calling thread.
pub(crate) fn wait(ending: &Ending) -> Fatal {
    // A channel would do the same, and put ten times the code into every binary.
    let why = loop {
        match ending.check() {
            Err(Fatal(why)) => break why,
            Ok(()) => thread::park(),
        }
    };
    contain(|| log::warn!("the process ends when all invocations in flight are answered: {why}"));
    loop {
        while let Some(left) = longest_left() {
            thread::park_timeout(left);
        }
        if ending.has_reached_all() {
            break;
        }
        thread::sleep(ARRIVAL);
        if longest_left().is_none() {
            break;
        }
    }
    for id in ids() {
        let id = &id.text;
        contain(|| log::error!("the invocation {id} runs on beyond its deadline; the process ends without its reply"));
    }
    Fatal(why)
}

/// Lists the ids of all invocations in flight.
fn ids() -> Vec<Arc<InvocationId>> {
    let Phase::Serving(in_flight) = &*phase() else { return Vec::new() };
    in_flight.iter().map(|invocation| Arc::clone(&invocation.id)).collect()
}

/// How long there is something to wait for; none, if nothing is in flight but what is late.
fn longest_left() -> Option<Duration> {
    let Phase::Serving(in_flight) = &*phase() else { return None };
    let last = in_flight.iter().filter_map(|invocation| invocation.until).max()?;
    last.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_waits_for_every_deadline_and_never_for_ever() {
        let left = |deadline| until(deadline).saturating_duration_since(Instant::now()).as_secs();
        let now = SystemTime::now();
        assert!((58..=60).contains(&left(now.checked_add(Duration::from_secs(60)))));
        for nothing in [None, Some(SystemTime::UNIX_EPOCH + Duration::from_secs(600)), Some(now)] {
            assert!((898..=900).contains(&left(nothing)), "{nothing:?}");
        }
        let far = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(u32::MAX.into()));
        assert!((5398..=5400).contains(&left(far)));
    }
}
