//! [`Rejection`]: the errors of the Runtime API and the Extensions API.

use hyper::Method;

/// An error response: its status, type and message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rejection {
    status: u16,
    error_message: String,
    error_type: &'static str,
    allowed: Option<Method>,
}

impl Rejection {
    fn new(status: u16, error_type: &'static str, error_message: impl Into<String>) -> Self {
        Self { status, error_message: error_message.into(), error_type, allowed: None }
    }

    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    /// Returns the allowed method, if the request had another one.
    pub(crate) fn allowed(&self) -> Option<&Method> {
        self.allowed.as_ref()
    }

    pub(crate) fn invalid_request_id() -> Self {
        Self::new(400, "InvalidRequestID", "Invalid request ID")
    }

    pub(crate) fn truncated() -> Self {
        Self::new(400, "TruncatedHTTPRequest", "HTTP request detected as truncated")
    }

    pub(crate) fn invalid_state_transition(message: String) -> Self {
        Self::new(403, "InvalidStateTransition", message)
    }

    /// Creates the rejection of a request of an extension.
    pub(crate) fn extension(error_type: &'static str, message: impl Into<String>) -> Self {
        Self::new(403, error_type, message)
    }

    pub(crate) fn not_found(path: &str) -> Self {
        Self::new(404, "NotFound", format!("there is no {path} in the Runtime API"))
    }

    pub(crate) fn method_not_allowed(path: &str, allowed: Method) -> Self {
        let message = format!("{path} is only for {allowed}");
        Self { allowed: Some(allowed), ..Self::new(405, "MethodNotAllowed", message) }
    }

    pub(crate) fn expired() -> Self {
        Self::new(410, "InvocationExpired", "the invocation has ended: its reply came too late")
    }

    pub(crate) fn too_large(limit: u64) -> Self {
        let message = format!("Exceeded maximum allowed payload size ({limit} bytes).");
        Self::new(413, "RequestEntityTooLarge", message)
    }

    pub(crate) fn to_json(&self) -> String {
        serde_json::json!({ "errorMessage": self.error_message, "errorType": self.error_type }).to_string()
    }
}
