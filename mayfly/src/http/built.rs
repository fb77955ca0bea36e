//! `Built`: the service of a process, ready to serve any poller.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::Request;
use http::response::Parts;

use super::body::Body;
use super::envelope::Refusal;
use super::payload::Payload;
#[cfg(feature = "axum")]
use super::routes::failure;
use super::rules::Rules;
use super::service::{Await, HttpService, ServiceError, Streamed, Whole};
use super::{request, response, streamed};
use crate::error::Error;
use crate::invocation::call::Call;
use crate::invocation::state::{Erased, StateType, Store, keep};
use crate::runtime_api::outgoing::Outgoing;

/// The service of a process without its type. It is built by an init of its own and kept as a state.
pub(crate) struct Built {
    service: Box<dyn Serve>,
    /// The states that were built before the service, for the extractors of its routes.
    states: Store,
    put: Put,
}

/// Makes the reply of a response: `response::put`, or `streamed::put` for a service whose responses are streamed.
type Put = fn(&mut Outgoing, &Rules, bool, Parts, Payload);

impl Built {
    fn keep(service: impl Serve + 'static, states: &Store, put: Put) -> Erased {
        keep(Self { service: Box::new(service), states: states.clone(), put })
    }

    /// Serves one request.
    pub(crate) fn serve(&'static self, call: &mut Call<'_>) -> Result<(), Error> {
        self.service.serve(self, call)
    }

    /// Reads the request, passes it to `answer` and writes the response.
    async fn answered(
        &'static self,
        call: &mut Call<'_>,
        answer: impl AsyncFnOnce(Request<Body>) -> Result<(Parts, Payload), Error>,
    ) -> Result<(), Error> {
        let invocation = *call.invocation();
        let (rules, request) = request::read(&invocation, &self.states)?;
        call.has_decoded();
        match request {
            Ok(request) => {
                let is_head = request.method() == http::Method::HEAD;
                #[cfg_attr(not(feature = "axum"), expect(unused_mut, reason = "only routes leave errors in responses"))]
                let (mut parts, payload) = answer(request).await?;
                #[cfg(feature = "axum")]
                if let Some(error) = failure::take(&mut parts.extensions) {
                    return Err(error);
                }
                call.has_returned();
                (self.put)(call.outgoing(), rules, is_head, parts, payload);
            }
            Err(Refusal { status, sentence }) => {
                call.has_returned();
                let (parts, payload) = response::sentence(status, sentence);
                (self.put)(call.outgoing(), rules, false, parts, payload);
            }
        }
        call.has_encoded();
        Ok(())
    }
}

impl fmt::Debug for Built {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Built")
    }
}

/// Returns the type of the state that a service is kept as.
#[must_use]
pub fn provides() -> StateType {
    StateType::of::<Built>()
}

trait Serve: Send + Sync {
    /// Serves one request, whose response has all of its body unless it is streamed.
    fn serve(&self, built: &'static Built, call: &mut Call<'_>) -> Result<(), Error>;
}

/// A service that is cloned once for each poller, which then needs no lock while it serves.
struct Cloned<S, A> {
    template: Mutex<S>,
    idle: Mutex<Vec<S>>,
    awaiting: PhantomData<A>,
}

impl<S, A> Cloned<S, A> {
    fn new(service: S) -> Self {
        Self { template: Mutex::new(service), idle: Mutex::default(), awaiting: PhantomData }
    }
}

impl<S: HttpService + Clone, A: Await> Serve for Cloned<S, A> {
    fn serve(&self, built: &'static Built, call: &mut Call<'_>) -> Result<(), Error> {
        let answer = async |request| {
            let idle = lock(&self.idle).pop();
            let mut service = idle.unwrap_or_else(|| lock(&self.template).clone());
            // A service that fails to get ready is not used again, nor is one that panics.
            poll_fn(|cx| service.poll_ready(cx)).await.map_err(ServiceError::into_error)?;
            let outcome = A::answered(service.call(request)).await;
            lock(&self.idle).push(service);
            outcome
        };
        let driver = call.executor;
        driver.block_on(pin!(Some(built.answered(call, answer))))
    }
}

/// A service that cannot be cloned: locked while it takes a request, not while it serves it.
struct Locked<S, A>(Mutex<S>, PhantomData<A>);

impl<S: HttpService, A: Await> Serve for Locked<S, A> {
    fn serve(&self, built: &'static Built, call: &mut Call<'_>) -> Result<(), Error> {
        #[expect(clippy::await_holding_lock, reason = "only the caller that has found the service ready may call it")]
        let answer = async |request| {
            let response = {
                let mut service = lock(&self.0);
                poll_fn(|cx| service.poll_ready(cx)).await.map_err(ServiceError::into_error)?;
                service.call(request)
            };
            A::answered(response).await
        };
        let driver = call.executor;
        driver.block_on(pin!(Some(built.answered(call, answer))))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A tag for a service, by which the compiler finds out whether it can be cloned: see `invocation/returned.rs`.
#[derive(Debug)]
pub struct ByClone<S>(PhantomData<S>);

/// A tag for a service that cannot be cloned.
#[derive(Debug)]
pub struct ByLock<S>(PhantomData<S>);

impl<S> Deref for ByClone<S> {
    type Target = ByLock<S>;

    fn deref(&self) -> &ByLock<S> {
        &ByLock(PhantomData)
    }
}

impl<S> ByClone<S> {
    /// Returns the tag of a service.
    #[must_use]
    pub fn of(_: &S) -> Self {
        Self(PhantomData)
    }
}

impl<S: HttpService + Clone> ByClone<S> {
    /// Keeps the service for the life of the process.
    pub fn keep(&self, service: S, states: &Store) -> Erased {
        Built::keep(Cloned::<S, Whole>::new(service), states, response::put)
    }

    /// Keeps a service whose responses are streamed.
    pub fn keep_streamed(&self, service: S, states: &Store) -> Erased {
        Built::keep(Cloned::<S, Streamed>::new(service), states, streamed::put)
    }
}

impl<S> ByLock<S> {
    /// Keeps the service for the life of the process.
    pub fn keep<T: HttpService>(&self, service: T, states: &Store) -> Erased {
        Built::keep(Locked::<T, Whole>(Mutex::new(service), PhantomData), states, response::put)
    }

    /// Keeps a service whose responses are streamed.
    pub fn keep_streamed<T: HttpService>(&self, service: T, states: &Store) -> Erased {
        Built::keep(Locked::<T, Streamed>(Mutex::new(service), PhantomData), states, streamed::put)
    }
}
