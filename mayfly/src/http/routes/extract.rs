//! Extractors of Mayfly's own: states, the context and the source.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::error::Error;
use crate::http::source::Source;
use crate::invocation::context::Context;
use crate::invocation::state::{Shared, State};

/// A parameter of a route, of an extractor or of a middleware. The state must be a parameter of the route or of the
/// service, too: only there Mayfly sees that it is needed.
impl<T: Shared, S: Send + Sync> FromRequestParts<S> for State<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        source(parts)?.state()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Context {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        source(parts).map(Source::context)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Source {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        source(parts).cloned()
    }
}

fn source(parts: &Parts) -> Result<&Source, Error> {
    parts.extensions.get().ok_or_else(|| {
        Error::new("Runtime.NoInvocation", "the request does not come from Mayfly: its extension `Source` is not there")
    })
}
