//! `Call`: one call of a handler, as the generated code performs it.

use std::mem;
use std::time::{Duration, Instant};

use super::argument::{FromInvocation, Invocation};
use super::decode::Event;
use super::encode::Reply;
use crate::driver::{Driver, Hooked};
use crate::error::Error;
use crate::runtime_api::outgoing::Outgoing;

/// One call of a handler: the invocation that its arguments are built from, and the place for its reply.
///
/// Generated code takes the event and then each further argument, calls the function and passes its reply to `encode`.
#[derive(Debug)]
pub struct Call<'a> {
    /// The driver of an async handler's future.
    pub executor: Driver<'a>,
    invocation: Invocation<'a>,
    outgoing: &'a mut Outgoing,
    stages: Stages,
}

impl<'a> Call<'a> {
    pub(crate) fn new(executor: Driver<'a>, invocation: Invocation<'a>, outgoing: &'a mut Outgoing) -> Self {
        Self { executor, invocation, outgoing, stages: Stages::start() }
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

    /// Passes the reply to the functions around the invocation, if there are any.
    fn hand_over(&mut self) {
        if let Some(hooked) = self.executor.hooked {
            self.hand_over_to(hooked);
        }
    }

    #[cold]
    #[inline(never)]
    fn hand_over_to(&mut self, hooked: &dyn Hooked) {
        hooked.keep(mem::take(self.outgoing));
    }

    /// Runs `f` with a call that passes the handler's future and its reply to the functions around it.
    pub(crate) fn hooked(
        &mut self,
        hooked: &dyn Hooked,
        f: &mut dyn FnMut(&mut Call<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let executor = Driver { hooked: Some(hooked), ..self.executor };
        let stages = mem::take(&mut self.stages);
        let mut call = Call { executor, invocation: self.invocation, outgoing: self.outgoing, stages };
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
