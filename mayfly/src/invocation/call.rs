//! `Call`: one call of a handler, as the generated code performs it.

use std::fmt;
use std::mem;
use std::time::{Duration, Instant};

use super::argument::{FromInvocation, Invocation};
use super::decode::Event;
use super::encode::Reply;
use crate::driver::Driver;
use crate::error::Error;
use crate::runtime_api::outgoing::Outgoing;

/// One call of a handler: the invocation that its arguments are built from, and the place for its reply.
///
/// Generated code takes the event and then each further argument, calls the function and passes its reply to `encode`.
pub struct Call<'a> {
    /// The driver of an async handler's future.
    pub executor: Driver<'a>,
    invocation: Invocation<'a>,
    outgoing: &'a mut Outgoing,
    /// Passes the reply to the functions around the invocation, if there are any.
    hand_over: Option<&'a dyn Fn(&mut Outgoing)>,
    stages: Stages,
}

impl fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("invocation", &self.invocation).finish_non_exhaustive()
    }
}

impl<'a> Call<'a> {
    pub(crate) fn new(executor: Driver<'a>, invocation: Invocation<'a>, outgoing: &'a mut Outgoing) -> Self {
        Self { executor, invocation, outgoing, hand_over: None, stages: Stages::start() }
    }

    /// Reads the event.
    ///
    /// # Errors
    /// Returns `Runtime.InvalidEvent` if the payload is not the JSON of a `T`.
    pub fn event<T: Event<'a>>(&mut self) -> Result<T, Error> {
        let event = T::read(self.invocation.payload);
        self.stages.decode = self.stages.lap();
        event
    }

    /// Builds an argument after the event.
    ///
    /// # Errors
    /// Returns the error of the argument's type.
    pub fn argument<T: FromInvocation>(&self) -> Result<T, Error> {
        T::from_invocation(&self.invocation)
    }

    /// Encodes the handler's reply.
    ///
    /// # Errors
    /// Returns `Runtime.InvalidResponse` if JSON cannot represent it.
    pub fn encode<T: Reply>(&mut self, reply: T) -> Result<(), Error> {
        self.stages.call = self.stages.lap();
        let outcome = reply.put(self.outgoing);
        self.stages.encode = self.stages.lap();
        self.hand_over();
        outcome
    }

    fn hand_over(&mut self) {
        if let Some(hand_over) = self.hand_over {
            hand_over(self.outgoing);
        }
    }

    /// Runs `f` with a call whose driver is `executor`, and which passes its reply to `hand_over`.
    pub(crate) fn inside(
        &mut self,
        executor: Driver<'_>,
        hand_over: &dyn Fn(&mut Outgoing),
        f: &mut dyn FnMut(&mut Call<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let stages = mem::take(&mut self.stages);
        let (invocation, outgoing) = (self.invocation, &mut *self.outgoing);
        let mut call = Call { executor, invocation, outgoing, hand_over: Some(hand_over), stages };
        let outcome = f(&mut call);
        self.stages = call.stages;
        outcome
    }

    /// Returns the invocation that the arguments are made from.
    pub(crate) fn invocation(&self) -> &Invocation<'a> {
        &self.invocation
    }

    /// Returns the place for the reply.
    pub(crate) fn outgoing(&mut self) -> &mut Outgoing {
        self.outgoing
    }

    /// Notes that the event is read.
    pub(crate) fn has_decoded(&mut self) {
        self.stages.decode = self.stages.lap();
    }

    /// Notes that the function has returned.
    pub(crate) fn has_returned(&mut self) {
        self.stages.call = self.stages.lap();
    }

    /// Notes that the reply is written.
    pub(crate) fn has_encoded(&mut self) {
        self.stages.encode = self.stages.lap();
        self.hand_over();
    }

    /// Returns the durations of decoding, the function and encoding in milliseconds, if the log shows them.
    pub(crate) fn milliseconds(&self) -> Option<[f64; 3]> {
        let Stages { since, decode, call, encode } = &self.stages;
        since.is_some().then(|| [decode, call, encode].map(|took| took.as_secs_f64() * 1e3))
    }
}

/// The duration of each stage of a call, measured only if the log shows it.
#[derive(Debug, Default)]
struct Stages {
    since: Option<Instant>,
    decode: Duration,
    call: Duration,
    encode: Duration,
}

impl Stages {
    /// Starts the clock if the log shows the durations.
    fn start() -> Self {
        Self { since: log::log_enabled!(log::Level::Debug).then(Instant::now), ..Self::default() }
    }

    #[inline(never)] // else its code is in each handler three times
    fn lap(&mut self) -> Duration {
        let Some(since) = self.since else { return Duration::ZERO };
        let now = Instant::now();
        self.since = Some(now);
        now - since
    }
}
