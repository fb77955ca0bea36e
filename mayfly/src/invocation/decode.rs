//! `Event`: the trait by which the bytes of the event become the handler's first argument.

use std::any::type_name;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Deserializer;

use super::bad_event::BadEvent;
use crate::error::Error;

/// A type that an event can be read into: any type that implements [`serde::Deserialize`], including types that borrow
/// from the payload.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a Lambda event",
    label = "not an event",
    note = "derive `serde::Deserialize` for it"
)]
pub trait Event<'a>: Sized {
    /// Reads the event from the payload's bytes.
    ///
    /// # Errors
    /// Returns `Runtime.InvalidEvent`, with the JSON path of the fault, the expected type, the line and the column.
    fn read(payload: &'a [u8]) -> Result<Self, Error>;
}

// This implementation rules out any other (E0119), so a type such as `http::Request` can never be an `Event`: HTTP
// events need an attribute of their own whose expansion does not ask for `Event`.
#[diagnostic::do_not_recommend]
impl<'a, T: Deserialize<'a>> Event<'a> for T {
    fn read(payload: &'a [u8]) -> Result<Self, Error> {
        let mut json = Deserializer::from_slice(payload);
        let outcome = T::deserialize(&mut json).and_then(|event| json.end().map(|()| event));
        outcome.map_err(|error| BadEvent::new(payload, &error, json).to_error(type_name::<T>()))
    }
}

/// Checks that a payload is JSON. Returns the error of an event that cannot be read as `expected`.
#[cold]
pub(crate) fn check_json(payload: &[u8], expected: &str) -> Result<(), Error> {
    let mut json = Deserializer::from_slice(payload);
    let outcome = IgnoredAny::deserialize(&mut json).and_then(|_| json.end());
    outcome.map_err(|error| BadEvent::new(payload, &error, json).to_error(expected))
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use serde_json::Value;

    use super::*;

    fn message<'a, T: Event<'a> + fmt::Debug>(payload: &'a str) -> String {
        T::read(payload.as_bytes()).unwrap_err().message().to_owned()
    }

    #[test]
    fn the_path_leads_to_the_faulty_value() {
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
    fn any_malformed_text_has_a_path() {
        for payload in ["", "{", "[[[", "}", "]]", "\u{feff}{}", "{\"a", "{\"a\\", "{}{}", "[1,]", "nul"] {
            assert!(message::<Value>(payload).contains("at `$"), "{payload}");
        }
    }

    #[test]
    fn a_borrowed_string_with_escapes_gets_advice() {
        assert_eq!(<&str>::read(br#""plain""#).unwrap(), "plain");
        assert!(message::<&str>(r#""es\ncaped""#).contains("Cow<str>"));
    }
}
