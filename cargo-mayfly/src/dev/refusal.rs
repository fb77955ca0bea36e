//! [`Refusal`]: the errors of the Invoke API.

use std::collections::BTreeSet;

/// An error of the Invoke API. Clients raise an exception with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) exception: &'static str,
    pub(crate) message: String,
}

impl Refusal {
    fn new(status: u16, exception: &'static str, message: impl Into<String>) -> Self {
        Self { status, exception, message: message.into() }
    }

    pub(crate) fn unknown_path(path: &str) -> Self {
        let message = format!("there is no {path}; to invoke a function, send a POST request to ");
        Self::new(404, "UnknownOperationException", message + "/2015-03-31/functions/NAME/invocations")
    }

    pub(crate) fn method_not_allowed(method: &str) -> Self {
        Self::new(405, "MethodNotAllowedException", format!("functions are invoked by POST, not by {method}"))
    }

    pub(crate) fn browser(origin: &str) -> Self {
        let message = format!("web pages, such as those of {origin}, may not invoke functions");
        Self::new(403, "AccessDeniedException", message)
    }

    pub(crate) fn function_not_found(name: &str, nearest: &[String], all: &BTreeSet<&str>) -> Self {
        let all: Vec<_> = all.iter().copied().collect();
        let nearest = if nearest.is_empty() { String::new() } else { format!("closest: {}; ", nearest.join(", ")) };
        let message = format!("Function not found: {name}; {nearest}there are: {}", all.join(", "));
        Self::new(404, "ResourceNotFoundException", message)
    }

    pub(crate) fn ambiguous(name: &str, choices: impl Iterator<Item = String>) -> Self {
        let choices: Vec<_> = choices.collect();
        let message =
            format!("several binaries have `{name}`; start `cargo mayfly dev` with one of: {}", choices.join(", "));
        Self::new(409, "ResourceConflictException", message)
    }

    pub(crate) fn invalid_parameter(header: &str, value: &str, allowed: &str) -> Self {
        let message = format!("the header {header} is `{value}`, but must be {allowed}");
        Self::new(400, "InvalidParameterValueException", message)
    }

    pub(crate) fn invalid_tenant_id(why: &str) -> Self {
        Self::new(400, "InvalidParameterValueException", format!("the header x-amz-tenant-id {why}"))
    }

    pub(crate) fn invalid_content(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidRequestContentException", message)
    }

    pub(crate) fn too_large(limit: usize) -> Self {
        let message = format!("Request must be smaller than {limit} bytes for the InvokeFunction operation");
        Self::new(413, "RequestTooLargeException", message)
    }

    pub(crate) fn stopping() -> Self {
        Self::new(500, "ServiceException", "`cargo mayfly dev` is stopping")
    }

    /// Returns the body of the response.
    pub(crate) fn to_json(&self) -> String {
        let fault = if self.status < 500 { "User" } else { "Service" };
        serde_json::json!({ "Type": fault, "Message": self.message }).to_string()
    }
}
