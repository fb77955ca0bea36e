//! `JsonText`: the JSON of a reply, whose body may be megabytes.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::plain::plain;

/// JSON that is written to the end of a buffer.
#[derive(Debug)]
pub(crate) struct JsonText<'a>(pub(crate) &'a mut Vec<u8>);

impl JsonText<'_> {
    /// Writes characters of JSON as they are.
    pub(crate) fn raw(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    /// Names the next member of an object; the first one gets no comma. The name must need no escape: those of headers
    /// never do.
    pub(crate) fn key(&mut self, name: &str) {
        self.comma();
        self.0.push(b'"');
        self.raw(name);
        self.raw("\":");
    }

    /// Separates an item from the one before it.
    pub(crate) fn comma(&mut self) {
        if !self.0.ends_with(b"{") && !self.0.ends_with(b"[") {
            self.0.push(b',');
        }
    }

    /// Writes a string.
    pub(crate) fn string(&mut self, text: &str) {
        self.0.push(b'"');
        let mut rest = text.as_bytes();
        loop {
            let (plain, escaped) = rest.split_at(plain(rest));
            self.0.extend_from_slice(plain);
            let Some((&byte, after)) = escaped.split_first() else { break };
            match byte {
                b'"' => self.raw("\\\""),
                b'\\' => self.raw("\\\\"),
                b'\n' => self.raw("\\n"),
                b'\r' => self.raw("\\r"),
                b'\t' => self.raw("\\t"),
                _ => {
                    const DIGITS: &[u8; 16] = b"0123456789abcdef";
                    self.raw("\\u00");
                    self.0.extend([DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
                }
            }
            rest = after;
        }
        self.0.push(b'"');
    }

    /// Writes bytes as a string in base64.
    pub(crate) fn base64(&mut self, bytes: &[u8]) {
        self.0.push(b'"');
        let start = self.0.len();
        self.0.resize(start + bytes.len().div_ceil(3) * 4, 0);
        let written = BASE64_STANDARD.encode_slice(bytes, &mut self.0[start..]);
        self.0.truncate(start + written.unwrap_or_default()); // there is room for all
        self.0.push(b'"');
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_string_is_read_back_by_serde_json(text in "(?s)[\\x00-\\x7f\u{e9}\u{1f600}\"\\\\]{0,40}") {
            let mut written = Vec::new();
            JsonText(&mut written).string(&text);
            prop_assert_eq!(serde_json::from_slice::<String>(&written).unwrap(), text);
        }

        #[test]
        fn base64_is_read_back(bytes in vec(any::<u8>(), 0..40)) {
            let mut written = Vec::new();
            JsonText(&mut written).base64(&bytes);
            let text: String = serde_json::from_slice(&written).unwrap();
            prop_assert_eq!(BASE64_STANDARD.decode(text).unwrap(), bytes);
        }
    }
}
