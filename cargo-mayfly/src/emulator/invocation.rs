//! [`Invocation`]: an event with its metadata.

use std::time::Duration;

use bytes::Bytes;
use hyper::header::{HeaderName, HeaderValue};

use crate::emulator::stream::StreamSink;

/// An event with its metadata.
#[derive(Clone, Debug, Default)]
pub struct Invocation {
    /// The event, which should be JSON.
    pub payload: Bytes,
    /// The request id; the default is a new UUID.
    pub request_id: Option<String>,
    /// The id of this delivery; the default is a new UUID.
    pub invocation_id: Option<String>,
    /// The X-Ray trace id.
    pub trace_id: Option<String>,
    /// The client context, as JSON.
    pub client_context: Option<String>,
    /// The Cognito identity, as JSON.
    pub cognito_identity: Option<String>,
    /// The tenant id, for functions with tenant isolation.
    pub tenant_id: Option<String>,
    /// The timeout of the invocation; the default is the function's.
    pub timeout: Option<Duration>,
    /// The receiver of a streamed reply. Without one, a streamed reply is collected, as for a caller of `Invoke`.
    pub stream: Option<StreamSink>,
    /// Headers of `/next` that replace the emulator's own headers with the same names. `None` removes a header. A name
    /// may occur more than once.
    pub headers: Vec<(HeaderName, Option<HeaderValue>)>,
}

impl Invocation {
    /// Creates an invocation with this event.
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
