//! `Json`: a writer for the JSON of the runtime itself, which is reports, log lines and the registry.
//!
//! It has one function for each kind of value, and each is in the binary only once (hence `inline(never)`). serde would
//! compile code for each shape, and `serde_json::Value` would bring in a map that a function may not need otherwise.

use std::fmt::Display;
use std::io::Write;

/// A writer of JSON text, which inserts the commas itself.
#[derive(Debug, Default)]
pub struct Json(Vec<u8>);

impl Json {
    /// Writes an object; `write` adds its members.
    pub(crate) fn object(&mut self, write: impl FnOnce(&mut Self)) {
        self.open(b'{');
        write(self);
        self.close(b'}');
    }

    /// Writes an array; `write` adds its items.
    pub(crate) fn array(&mut self, write: impl FnOnce(&mut Self)) {
        self.open(b'[');
        write(self);
        self.close(b']');
    }

    #[inline(never)]
    fn open(&mut self, bracket: u8) {
        self.separate();
        self.0.push(bracket);
    }

    #[inline(never)]
    fn close(&mut self, bracket: u8) {
        self.0.push(bracket);
    }

    /// Writes the key of the next member.
    #[inline(never)]
    pub(crate) fn key(&mut self, name: &str) -> &mut Self {
        self.text(name);
        self.0.push(b':');
        self
    }

    /// Writes a string.
    #[inline(never)]
    pub(crate) fn text(&mut self, text: &str) {
        self.separate();
        // Writing a string to a `Vec` cannot fail.
        let _ = serde_json::to_writer(&mut self.0, text);
    }

    /// Writes a string, or `null` for `None`.
    #[inline(never)]
    pub(crate) fn text_or_null(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.plain(&"null"),
        }
    }

    /// Writes a value whose `Display` is its JSON, such as an integer or a boolean.
    #[inline(never)]
    pub(crate) fn plain(&mut self, value: &dyn Display) {
        self.separate();
        let _ = write!(self.0, "{value}");
    }

    /// Writes a floating-point number, or `null` if it is not finite.
    pub(crate) fn float(&mut self, number: f64) {
        if number.is_finite() {
            self.plain(&format_args!("{number:?}"));
        } else {
            self.plain(&"null");
        }
    }

    /// Writes a comma if a value precedes. No value ends with one of the bytes `{`, `[` and `:`.
    fn separate(&mut self) {
        if self.0.last().is_some_and(|last| !b"{[:".contains(last)) {
            self.0.push(b',');
        }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    pub(crate) fn into_text(self) -> String {
        String::from_utf8(self.0).unwrap_or_default() // only text was written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_separated_by_commas_and_nested() {
        let mut json = Json::default();
        json.object(|json| {
            json.key("empty").array(|_| {});
            json.key("odd {[:\"\n").text_or_null(Some("{"));
            json.key("list").array(|json| {
                json.text(":");
                json.plain(&-7);
                json.object(|_| {});
                json.text_or_null(None);
            });
            json.key("truth").plain(&true);
            for number in [1.0, -0.5, 1e300, 1e-9, f64::INFINITY] {
                json.key("float").float(number);
            }
        });
        assert_eq!(
            json.into_text(),
            concat!(
                r#"{"empty":[],"odd {[:\"\n":"{","list":[":",-7,{},null],"truth":true,"#,
                r#""float":1.0,"float":-0.5,"float":1e300,"float":1e-9,"float":null}"#
            )
        );
    }
}
