//! `Failure`: the error of an invocation, as Lambda's caller gets it.

use std::fmt;

use serde_json::Value;

use crate::error::report::Report;

/// The error that Lambda's caller gets instead of a reply.
pub struct Failure(pub(super) Report);

impl Failure {
    /// Returns the `errorType`.
    #[must_use]
    pub fn error_type(&self) -> String {
        self.text("errorType")
    }

    /// Returns the `errorMessage`.
    #[must_use]
    pub fn message(&self) -> String {
        self.text("errorMessage")
    }

    /// Returns the lines of the `stackTrace`.
    #[must_use]
    pub fn stack_trace(&self) -> Vec<String> {
        let json = self.json();
        let lines = json["stackTrace"].as_array().into_iter().flatten();
        lines.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Returns the whole error JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.0.body).unwrap_or_default()
    }

    fn text(&self, member: &str) -> String {
        self.json()[member].as_str().unwrap_or_default().to_owned()
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.json())
    }
}

/// Formats the type and the message.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error_type(), self.message())
    }
}

impl std::error::Error for Failure {}
