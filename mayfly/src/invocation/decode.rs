//! The event's bytes become the handler's first argument.

use std::any::type_name;

use serde::Deserialize;
use serde_json::Deserializer;

use crate::error::Error;
use crate::invocation::bad_event::BadEvent;

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
    /// `Runtime.InvalidEvent`, with the JSON path that failed, the expected type, the line and the column.
    fn read(payload: &'a [u8]) -> Result<Self, Error>;
}

#[diagnostic::do_not_recommend]
impl<'a, T: Deserialize<'a>> Event<'a> for T {
    fn read(payload: &'a [u8]) -> Result<Self, Error> {
        let mut json = Deserializer::from_slice(payload);
        let outcome = T::deserialize(&mut json).and_then(|event| json.end().map(|()| event));
        outcome.map_err(|error| BadEvent::new(payload, &error, json).to_error(type_name::<T>()))
    }
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
        assert_eq!(<&str>::read(br#""plain""#).unwrap(), "plain");
        assert!(message::<&str>(r#""es\ncaped""#).contains("Cow<str>"));
    }
}
