//! `BadEvent`: why an event cannot be read, and where.
//!
//! `serde_json` notes the place of a malformed byte when it meets it. An error of the type's own (`try_from`, an enum,
//! a missing member) gets its place only behind the ends of some arrays and objects, or from its own text if that ends
//! in one, whoever wrote it. So the place is found by reading again: the fewest bytes that are enough to get the same
//! error end where it was raised.

use std::ops::Range;

use serde::de::{Error as _, IgnoredAny};
use serde_json::de::{Deserializer, SliceRead};
use serde_json::error::Category;

use crate::Error;
use crate::json_path::{At, DEEPEST, Walk, beginning};

/// The first failure to read an event, and the search for its place.
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
    /// Where up to then the error may have been raised, from the first place on.
    places: Vec<usize>,
    /// Those of the places that are still possible; the one after the last is the last with the byte behind it.
    possible: Range<usize>,
}

impl<'a> BadEvent<'a> {
    /// Notes the error of the whole event, or of the bytes that were to be tried, and says which to try next.
    ///
    /// # Errors
    /// `Runtime.InvalidEvent` once there is nothing left to try.
    #[cold]
    pub(crate) fn note(
        noted: &mut Option<Box<Self>>,
        payload: &'a [u8],
        error: Option<serde_json::Error>,
        json: Deserializer<SliceRead<'_>>,
        expected: &str,
    ) -> Result<&'a [u8], Error> {
        // Bytes that can be read are too few for the error.
        let error = error.unwrap_or_else(|| serde_json::Error::custom(""));
        let words = words(&error);
        let bad = match noted.take() {
            None => Box::new(Self::new(payload, &error, words, json.into_iter::<IgnoredAny>().byte_offset())),
            Some(mut bad) => {
                let middle = bad.middle();
                if error.is_data() && words == bad.words {
                    bad.possible.end = middle;
                } else {
                    bad.possible.start = middle + 1;
                }
                bad
            }
        };
        if bad.possible.is_empty() {
            return Err(bad.to_error(expected));
        }
        let end = bad.places[bad.middle()];
        *noted = Some(bad);
        Ok(&payload[..end])
    }

    #[cold]
    fn new(payload: &'a [u8], error: &serde_json::Error, words: String, taken: usize) -> Self {
        let category = error.classify();
        let places = if category == Category::Data { places(payload, taken) } else { Vec::new() };
        let possible = 0..places.len();
        let named = offset(payload, error.line(), error.column());
        Self { payload, category, words, named, taken, places, possible }
    }

    fn middle(&self) -> usize {
        usize::midpoint(self.possible.start, self.possible.end)
    }

    /// Makes the error of the invocation.
    #[cold]
    fn to_error(&self, expected: &str) -> Error {
        let is_data = self.category == Category::Data;
        let place =
            if is_data { self.places.get(self.possible.end).copied().unwrap_or(self.taken) } else { self.named };
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

    /// The path of an error of the type's own, raised at `place`.
    #[cold]
    fn path(&self, place: usize) -> String {
        let walk = Walk::new(self.payload, place);
        // The bytes up to there are not enough: the next one, which was seen and not taken, begins the bad value.
        if self.possible.end == self.places.len() {
            return walk.path(walk.at() == At::BeforeValue && self.words.contains("invalid type: "));
        }
        walk.path(match walk.at() {
            At::InValue | At::InKey => true,
            At::AfterValue => place < self.payload.len() && (!walk.is_later_string() || self.is_of_string(place)),
            // The name of an enum's variant has no path, and of a member that is there twice none is wrong.
            At::AfterKey => !self.words.starts_with("unknown v") && !self.words.starts_with("duplicate f"),
            At::BeforeKey | At::BeforeValue => false,
        })
    }

    /// Whether the error is that of the string which ends at `place`, and not of the object that it is a later member
    /// of: an enum with `tag` and `content` fails where its tag has been read, if the content stands before that.
    fn is_of_string(&self, place: usize) -> bool {
        // An error of the string's own has got its place there, and not behind the end of the object.
        self.named == place || !self.payload[place..].trim_ascii_start().starts_with(b"}")
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

/// Where an error may have been raised once so many bytes were taken: at the end of the last value, of each array or
/// object that ends behind it, or there.
#[cold]
fn places(payload: &[u8], taken: usize) -> Vec<usize> {
    let solid = Walk::new(payload, taken).solid();
    let mut places = Vec::new();
    for end in (solid..=taken).rev() {
        // Each level of the type's own has one end, and there are no more levels.
        if places.len() <= DEEPEST && (end == solid || end == taken || matches!(payload[end - 1], b']' | b'}')) {
            places.push(end);
        }
    }
    places.reverse();
    places
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
