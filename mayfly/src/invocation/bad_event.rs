//! `BadEvent`: why an event cannot be read, and where.
//!
//! `serde_json` notes the place of a malformed byte when it meets it. An error of the type's own (`try_from`, an enum,
//! a missing member) gets its place only behind the end of the array or object that it was raised in, or from its own
//! text if that ends in one, whoever wrote it. So such a place is believed only where the reader may have been, and what
//! it leaves open is answered by a path around it. (To read again, or less, would run the type's code on what Lambda
//! never sends.)

use serde::de::IgnoredAny;
use serde_json::de::{Deserializer, SliceRead};
use serde_json::error::Category;

use crate::error::Error;
use crate::invocation::json_path::{At, Walk, beginning};

/// A failure to read an event, and the search for its place.
#[derive(Debug)]
pub(crate) struct BadEvent<'a> {
    payload: &'a [u8],
    category: Category,
    /// The words of serde, without the place.
    words: String,
    /// How many bytes stand before the place that serde names, which an error of the type's own may have made up.
    named: usize,
    /// How many bytes were taken in the end: past the error, and past the ends of arrays and objects behind it.
    taken: usize,
}

impl<'a> BadEvent<'a> {
    /// Takes the error, and the reader as it was left.
    #[cold]
    #[inline(never)]
    pub(crate) fn new(payload: &'a [u8], error: &serde_json::Error, json: Deserializer<SliceRead<'_>>) -> Self {
        let named = offset(payload, error.line(), error.column());
        let taken = json.into_iter::<IgnoredAny>().byte_offset();
        Self { payload, category: error.classify(), words: words(error), named, taken }
    }

    /// Makes the error of the invocation.
    #[cold]
    #[inline(never)]
    pub(crate) fn to_error(&self, expected: &str) -> Error {
        let is_data = self.category == Category::Data;
        let place = if is_data && !self.may_be(self.named) { self.taken } else { self.named };
        let path = if is_data { self.path(place) } else { self.path_of_syntax() };
        let before = &self.payload[..place];
        let line = before.split(|&byte| byte == b'\n').count();
        let column = before.iter().rev().take_while(|&&byte| byte != b'\n').count();
        let (words, rest) = around_long_quote(&self.words);
        let dots = if words.len() + rest.len() < self.words.len() { "…" } else { "" };
        let mut message = format!(
            "the event cannot be read as `{expected}`: at `{path}`: {words}{dots}{rest} at line {line} column {column}",
        );
        if self.words.ends_with("expected a borrowed string") {
            message.push_str("; `&str` takes only strings without escapes, use `#[serde(borrow)] Cow<str>`");
        }
        if path == "$" && matches!(self.payload.trim_ascii_start(), [b'"', b'{' | b'[', ..]) {
            message.push_str("; the event is a string that holds JSON: was it encoded twice?");
        }
        Error::runtime("Runtime.InvalidEvent", message)
    }

    /// Whether an error of the type's own may have been raised there: at the end of the last value, of an array or object
    /// that ends behind it, or where the reader stopped.
    fn may_be(&self, place: usize) -> bool {
        let solid = Walk::new(self.payload, self.taken).solid();
        let is_end = |place: usize| place == solid || matches!(self.payload[place - 1], b']' | b'}');
        place == self.taken || (solid..self.taken).contains(&place) && place > 0 && is_end(place)
    }

    /// The path of an error of the type's own, raised at `place` or before the last end there.
    #[cold]
    fn path(&self, place: usize) -> String {
        let walk = Walk::new(self.payload, place);
        match walk.at() {
            At::InKey => walk.path(true),
            // Nothing but malformed bytes are left within.
            At::InValue => walk.path(false),
            At::AfterValue => walk.path(self.is_of_value(place, &walk)),
            // The name of an enum's variant has no path, and of a member that is there twice none is wrong.
            At::AfterKey => walk.path(!self.words.starts_with("unknown v") && !self.words.starts_with("duplicate f")),
            At::BeforeValue => self.path_before(place, &walk),
            At::BeforeKey => walk.path(false),
        }
    }

    /// The path where the reader stopped before a value: at an array or object that is to be of another type, or behind
    /// the comma after the value that failed.
    fn path_before(&self, place: usize, walk: &Walk<'_>) -> String {
        let next = self.payload[place..].trim_ascii_start().first();
        let is_seen = match next {
            Some(b'[') => self.words.contains("invalid type: sequence"),
            Some(b'{') => self.words.contains("invalid type: map"),
            _ => false,
        };
        let is_malformed = !matches!(next, Some(b'[' | b'{' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n'));
        match self.payload[..place].trim_ascii_end() {
            // It may be either, a value too many, or none.
            [.., b','] if is_seen || is_malformed || self.words.contains("trailing c") => walk.path(false),
            [before @ .., b','] => Walk::new(self.payload, before.len()).path(true),
            _ => walk.path(is_seen),
        }
    }

    /// Whether the error is that of the value which ends at `place`, as far as what follows tells.
    fn is_of_value(&self, place: usize, walk: &Walk<'_>) -> bool {
        match self.payload[place..].trim_ascii_start().first() {
            Some(b',' | b']') => true,
            // An enum with `tag` and `content` fails where its tag has been read, if the content stands before that; an
            // error of the string's own has got its place there, and not behind the end of the object.
            Some(b'}') => !walk.is_later_string() || self.named == place,
            _ => false,
        }
    }

    /// The path of a malformed value, or of the array or object that is malformed between its values.
    #[cold]
    fn path_of_syntax(&self) -> String {
        let is_cut_off = self.category == Category::Eof;
        // The last byte that was taken is the bad one, if there is one.
        let before = Walk::new(self.payload, if is_cut_off { self.named } else { self.named.saturating_sub(1) });
        let after = Walk::new(self.payload, self.named);
        match (self.words.as_str(), before.at()) {
            // A second member in the object of an enum.
            ("expected value", _) if self.taken >= self.named && after.at() == At::AfterValue => after.path(false),
            ("invalid value: expected key to be a number in quotes", _) => after.path(true),
            ("expected ident" | "invalid number", _) => before.path(before.at() != At::BeforeKey),
            (words, _) if words.starts_with("expected `") || words.starts_with("trailing") => before.path(false),
            (_, At::BeforeValue) => before.path(!is_cut_off || !before.is_in_array()),
            (_, at) => before.path(at == At::InValue),
        }
    }
}

/// The words of serde, without the place.
#[cold]
fn words(error: &serde_json::Error) -> String {
    let mut words = error.to_string();
    let place = words.as_bytes().windows(9).rposition(|words| words == b" at line ");
    words.truncate(place.filter(|_| error.line() > 0).unwrap_or(words.len()));
    words
}

/// How many bytes stand before that place, which may be none of the text.
#[cold]
fn offset(payload: &[u8], line: usize, column: usize) -> usize {
    let mut newlines = payload.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let start = if line < 2 { 0 } else { newlines.nth(line - 2).map_or(payload.len(), |(newline, _)| newline + 1) };
    start.saturating_add(column).min(payload.len())
}

/// Splits serde's words where too much of the event is quoted, and leaves that out.
#[cold]
fn around_long_quote(words: &str) -> (&str, &str) {
    let bytes = words.as_bytes();
    let quotes: [&[u8]; 3] = [b": string \"", b"unknown variant `", b"unknown field `"];
    let start = (0..bytes.len()).find_map(|at| {
        let quote = quotes.iter().find(|quote| bytes[at..].starts_with(quote))?;
        Some(at + quote.len())
    });
    let Some(start) = start else { return (words, "") };
    // Anything may stand within; only what was expected comes after the last of these.
    let is_end =
        |at: &usize| matches!(bytes[*at..], [b'"', b',', b' ', b'e', ..] | [b'`', b',', b' ', b'e' | b't', ..]);
    let end = (start..bytes.len()).rev().find(is_end).unwrap_or(bytes.len());
    let kept = start + beginning(&words[start..end]).len();
    if kept < end { (&words[..kept], &words[end..]) } else { (words, "") }
}
