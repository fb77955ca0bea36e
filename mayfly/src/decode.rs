//! The event's bytes become the handler's first argument.

use std::any::type_name;
use std::fmt;

use serde::Deserialize;

use crate::Error;

/// A type that an event can be read into: whatever implements [`serde::Deserialize`], also one that borrows from the
/// payload.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a Lambda event",
    label = "not an event",
    note = "derive `serde::Deserialize` for it"
)]
pub trait Event<'a>: Sized {
    /// Reads the event from the payload's bytes.
    ///
    /// # Errors
    /// What serde says of the first byte that does not fit.
    fn read(payload: &'a [u8]) -> Result<Self, serde_json::Error>;
}

#[diagnostic::do_not_recommend]
impl<'a, T: Deserialize<'a>> Event<'a> for T {
    fn read(payload: &'a [u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(payload)
    }
}

/// Reads an event.
///
/// # Errors
/// `Runtime.InvalidEvent`, with the JSON path that failed, the expected type, the line and the column.
pub(crate) fn decode<'a, T: Event<'a>>(payload: &'a [u8]) -> Result<T, Error> {
    T::read(payload).map_err(|error| invalid_event(&error, payload, type_name::<T>()))
}

#[cold]
fn invalid_event(error: &serde_json::Error, payload: &[u8], expected: &str) -> Error {
    let path = json_path(payload, offset(payload, error.line(), error.column()));
    let mut message = format!("the event cannot be read as `{expected}`: at `{path}`: {error}");
    if error.to_string().contains("expected a borrowed string") {
        message.push_str("; `&str` takes only strings without escapes, use `#[serde(borrow)] Cow<str>`");
    }
    Error::runtime("Runtime.InvalidEvent", message)
}

/// How many bytes `serde_json` had taken when it stopped at `line` and `column`.
fn offset(payload: &[u8], line: usize, column: usize) -> usize {
    let start: usize =
        payload.split_inclusive(|&byte| byte == b'\n').take(line.saturating_sub(1)).map(<[u8]>::len).sum();
    (start + column).min(payload.len())
}

/// An array or object that is open at some point of a JSON text.
enum Open {
    Array { index: usize },
    Object { key: Option<String> },
}

/// The path of the innermost value that the first `taken` bytes of a JSON text end in.
///
/// Serde's own error has no path, and a deserializer that tracks one would have to be compiled once more for every
/// event type; so the bytes are walked again, which happens only after a failure.
fn json_path(payload: &[u8], taken: usize) -> String {
    let mut open = Vec::new();
    let mut bytes = payload[..taken].iter().copied().enumerate();
    while let Some((at, byte)) = bytes.next() {
        let is_last = at + 1 == taken;
        match (byte, open.last_mut()) {
            (b'{', _) => open.push(Open::Object { key: None }),
            (b'[', _) => open.push(Open::Array { index: 0 }),
            // What was closed by the last byte is what failed: a member is missing, say.
            (b'}' | b']', Some(_)) if !is_last => drop(open.pop()),
            (b'}', Some(Open::Object { key })) => *key = None,
            (b',', Some(Open::Array { index })) => *index += 1,
            (b',', Some(Open::Object { key })) => *key = None,
            (b'"', top) => {
                let text = string(&mut bytes);
                if let Some(Open::Object { key: key @ None }) = top {
                    *key = Some(text);
                }
            }
            _ => {}
        }
    }
    open.iter().fold("$".to_owned(), |path, open| format!("{path}{open}"))
}

/// Takes the rest of a string, as it is written, up to its closing quote.
fn string(bytes: &mut impl Iterator<Item = (usize, u8)>) -> String {
    let mut text = Vec::new();
    while let Some((_, byte)) = bytes.next() {
        match byte {
            b'"' => break,
            b'\\' => text.extend([b'\\'].into_iter().chain(bytes.next().map(|(_, byte)| byte))),
            _ => text.push(byte),
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

impl fmt::Display for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Array { index } => write!(f, "[{index}]"),
            Self::Object { key: None } => Ok(()),
            Self::Object { key: Some(key) } if key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') => {
                write!(f, ".{key}")
            }
            Self::Object { key: Some(key) } => write!(f, "[\"{key}\"]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn message<'a, T: Event<'a> + fmt::Debug>(payload: &'a str) -> String {
        decode::<T>(payload.as_bytes()).unwrap_err().message().to_owned()
    }

    #[test]
    fn path_leads_to_the_value_that_failed() {
        type Nested = std::collections::BTreeMap<String, Vec<std::collections::BTreeMap<String, u64>>>;
        for (payload, path) in [
            (r#""text""#, "`$`"),
            (r#"{"items":[{"price":1},{"price":"x"}]}"#, "`$.items[1].price`"),
            ("{\n \"items\": [\n  {\"a\": 1, \"b c\": 1.5}]}", "`$.items[0][\"b c\"]`"),
            (r#"{"a":[{"x":1}],"items":{"k":[]}}"#, "`$.items`"),
            (r#"{"\u0061\"b":3}"#, r#"`$["\u0061\"b"]`"#),
        ] {
            let message = message::<Nested>(payload);
            assert!(message.contains(&format!("at {path}: ")), "{payload}: {message}");
        }
    }

    #[test]
    fn no_bytes_are_too_odd_for_a_path() {
        for payload in ["", "{", "[[[", "}", "]]", "\u{feff}{}", "{\"a", "{\"a\\", "{}{}", "[1,]", "nul"] {
            assert!(message::<Value>(payload).contains("at `$"), "{payload}");
        }
    }

    #[test]
    fn borrowed_strings_with_escapes_get_their_way_out() {
        assert_eq!(decode::<&str>(br#""plain""#).unwrap(), "plain");
        assert!(message::<&str>(r#""es\ncaped""#).contains("Cow<str>"));
    }
}
