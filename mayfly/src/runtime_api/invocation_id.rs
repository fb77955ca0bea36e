//! `InvocationId`: the ids by which a POST reaches its invocation.

use std::fmt::Write;

use super::headers::{self, Headers, text};

/// The longest request id in bytes that is accepted. Lambda's own ids have 36.
const MAX_ID_BYTES: usize = 1 << 10;

/// The ids of one invocation.
#[derive(Debug, Default)]
pub(crate) struct InvocationId {
    /// The request id.
    pub(crate) text: String,
    /// The request id as a percent-encoded path segment, if that differs from `text`.
    encoded: Option<String>,
    /// The value of `Lambda-Runtime-Invocation-Id`, if there was one. The POST repeats it, so that the service can tell
    /// a late response from a current one.
    pub(crate) echo: Option<Vec<u8>>,
}

impl InvocationId {
    /// Reads the ids from the headers of `/next`. Returns `None` if there is no request id, or if it is too long.
    pub(crate) fn of(headers: Headers<'_>) -> Option<Self> {
        let id = headers.get(headers::REQUEST_ID)?;
        (id.len() <= MAX_ID_BYTES).then(|| Self {
            text: text(id).into_owned(),
            encoded: (!id.iter().copied().all(is_unreserved)).then(|| percent_encoded(id)),
            echo: headers.get(headers::INVOCATION_ID).map(<[u8]>::to_vec),
        })
    }

    /// Returns the request id as one path segment.
    pub(crate) fn path(&self) -> &str {
        self.encoded.as_deref().unwrap_or(&self.text)
    }
}

/// Returns whether `byte` needs no escape in a path segment: <https://www.rfc-editor.org/rfc/rfc3986#section-2.3>.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// Percent-encodes an id for use as one path segment. Lambda's own ids need no escapes.
fn percent_encoded(id: &[u8]) -> String {
    let mut encoded = String::with_capacity(id.len());
    for &byte in id {
        if is_unreserved(byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
