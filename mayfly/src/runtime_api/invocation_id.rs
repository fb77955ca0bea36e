//! `InvocationId`: the ids that a post must carry to reach its invocation.

use std::fmt::Write;

use super::headers::{self, Headers, text};

/// Ids of Lambda have 36 characters; what does not fit into a path is none.
const MAX_ID: usize = 1 << 10;

/// The ids of one invocation.
#[derive(Debug, Default)]
pub(crate) struct InvocationId {
    /// The request id.
    pub(crate) text: String,
    /// The same as it can stand in a path, where that differs.
    encoded: Option<String>,
    /// `Lambda-Runtime-Invocation-Id`, to be echoed if it was given: it tells a late response from a fresh one.
    pub(crate) echo: Option<Vec<u8>>,
}

impl InvocationId {
    /// Takes the ids from the headers of `/next`; none if there is no request id.
    pub(crate) fn of(headers: Headers<'_>) -> Option<Self> {
        let id = headers.get(headers::REQUEST_ID)?;
        (id.len() <= MAX_ID).then(|| Self {
            text: text(id).into_owned(),
            encoded: (!id.iter().copied().all(stands_in_a_path)).then(|| percent_encoded(id)),
            echo: headers.get(headers::INVOCATION_ID).map(<[u8]>::to_vec),
        })
    }

    /// The request id as one segment of a path.
    pub(crate) fn path(&self) -> &str {
        self.encoded.as_deref().unwrap_or(&self.text)
    }
}

fn stands_in_a_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// Escapes what cannot stand in one segment of a path. The ids of Lambda itself have nothing of it.
fn percent_encoded(id: &[u8]) -> String {
    let mut encoded = String::with_capacity(id.len());
    for &byte in id {
        if stands_in_a_path(byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
