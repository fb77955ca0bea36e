//! What a caller sends to a function.

use std::time::Duration;

use bytes::Bytes;
use hyper::header::{HeaderName, HeaderValue};

/// One event and what comes with it.
#[derive(Clone, Debug, Default)]
pub struct Invocation {
    /// The event: JSON, if the caller is honest.
    pub payload: Bytes,
    /// The request id; a new UUID if there is none.
    pub request_id: Option<String>,
    /// The id of this delivery; a new UUID if there is none.
    pub invocation_id: Option<String>,
    /// The trace id of X-Ray.
    pub trace_id: Option<String>,
    /// The client context, as JSON.
    pub client_context: Option<String>,
    /// The Cognito identity, as JSON.
    pub cognito_identity: Option<String>,
    /// The tenant, for functions with tenant isolation.
    pub tenant_id: Option<String>,
    /// How long the invocation may take; what the function's configuration says if there is none.
    pub timeout: Option<Duration>,
    /// Headers of /next that are sent as they stand here, in place of the emulator's own of that name. With `None`
    /// there is no such header at all. One name may stand here more than once.
    pub headers: Vec<(HeaderName, Option<HeaderValue>)>,
}

impl Invocation {
    /// An invocation with this event.
    #[must_use]
    pub fn new(payload: impl Into<Bytes>) -> Self {
        Self { payload: payload.into(), ..Self::default() }
    }
}

impl From<serde_json::Value> for Invocation {
    fn from(event: serde_json::Value) -> Self {
        Self::new(event.to_string())
    }
}
