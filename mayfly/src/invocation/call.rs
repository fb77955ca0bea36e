//! `Call`: one call of a handler, as the generated code performs it.

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
#[derive(Debug)]
pub struct Call<'a> {
    /// The driver of an async handler's future.
    pub executor: Driver<'a>,
    invocation: Invocation<'a>,
    outgoing: &'a mut Outgoing,
    stages: Stages,
    #[cfg(feature = "axum")]
    is_of_route: bool,
}

impl<'a> Call<'a> {
    pub(crate) fn new(executor: Driver<'a>, invocation: Invocation<'a>, outgoing: &'a mut Outgoing) -> Self {
        Self {
            executor,
            invocation,
            outgoing,
            stages: Stages::start(),
            #[cfg(feature = "axum")]
            is_of_route: false,
        }
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
    }

    /// Notes that the error to be returned is that of a route, whose place it names.
    #[cfg(feature = "axum")]
    pub(crate) fn has_failed_in_a_route(&mut self) {
        self.is_of_route = true;
    }

    /// Reports whether the error is that of a route.
    #[cfg_attr(not(feature = "axum"), expect(clippy::unused_self, reason = "as with the feature"))]
    pub(crate) fn is_of_route(&self) -> bool {
        #[cfg(feature = "axum")]
        return self.is_of_route;
        #[cfg(not(feature = "axum"))]
        false
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
