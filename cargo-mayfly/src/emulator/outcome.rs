//! [`Outcome`]: the outcome of an invocation.

use std::fmt;
use std::process::ExitStatus;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

#[cfg(doc)]
use crate::emulator::limits::{MAX_PAYLOAD, MAX_STREAM};

/// The outcome of an invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The function replied with these bytes.
    Reply(Bytes),
    /// The function reported an error.
    Error(PostedError),
    /// The function reported that its init failed.
    InitError(PostedError),
    /// The function streamed its reply to [`Invocation::stream`](crate::emulator::Invocation::stream).
    Streamed {
        /// The size of the reply in bytes, without the status and headers of an HTTP response.
        size: u64,
    },
    /// The receiver of a streamed reply was dropped before its end, and the emulator closed the function's connection.
    Abandoned {
        /// The number of bytes so far, without the status and headers of an HTTP response.
        size: u64,
    },
    /// The function's connection failed in the middle of a streamed reply.
    Truncated {
        /// The number of bytes so far, without the status and headers of an HTTP response.
        size: u64,
    },
    /// The function's reply was larger than this limit, and the rest of it is lost.
    TooLarge {
        /// The size of the reply in bytes; that of a streamed one up to here.
        size: u64,
        /// The largest size, [`MAX_PAYLOAD`] or [`MAX_STREAM`].
        limit: u64,
    },
    /// The function did not reply, or did not request the event, within this time.
    TimedOut {
        /// The timeout.
        after: Duration,
    },
    /// The process ended without a reply.
    Exited(Exit),
    /// The program could not be started, for this reason.
    InvalidEntrypoint(String),
}

/// An error that the function posted, unparsed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostedError {
    /// The header `Lambda-Runtime-Function-Error-Type`.
    pub header_type: Option<String>,
    /// The header `Lambda-Runtime-Function-XRay-Error-Cause`.
    pub xray_cause: Option<String>,
    /// The body, which should be JSON.
    pub body: Bytes,
}

/// The body of a [`PostedError`], read as Lambda's console reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ErrorReport {
    /// The type of the error; a cause may have none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error_type: String,
    /// The message of the error.
    pub error_message: String,
    /// The lines of the stack trace, innermost first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stack_trace: Vec<String>,
    /// The cause of the error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Box<ErrorReport>>,
}

impl PostedError {
    /// Returns the error type that Lambda takes from the header: `Runtime.` or `Function.` followed by a capital and
    /// letters. Any other type becomes `Runtime.Unknown` or `Function.Unknown`.
    #[must_use]
    pub fn error_type(&self) -> &str {
        let header = self.header_type.as_deref().unwrap_or_default();
        let name = header.strip_prefix("Runtime.").or_else(|| header.strip_prefix("Function."));
        let is_name = |name: &str| {
            name.len() > 1
                && name.starts_with(|first: char| first.is_ascii_uppercase())
                && name.chars().all(|c| c.is_ascii_alphabetic())
        };
        match name {
            Some(name) if is_name(name) => header,
            _ if header.starts_with("Function.") => "Function.Unknown",
            _ => "Runtime.Unknown",
        }
    }

    /// Returns the body as an error report, if it is one.
    #[must_use]
    pub fn report(&self) -> Option<ErrorReport> {
        serde_json::from_slice(&self.body).ok()
    }
}

impl Outcome {
    /// Returns the reply, if the invocation succeeded.
    #[must_use]
    pub fn reply(&self) -> Option<&Bytes> {
        match self {
            Self::Reply(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Returns the error, if the invocation failed, with Lambda's own types and messages. A body that is not an error
    /// report becomes the message.
    #[must_use]
    pub fn error(&self) -> Option<ErrorReport> {
        let error = |error_type: &str, error_message: String| {
            Some(ErrorReport { error_type: error_type.to_owned(), error_message, ..ErrorReport::default() })
        };
        match self {
            Self::Reply(_) | Self::Streamed { .. } | Self::Abandoned { .. } => None,
            Self::Error(posted) | Self::InitError(posted) => posted
                .report()
                .or_else(|| error(posted.error_type(), String::from_utf8_lossy(&posted.body).into_owned())),
            Self::Truncated { .. } => error("Runtime.TruncatedResponse", "Response is incomplete".to_owned()),
            Self::TooLarge { limit, .. } => error(
                "Function.ResponseSizeTooLarge",
                format!("Response payload size exceeded maximum allowed payload size ({limit} bytes)."),
            ),
            Self::TimedOut { after } => {
                error("Sandbox.Timedout", format!("Task timed out after {:.2} seconds", after.as_secs_f64()))
            }
            Self::Exited(exit) => error("Runtime.ExitError", exit.to_string()),
            Self::InvalidEntrypoint(reason) => error("Runtime.InvalidEntrypoint", reason.clone()),
        }
    }

    /// Returns the body that the caller of `Invoke` gets; that of a streamed reply went to its receiver. Messages of
    /// Lambda itself begin with the request id.
    #[must_use]
    pub fn payload(&self, request_id: &str) -> Bytes {
        match self {
            Self::Reply(bytes) => bytes.clone(),
            Self::Error(posted) | Self::InitError(posted) => posted.body.clone(),
            Self::Streamed { .. } | Self::Abandoned { .. } => Bytes::new(),
            Self::Truncated { .. }
            | Self::TooLarge { .. }
            | Self::TimedOut { .. }
            | Self::Exited(_)
            | Self::InvalidEntrypoint(_) => {
                let mut report = self.error().unwrap_or_default();
                if !matches!(self, Self::TooLarge { .. }) {
                    report.error_message = format!("RequestId: {request_id} Error: {}", report.error_message);
                }
                serde_json::to_vec(&report).unwrap_or_default().into()
            }
        }
    }
}

/// The exit status of a process. Its text is that of Lambda's logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit(pub ExitStatus);

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.success(), self.0.code()) {
            (true, _) => f.write_str("Runtime exited without providing a reason"),
            (false, Some(code)) => write!(f, "Runtime exited with error: exit status {code}"),
            (false, None) => write!(f, "Runtime exited with error: signal: {}", signal_name(self.0)),
        }
    }
}

/// Returns the name of a signal in Go's standard library, which Lambda uses.
#[cfg(unix)]
fn signal_name(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;

    let name = match status.signal() {
        Some(4) => "illegal instruction",
        Some(6) => "aborted",
        Some(8) => "floating point exception",
        Some(9) => "killed",
        Some(11) => "segmentation fault",
        Some(15) => "terminated",
        signal => return signal.unwrap_or_default().to_string(),
    };
    if status.core_dumped() { format!("{name} (core dumped)") } else { name.to_owned() }
}

#[cfg(not(unix))]
fn signal_name(status: ExitStatus) -> String {
    status.to_string()
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    fn posted_error(header: &str, body: &'static str) -> PostedError {
        PostedError { header_type: Some(header.to_owned()), body: body.into(), ..PostedError::default() }
    }

    #[test]
    fn invalid_error_types_become_unknown() {
        for (header, expected) in [
            ("Runtime.HandlerPanic", "Runtime.HandlerPanic"),
            ("Function.Refused", "Function.Refused"),
            ("Function.refused", "Function.Unknown"),
            ("Function.Re-fused", "Function.Unknown"),
            ("my_app::Refused", "Runtime.Unknown"),
            ("", "Runtime.Unknown"),
        ] {
            assert_eq!(posted_error(header, "").error_type(), expected, "{header}");
        }
    }

    #[test]
    fn exits_have_the_text_of_lambda() {
        for (raw, expected) in [
            (0, "Runtime exited without providing a reason"),
            (1 << 8, "Runtime exited with error: exit status 1"),
            (6, "Runtime exited with error: signal: aborted"),
            (6 | 0x80, "Runtime exited with error: signal: aborted (core dumped)"),
            (9, "Runtime exited with error: signal: killed"),
        ] {
            assert_eq!(Exit(ExitStatus::from_raw(raw)).to_string(), expected);
        }
    }

    #[test]
    fn a_timeout_has_the_text_of_lambda() {
        let outcome = Outcome::TimedOut { after: Duration::from_millis(3500) };
        let payload = outcome.payload("r");
        let expected = r#"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: r Error: Task timed out after 3.50 seconds"}"#;
        assert_eq!(payload, expected);
    }

    #[test]
    fn a_body_that_is_not_a_report_becomes_the_message() {
        let report = Outcome::Error(posted_error("Function.Odd", "oh no")).error().unwrap();
        assert_eq!((report.error_type.as_str(), report.error_message.as_str()), ("Function.Odd", "oh no"));
    }
}
