//! The input of an invocation, as Lambda takes it: what `invoke` sends and `dev` receives.

use std::fmt;

use base64::encoded_len;
use serde::de::IgnoredAny;

/// The most bytes of an event whose caller waits for the reply.
pub(crate) const MAX_EVENT: usize = 6 * 1024 * 1024;
/// The most bytes of an event whose caller does not wait.
pub(crate) const MAX_ASYNCHRONOUS_EVENT: usize = 1024 * 1024;
/// The most bytes of a client context, as base64.
const MAX_CLIENT_CONTEXT: usize = 3583;
/// The most characters of a tenant id.
const MAX_TENANT_ID: usize = 256;

/// The reason why Lambda does not take an input; its text follows the input's name.
#[derive(Debug)]
pub(crate) enum InputError {
    TooLarge { size: usize, limit: usize },
    ByteOrderMark(&'static str),
    NoText(std::str::Utf8Error),
    NoJson(serde_json::Error),
    NoObject,
    NoTenant,
}

/// Checks an event.
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
    // A parser that ignores what it reads would let pass what is no text.
    let text = str::from_utf8(bytes).map_err(InputError::NoText)?;
    serde_json::from_str::<IgnoredAny>(text).map(drop).map_err(InputError::NoJson)
}

/// Checks a client context, before it is encoded.
pub(crate) fn check_client_context(json: &str) -> Result<(), InputError> {
    let size = encoded_len(json.len(), true).unwrap_or(usize::MAX);
    if size > MAX_CLIENT_CONTEXT {
        return Err(InputError::TooLarge { size, limit: MAX_CLIENT_CONTEXT });
    }
    serde_json::from_str::<IgnoredAny>(json).map_err(InputError::NoJson)?;
    if json.trim_start().starts_with('{') { Ok(()) } else { Err(InputError::NoObject) }
}

/// Checks a tenant id.
pub(crate) fn check_tenant_id(id: &str) -> Result<(), InputError> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "._:/=+-@ ".contains(c);
    let is_fit = (1..=MAX_TENANT_ID).contains(&id.len()) && id.chars().all(is_allowed);
    if is_fit { Ok(()) } else { Err(InputError::NoTenant) }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { size, limit: MAX_CLIENT_CONTEXT } => {
                write!(f, "has {size} bytes as base64, and Lambda takes at most {MAX_CLIENT_CONTEXT}")
            }
            Self::TooLarge { size, limit } => {
                write!(f, "has {size} bytes, and Lambda takes at most {limit}: send a reference, such as an S3 key")
            }
            Self::ByteOrderMark(encoding) => {
                write!(f, "begins with a byte order mark of {encoding}: save it as UTF-8 without one")
            }
            Self::NoText(error) => write!(f, "is not JSON: {error}"),
            Self::NoJson(error) => write!(f, "is not JSON: {error}"),
            Self::NoObject => f.write_str("is not a JSON object, such as {\"custom\":{}}"),
            Self::NoTenant => {
                write!(f, "is not 1 to {MAX_TENANT_ID} letters, digits, blanks, or signs of . _ : / = + - @")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_json_of_a_size() {
        let text = |size: usize| format!("\"{}\"", "x".repeat(size - 2)).into_bytes();
        assert!(check_event(&text(MAX_EVENT), MAX_EVENT).is_ok());
        for (event, expected) in [
            (
                text(MAX_EVENT + 1),
                "has 6291457 bytes, and Lambda takes at most 6291456: send a reference, such as an S3 key",
            ),
            (b"{x".to_vec(), "is not JSON: key must be a string at line 1 column 2"),
            (b"".to_vec(), "is not JSON: EOF while parsing a value at line 1 column 0"),
            (b"\"\xff\"".to_vec(), "is not JSON: invalid utf-8 sequence of 1 bytes from index 1"),
            (b"\xef\xbb\xbf{}".to_vec(), "begins with a byte order mark of UTF-8: save it as UTF-8 without one"),
            (b"\xff\xfe{\0}\0".to_vec(), "begins with a byte order mark of UTF-16: save it as UTF-8 without one"),
        ] {
            assert_eq!(check_event(&event, MAX_EVENT).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn a_client_context_is_an_object_of_a_size() {
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
    fn a_tenant_id_has_signs_that_lambda_takes() {
        for id in ["acme", "-a", "a b", "a.b_c:d/e=f+g-h@i"] {
            assert!(check_tenant_id(id).is_ok(), "{id}");
        }
        for id in ["", "a\nb", "größe", &"x".repeat(257)] {
            assert!(check_tenant_id(id).is_err(), "{id}");
        }
    }
}
