//! [`Machine`]: the state machine of the function's process, which decides on its requests. It does no I/O.
//!
//! | phase | /next | /response, /error with the right id | init/error |
//! |---|---|---|---|
//! | started, restoring | blocks → running | 400 InvalidRequestID | 202 |
//! | init error | 403 | 400 | 403 |
//! | ready (a /next is blocked) | blocks → running | 400, or 403 for the last id | 403 |
//! | running | the same event again, at once | 202 → sent; 403 for another one while a reply is streamed | 403 |
//! | sent | blocks → running | 403 | 403 |

use crate::emulator::rejection::Rejection;

/// The phase of the function's process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The process has sent no request yet.
    Started,
    /// The process was restored from a snapshot and has not requested an event yet.
    Restoring,
    /// The process has reported that its init failed.
    InitError,
    /// The process waits for an event.
    Ready,
    /// The process has an event and has not replied.
    Running,
    /// The process has replied and has not requested the next event.
    Sent,
}

impl Phase {
    /// Returns the name of the phase in Lambda's messages.
    fn name(self) -> &'static str {
        match self {
            Self::Started => "Started",
            Self::Restoring => "Restoring",
            Self::InitError => "InitError",
            Self::Ready => "Ready",
            Self::Running => "Running",
            Self::Sent => "RuntimeResponseSentState",
        }
    }
}

/// The two ids of an invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ids {
    /// The request id, which a retry keeps.
    pub(crate) request: String,
    /// The id of this delivery.
    pub(crate) invocation: Option<String>,
}

/// The request with which the process completes an invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Completion {
    /// `/response`.
    Response,
    /// `/error`.
    Error,
}

impl Completion {
    fn name(self) -> &'static str {
        match self {
            Self::Response => "InvocationResponse",
            Self::Error => "InvocationErrorResponse",
        }
    }
}

/// [`Machine::complete`] or [`Machine::end_stream`].
pub(crate) type Complete = fn(&mut Machine, Completion, &str, Option<&str>) -> Result<(), Rejection>;

/// The result of `/next`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// No event yet.
    Blocks,
    /// A new event.
    Delivers,
    /// The event that the process already has.
    Repeats,
}

/// The state of one process, with one invocation at a time.
#[derive(Debug)]
pub(crate) struct Machine {
    phase: Phase,
    waiting: Option<Ids>,
    current: Option<Ids>,
    /// Whether the reply to the current event is being streamed.
    is_streaming: bool,
    expired: Vec<String>,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self { phase: Phase::Started, waiting: None, current: None, is_streaming: false, expired: Vec::new() }
    }

    pub(crate) fn phase(&self) -> Phase {
        self.phase
    }

    /// Starts again for another process; expired invocations are remembered.
    pub(crate) fn restart(&mut self) {
        self.phase = Phase::Started;
        self.current = None;
        self.is_streaming = false;
    }

    /// Makes an event available to `/next`.
    pub(crate) fn submit(&mut self, ids: Ids) {
        self.waiting = Some(ids);
    }

    /// Handles `/next`; with `held`, no event is delivered yet.
    pub(crate) fn next(&mut self, held: bool) -> Result<Next, Rejection> {
        match self.phase {
            Phase::InitError => Err(self.forbidden("Ready")),
            Phase::Running => Ok(Next::Repeats),
            Phase::Started | Phase::Restoring | Phase::Ready | Phase::Sent => match self.waiting.take_if(|_| !held) {
                None => {
                    self.phase = Phase::Ready;
                    Ok(Next::Blocks)
                }
                delivered => {
                    self.phase = Phase::Running;
                    self.current = delivered;
                    Ok(Next::Delivers)
                }
            },
        }
    }

    /// Handles `/response` and `/error`.
    pub(crate) fn complete(
        &mut self,
        kind: Completion,
        request: &str,
        invocation: Option<&str>,
    ) -> Result<(), Rejection> {
        self.check(kind, request, invocation)?;
        self.phase = Phase::Sent;
        Ok(())
    }

    /// Handles the beginning of a streamed `/response`. Until its end, no other reply is accepted.
    pub(crate) fn begin_stream(&mut self, request: &str, invocation: Option<&str>) -> Result<(), Rejection> {
        self.check(Completion::Response, request, invocation)?;
        self.is_streaming = true;
        Ok(())
    }

    /// Handles the end of a streamed `/response`.
    pub(crate) fn end_stream(
        &mut self,
        kind: Completion,
        request: &str,
        invocation: Option<&str>,
    ) -> Result<(), Rejection> {
        // The event of a stream that has ended too late is another's.
        if self.current.as_ref().is_some_and(|current| current.request == request) {
            self.is_streaming = false;
        }
        self.complete(kind, request, invocation)
    }

    /// Checks a request to `/response` or `/error`. An id other than the current one is rejected in every phase.
    fn check(&self, kind: Completion, request: &str, invocation: Option<&str>) -> Result<(), Rejection> {
        let current = self.current.as_ref().filter(|current| current.request == request);
        let is_other_delivery = |current: &Ids| invocation.is_some() && invocation != current.invocation.as_deref();
        match current {
            None if self.expired.iter().any(|expired| expired == request) => Err(Rejection::expired()),
            None => Err(Rejection::invalid_request_id()),
            Some(current) if is_other_delivery(current) => Err(Rejection::expired()),
            Some(_) if self.is_streaming => Err(forbidden(Completion::Response.name(), kind.name())),
            Some(_) if self.phase == Phase::Running => Ok(()),
            Some(_) => Err(self.forbidden(kind.name())),
        }
    }

    /// Handles `/init/error`.
    pub(crate) fn init_error(&mut self) -> Result<(), Rejection> {
        match self.phase {
            Phase::Started | Phase::Restoring => {
                self.phase = Phase::InitError;
                Ok(())
            }
            _ => Err(self.forbidden("InitError")),
        }
    }

    /// Handles `/restore/next`: the process is ready for its snapshot, and is restored at once.
    pub(crate) fn restore(&mut self) -> Result<(), Rejection> {
        match self.phase {
            Phase::Started => {
                self.phase = Phase::Restoring;
                Ok(())
            }
            _ => Err(self.forbidden("Restoring")),
        }
    }

    /// Handles `/restore/error`.
    pub(crate) fn restore_error(&mut self) -> Result<(), Rejection> {
        match self.phase {
            Phase::Restoring => self.init_error(),
            _ => Err(self.forbidden("RuntimeRestoreErrorState")),
        }
    }

    /// Ends an invocation whose caller no longer waits: a later reply is rejected as expired.
    pub(crate) fn withdraw(&mut self, request: &str) {
        self.waiting.take_if(|waiting| waiting.request == request);
        let is_withdrawn = |current: &mut Ids| current.request == request;
        if self.phase == Phase::Running && self.current.take_if(is_withdrawn).is_some() {
            self.phase = Phase::Sent;
            self.is_streaming = false;
            self.expired.push(request.to_owned());
        }
    }

    fn forbidden(&self, to: &str) -> Rejection {
        forbidden(self.phase.name(), to)
    }
}

fn forbidden(from: &str, to: &str) -> Rejection {
    let message =
        format!("State transition from {from} to {to} failed for runtime. Error: State transition is not allowed");
    Rejection::invalid_state_transition(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(request: &str) -> Ids {
        Ids { request: request.to_owned(), invocation: Some(format!("{request}-1")) }
    }

    fn machine(phase: Phase) -> Machine {
        let mut machine = Machine::new();
        match phase {
            Phase::Started => {}
            Phase::Restoring => machine.restore().unwrap(),
            Phase::InitError => machine.init_error().unwrap(),
            Phase::Ready => assert_eq!(machine.next(false).unwrap(), Next::Blocks),
            Phase::Running | Phase::Sent => {
                machine.submit(ids("a"));
                assert_eq!(machine.next(false).unwrap(), Next::Delivers);
            }
        }
        if phase == Phase::Sent {
            machine.complete(Completion::Response, "a", None).unwrap();
        }
        assert_eq!(machine.phase(), phase);
        machine
    }

    #[test]
    fn next_in_every_phase() {
        for (phase, expected) in [
            (Phase::Started, Ok(Next::Blocks)),
            (Phase::Restoring, Ok(Next::Blocks)),
            (Phase::InitError, Err(403)),
            (Phase::Ready, Ok(Next::Blocks)),
            (Phase::Running, Ok(Next::Repeats)),
            (Phase::Sent, Ok(Next::Blocks)),
        ] {
            assert_eq!(machine(phase).next(false).map_err(|r| r.status()), expected, "{phase:?}");
        }
    }

    #[test]
    fn completions_in_every_phase() {
        for (phase, expected) in [
            (Phase::Started, Err(400)),
            (Phase::Restoring, Err(400)),
            (Phase::InitError, Err(400)),
            (Phase::Ready, Err(400)),
            (Phase::Running, Ok(())),
            (Phase::Sent, Err(403)),
        ] {
            assert_eq!(
                machine(phase).complete(Completion::Response, "a", None).map_err(|r| r.status()),
                expected,
                "{phase:?}"
            );
            assert_eq!(
                machine(phase).complete(Completion::Response, "b", None).map_err(|r| r.status()),
                Err(400),
                "{phase:?}, wrong id"
            );
        }
    }

    #[test]
    fn no_other_reply_is_accepted_while_one_is_streamed() {
        let mut machine = machine(Phase::Running);
        machine.begin_stream("a", None).unwrap();
        assert_eq!(machine.begin_stream("a", None).unwrap_err().status(), 403);
        for kind in [Completion::Response, Completion::Error] {
            assert_eq!(machine.complete(kind, "a", None).unwrap_err().status(), 403);
        }
        machine.end_stream(Completion::Response, "a", None).unwrap();
        assert_eq!(machine.phase(), Phase::Sent);
    }

    #[test]
    fn a_stream_that_ends_too_late_does_not_end_that_of_the_next_event() {
        let mut machine = machine(Phase::Running);
        machine.begin_stream("a", None).unwrap();
        machine.withdraw("a");
        machine.submit(ids("b"));
        assert_eq!(machine.next(false).unwrap(), Next::Delivers);
        machine.begin_stream("b", None).unwrap();
        assert_eq!(machine.end_stream(Completion::Response, "a", None).unwrap_err().status(), 410);
        assert_eq!(machine.complete(Completion::Response, "b", None).unwrap_err().status(), 403);
        machine.end_stream(Completion::Response, "b", None).unwrap();
    }

    #[test]
    fn init_errors_in_every_phase() {
        for (phase, expected) in [
            (Phase::Started, Ok(())),
            (Phase::Restoring, Ok(())),
            (Phase::InitError, Err(403)),
            (Phase::Ready, Err(403)),
            (Phase::Running, Err(403)),
            (Phase::Sent, Err(403)),
        ] {
            assert_eq!(machine(phase).init_error().map_err(|r| r.status()), expected, "{phase:?}");
        }
    }

    #[test]
    fn restores_come_first_and_once() {
        assert_eq!(machine(Phase::Restoring).restore().unwrap_err().status(), 403);
        assert_eq!(machine(Phase::Ready).restore().unwrap_err().status(), 403);
        assert_eq!(machine(Phase::Started).restore_error().unwrap_err().status(), 403);
        machine(Phase::Restoring).restore_error().unwrap();
    }

    #[test]
    fn a_held_event_is_not_delivered() {
        let mut machine = Machine::new();
        machine.submit(ids("a"));
        assert_eq!(machine.next(true).unwrap(), Next::Blocks);
        assert_eq!(machine.next(false).unwrap(), Next::Delivers);
    }

    #[test]
    fn a_late_reply_has_expired_in_this_process_and_the_next() {
        let mut machine = machine(Phase::Running);
        machine.withdraw("a");
        assert_eq!(machine.complete(Completion::Response, "a", None).unwrap_err().status(), 410);
        machine.restart();
        assert_eq!(machine.complete(Completion::Response, "a", None).unwrap_err().status(), 410);
        assert_eq!(machine.next(false).unwrap(), Next::Blocks);
    }

    #[test]
    fn a_reply_to_another_delivery_has_expired() {
        let mut machine = machine(Phase::Running);
        assert_eq!(machine.complete(Completion::Response, "a", Some("a-0")).unwrap_err().status(), 410);
        machine.complete(Completion::Response, "a", Some("a-1")).unwrap();
    }

    #[test]
    fn a_withdrawn_event_is_never_delivered() {
        let mut machine = machine(Phase::Ready);
        machine.submit(ids("a"));
        machine.withdraw("a");
        assert_eq!(machine.next(false).unwrap(), Next::Blocks);
        assert_eq!(machine.complete(Completion::Response, "a", None).unwrap_err().status(), 400);
    }
}
