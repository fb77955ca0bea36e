//! `Target`: the path and the query of a request, with exactly those bytes escaped that `http::Uri` cannot hold.

use std::fmt::Write;

use bytes::Bytes;
use http::Uri;
use http::uri::{Parts, PathAndQuery};

use super::envelope::Refusal;

/// The most bytes that `http::Uri` holds.
const LONGEST: usize = 65_534;
const TOO_LONG: Refusal = Refusal { status: 414, sentence: "the path and the query have more than 65,534 bytes" };
const MALFORMED: Refusal = Refusal { status: 400, sentence: "the path is not one that HTTP allows" };

/// The bytes of a part of the target that are escaped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Escape {
    /// A path as the client sent it: the bytes that cannot stand in one.
    SentPath,
    /// A path that the source has decoded: the same, and `%`, else the application would decode it once more.
    DecodedPath,
    /// A query as the client sent it: the bytes that cannot stand in one.
    SentQuery,
    /// A key or a value of a query as the client sent it: the same, and `&`, which separates parameters.
    SentParameter,
    /// A key or a value of a query that the source has decoded: everything but unreserved characters.
    DecodedParameter,
}

impl Escape {
    fn applies_to(self, byte: u8) -> bool {
        let never = byte <= b' ' || byte >= 0x7f || matches!(byte, b'#' | b'<' | b'>');
        match self {
            Self::SentPath => never || matches!(byte, b'?' | b'`'),
            Self::DecodedPath => never || matches!(byte, b'?' | b'`' | b'%'),
            Self::SentQuery => never || byte == b'"',
            Self::SentParameter => never || matches!(byte, b'"' | b'&'),
            Self::DecodedParameter => !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')),
        }
    }
}

/// A path and a query that are being written.
#[derive(Debug, Default)]
pub(crate) struct Target {
    text: String,
    has_query: bool,
}

impl Target {
    /// Writes the path, with a `/` in front if it has none.
    pub(crate) fn path(&mut self, path: &str, escape: Escape) {
        if !path.starts_with('/') {
            self.text.push('/');
        }
        self.escaped(path, escape);
    }

    /// Writes a whole query; an empty one is left out.
    pub(crate) fn query(&mut self, query: &str) {
        if !query.is_empty() {
            self.text.push('?');
            self.escaped(query, Escape::SentQuery);
        }
    }

    /// Adds one parameter of the query.
    pub(crate) fn parameter(&mut self, key: &str, value: &str, escape: Escape) {
        self.text.push(if self.has_query { '&' } else { '?' });
        self.has_query = true;
        self.escaped(key, escape);
        self.text.push('=');
        self.escaped(value, escape);
    }

    fn escaped(&mut self, text: &str, escape: Escape) {
        if !text.bytes().any(|byte| escape.applies_to(byte)) {
            self.text.push_str(text);
            return;
        }
        for &byte in text.as_bytes() {
            if escape.applies_to(byte) {
                let _ = write!(self.text, "%{byte:02X}");
            } else {
                self.text.push(char::from(byte));
            }
        }
    }

    /// Makes the URI in origin form. Nothing is normalized: the source authorized the path as it is.
    pub(crate) fn into_uri(self) -> Result<Uri, Refusal> {
        if self.text.len() > LONGEST {
            return Err(TOO_LONG);
        }
        let mut parts = Parts::default();
        let target = PathAndQuery::from_maybe_shared(Bytes::from(self.text)).map_err(|_| MALFORMED)?;
        parts.path_and_query = Some(target);
        Uri::from_parts(parts).map_err(|_| MALFORMED)
    }
}
