//! `Source`: the origin of a request, with everything that its event says beside the request.

use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::visit::Key;
use crate::env::Function;
use crate::error::Error;
use crate::invocation::context::Context;
use crate::invocation::state::{State, Store, init_error};
use crate::runtime_api::headers::OwnedHeaders;

/// A kind of source that invokes functions with HTTP requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A REST API of API Gateway, or an HTTP API with payload format 1.0.
    RestApi,
    /// An HTTP API of API Gateway with payload format 2.0.
    HttpApi,
    /// A function URL.
    FunctionUrl,
    /// An Application Load Balancer.
    Alb,
    /// A WebSocket API of API Gateway.
    WebSocket,
    /// A VPC Lattice service.
    Lattice,
}

/// The origin of a request, an extension of every request that Mayfly hands to a service.
///
/// It shares the event with the request and reads from it on demand.
///
/// ```
/// use mayfly::http::{Body, Source};
///
/// fn caller(request: &http::Request<Body>) -> Option<String> {
///     let source = request.extensions().get::<Source>()?;
///     source.context().identity.and_then(|identity| identity.identity_id)
/// }
/// ```
#[derive(Clone)]
pub struct Source(Arc<Inner>);

struct Inner {
    kind: Kind,
    event: Bytes,
    headers: OwnedHeaders,
    function: Arc<Function>,
    states: &'static Store,
}

impl Source {
    pub(crate) fn new(
        kind: Kind,
        event: Bytes,
        headers: OwnedHeaders,
        function: Arc<Function>,
        states: &'static Store,
    ) -> Self {
        Self(Arc::new(Inner { kind, event, headers, function, states }))
    }

    /// Returns the kind of the source.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Makes the context of the invocation: its id, deadline, function and the rest.
    #[must_use]
    pub fn context(&self) -> Context {
        Context::of(self.0.headers.borrow(), &self.0.function)
    }

    /// Returns a state, for layers and extractors.
    ///
    /// # Errors
    /// `Runtime.InitError` if the state is no parameter of the service function or of a route: Mayfly does not see which
    /// states a layer or an extractor takes, and builds only those that it sees.
    pub fn state<T: Send + Sync + 'static>(&self) -> Result<State<T>, Error> {
        self.0.states.find().ok_or_else(|| {
            init_error(format_args!(
                "the state `{}` was not built: where an extractor or a layer takes it, it must be a parameter of the \
                 route or of the service function, too, as in `_: State<…>`",
                type_name::<T>()
            ))
        })
    }

    /// Reads the whole event into a type of yours.
    ///
    /// # Errors
    /// `serde_json`'s, if the event does not fit.
    pub fn event<'a, T: Deserialize<'a>>(&'a self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.0.event)
    }

    /// Reads `requestContext` into a type of yours: stage, route key, connection id, client address, authorizer, and
    /// whatever else the source writes there. Numbers, nulls and nested values stay what they are.
    ///
    /// # Errors
    /// `serde_json`'s, if it does not fit.
    pub fn request_context<'a, T: Deserialize<'a>>(&'a self) -> Result<T, serde_json::Error> {
        self.member("requestContext")?.ok_or_else(|| serde::de::Error::custom("the event has no requestContext"))
    }

    /// Reads `pathParameters`, those of the gateway's own routes; none if there are none.
    ///
    /// # Errors
    /// `serde_json`'s, if they do not fit.
    pub fn path_parameters<'a, T: Deserialize<'a>>(&'a self) -> Result<Option<T>, serde_json::Error> {
        self.member("pathParameters")
    }

    /// Reads `stageVariables`; none if there are none.
    ///
    /// # Errors
    /// `serde_json`'s, if they do not fit.
    pub fn stage_variables<'a, T: Deserialize<'a>>(&'a self) -> Result<Option<T>, serde_json::Error> {
        self.member("stageVariables")
    }

    /// Returns the path as the source has it, with the stage and the base path.
    #[must_use]
    pub fn full_path(&self) -> Option<String> {
        let of_context = || {
            let context = self.request_context::<Value>().ok()?;
            Some(context.get("path")?.as_str()?.to_owned())
        };
        match self.0.kind {
            Kind::HttpApi | Kind::FunctionUrl => self.member("rawPath").ok().flatten(),
            Kind::RestApi => of_context().or_else(|| self.member("path").ok().flatten()),
            Kind::Alb | Kind::Lattice => self.member("path").ok().flatten(),
            Kind::WebSocket => None,
        }
    }

    /// Reads one member of the event.
    fn member<'a, T: Deserialize<'a>>(&'a self, name: &'static str) -> Result<Option<T>, serde_json::Error> {
        struct Find<T>(&'static str, PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Find<T> {
            type Value = Option<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an event")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Option<T>, A::Error> {
                let mut found = None;
                while let Some(key) = members.next_key_seed(Key)? {
                    if key == self.0 {
                        found = members.next_value()?;
                    } else {
                        members.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(found)
            }
        }

        serde_json::Deserializer::from_slice(&self.0.event).deserialize_map(Find(name, PhantomData))
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the event, which no log should have.
        f.debug_tuple("Source").field(&self.0.kind).finish()
    }
}
