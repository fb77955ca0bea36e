//! Checks the input of an invocation: its event, client context and tenant id.

use std::fmt;

use base64::encoded_len;
use serde::de::IgnoredAny;

use crate::lambda::limits::{MAX_CLIENT_CONTEXT_BYTES, MAX_TENANT_ID_CHARS};

/// The reason why Lambda rejects an input. Its text is a predicate that follows the input's name.
#[derive(Debug)]
pub(crate) enum InputError {
    TooLarge { size: usize, limit: usize },
    ByteOrderMark(&'static str),
    NotText(std::str::Utf8Error),
    NotJson(serde_json::Error),
    NotAnObject,
    InvalidTenantId,
}

/// Checks that an event is JSON in UTF-8, and of at most `limit` bytes.
pub(crate) fn check_event(bytes: &[u8], limit: usize) -> Result<(), InputError> {
    let size = bytes.len();
    if size > limit {
        return Err(InputError::TooLarge { size, limit });
    }
    for (mark, encoding) in [(&b"\xef\xbb\xbf"[..], "UTF-8"), (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16")] {
        if bytes.starts_with(mark) {
            return Err(InputError::ByteOrderMark(encoding));
        }
    }
    // `IgnoredAny` skips strings without checking that they are UTF-8.
    let text = str::from_utf8(bytes).map_err(InputError::NotText)?;
    serde_json::from_str::<IgnoredAny>(text).map(drop).map_err(InputError::NotJson)
}

/// Checks that a client context is a JSON object, and small enough once it is encoded as base64.
pub(crate) fn check_client_context(json: &str) -> Result<(), InputError> {
    let size = encoded_len(json.len(), true).unwrap_or(usize::MAX);
    if size > MAX_CLIENT_CONTEXT_BYTES {
        return Err(InputError::TooLarge { size, limit: MAX_CLIENT_CONTEXT_BYTES });
    }
    serde_json::from_str::<IgnoredAny>(json).map_err(InputError::NotJson)?;
    if json.trim_start().starts_with('{') { Ok(()) } else { Err(InputError::NotAnObject) }
}

/// Checks the length and the characters of a tenant id.
pub(crate) fn check_tenant_id(id: &str) -> Result<(), InputError> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "._:/=+-@ ".contains(c);
    let is_valid = (1..=MAX_TENANT_ID_CHARS).contains(&id.len()) && id.chars().all(is_allowed);
    if is_valid { Ok(()) } else { Err(InputError::InvalidTenantId) }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { size, limit: MAX_CLIENT_CONTEXT_BYTES } => {
                write!(f, "has {size} bytes as base64, and Lambda takes at most {MAX_CLIENT_CONTEXT_BYTES}")
            }
            Self::TooLarge { size, limit } => {
                write!(f, "has {size} bytes, and Lambda takes at most {limit}: send a reference, such as an S3 key")
            }
            Self::ByteOrderMark(encoding) => {
                write!(f, "begins with a byte order mark of {encoding}: save it as UTF-8 without one")
            }
            Self::NotText(error) => write!(f, "is not JSON: {error}"),
            Self::NotJson(error) => write!(f, "is not JSON: {error}"),
            Self::NotAnObject => f.write_str("is not a JSON object, such as {\"custom\":{}}"),
            Self::InvalidTenantId => {
                write!(
                    f,
                    "must be 1 to {MAX_TENANT_ID_CHARS} letters, digits, spaces or the characters . _ : / = + - @"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::limits::MAX_EVENT_BYTES;

    #[test]
    fn an_event_is_json_of_at_most_6_mb() {
        let text = |size: usize| format!("\"{}\"", "x".repeat(size - 2)).into_bytes();
        assert!(check_event(&text(MAX_EVENT_BYTES), MAX_EVENT_BYTES).is_ok());
        for (event, expected) in [
            (
                text(MAX_EVENT_BYTES + 1),
                "has 6291457 bytes, and Lambda takes at most 6291456: send a reference, such as an S3 key",
            ),
            (b"{x".to_vec(), "is not JSON: key must be a string at line 1 column 2"),
            (b"".to_vec(), "is not JSON: EOF while parsing a value at line 1 column 0"),
            (b"\"\xff\"".to_vec(), "is not JSON: invalid utf-8 sequence of 1 bytes from index 1"),
            (b"\xef\xbb\xbf{}".to_vec(), "begins with a byte order mark of UTF-8: save it as UTF-8 without one"),
            (b"\xff\xfe{\0}\0".to_vec(), "begins with a byte order mark of UTF-16: save it as UTF-8 without one"),
        ] {
            assert_eq!(check_event(&event, MAX_EVENT_BYTES).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn a_client_context_is_a_small_object() {
        let sized = |size: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(size - 8));
        assert!(check_client_context(&sized(2685)).is_ok());
        for (context, expected) in [
            (sized(2688), "has 3584 bytes as base64, and Lambda takes at most 3583"),
            ("[]".to_owned(), "is not a JSON object, such as {\"custom\":{}}"),
            ("-1".to_owned(), "is not a JSON object, such as {\"custom\":{}}"),
            ("[".to_owned(), "is not JSON: EOF while parsing a list at line 1 column 1"),
        ] {
            assert_eq!(check_client_context(&context).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn a_tenant_id_has_only_the_characters_that_lambda_allows() {
        for id in ["acme", "-a", "a b", "a.b_c:d/e=f+g-h@i"] {
            assert!(check_tenant_id(id).is_ok(), "{id}");
        }
        for id in ["", "a\nb", "größe", &"x".repeat(257)] {
            assert!(check_tenant_id(id).is_err(), "{id}");
        }
    }
}
