//! `BadEvent`: the error of an event that cannot be read, with the path, the line and the column of the fault.
//!
//! `serde_json` records the place of a malformed byte when it reads it. An error that the type itself raises
//! (`try_from`, an enum, a missing member) gets its place only at the end of the surrounding array or object. If the
//! text of the error ends in a place, `serde_json` takes that one instead, no matter who wrote the text. So a reported
//! place counts only if the reader can have been there, and if it is ambiguous, the path leads to the surrounding
//! value. (Reading the event again, or a part of it, would run the type's code on data that Lambda never sent.)

use serde::de::IgnoredAny;
use serde_json::de::{Deserializer, SliceRead};
use serde_json::error::Category;

use super::json_path::{At, Walk, beginning};
use crate::error::Error;

/// The error of an event that cannot be read, and the search for its place.
#[derive(Debug)]
pub(crate) struct BadEvent<'a> {
    payload: &'a [u8],
    category: Category,
    /// The message of serde, without the place.
    reason: String,
    /// The offset of the place that serde reports, which the text of the type's own error may have made up.
    reported: usize,
    /// The number of bytes that the reader consumed. It is past the fault, and past the ends of the surrounding arrays
    /// and objects.
    consumed: usize,
}

impl<'a> BadEvent<'a> {
    /// Creates the value from serde's error and from the reader in the state after the error.
    #[cold]
    #[inline(never)]
    pub(crate) fn new(payload: &'a [u8], error: &serde_json::Error, json: Deserializer<SliceRead<'_>>) -> Self {
        let reported = offset(payload, error.line(), error.column());
        let consumed = json.into_iter::<IgnoredAny>().byte_offset();
        Self { payload, category: error.classify(), reason: reason(error), reported, consumed }
    }

    /// Returns the error to report for the invocation; `expected` is the name of the event's type.
    #[cold]
    #[inline(never)]
    pub(crate) fn to_error(&self, expected: &str) -> Error {
        let is_data = self.category == Category::Data;
        let place = if is_data && !self.is_plausible(self.reported) { self.consumed } else { self.reported };
        let path = if is_data { self.path(place) } else { self.path_of_syntax() };
        let before = &self.payload[..place];
        let line = before.split(|&byte| byte == b'\n').count();
        let column = before.iter().rev().take_while(|&&byte| byte != b'\n').count();
        let (start, rest) = split_around_long_quote(&self.reason);
        let dots = if start.len() + rest.len() < self.reason.len() { "…" } else { "" };
        let mut message = format!(
            "the event cannot be read as `{expected}`: at `{path}`: {start}{dots}{rest} at line {line} column {column}",
        );
        if self.reason.ends_with("expected a borrowed string") {
            message.push_str("; `&str` takes only strings without escapes, use `#[serde(borrow)] Cow<str>`");
        }
        if path == "$" && matches!(self.payload.trim_ascii_start(), [b'"', b'{' | b'[', ..]) {
            message.push_str("; the event is a string that holds JSON: was it encoded twice?");
        }
        Error::runtime("Runtime.InvalidEvent", message)
    }

    /// Returns whether the type itself may have raised an error at `place`: at the end of the last value, at the end of
    /// an array or object after it, or at the end of the consumed bytes.
    fn is_plausible(&self, place: usize) -> bool {
        let last = Walk::new(self.payload, self.consumed).last_token_end();
        let is_end = |place: usize| place == last || matches!(self.payload[place - 1], b']' | b'}');
        place == self.consumed || (last..self.consumed).contains(&place) && place > 0 && is_end(place)
    }

    /// Returns the path of an error that the type itself raised at `place`, or inside the value that ends there.
    #[cold]
    fn path(&self, place: usize) -> String {
        let walk = Walk::new(self.payload, place);
        match walk.at() {
            At::InKey => walk.path(true),
            // The reader stops inside a value only at malformed bytes.
            At::InValue => walk.path(false),
            At::AfterValue => walk.path(self.is_of_value(place, &walk)),
            // The name of an enum's variant has no path, and a duplicate member has no faulty value.
            At::AfterKey => walk.path(!self.reason.starts_with("unknown v") && !self.reason.starts_with("duplicate f")),
            At::BeforeValue => self.path_before(place, &walk),
            At::BeforeKey => walk.path(false),
        }
    }

    /// Returns the path for a reader that stopped before a value: either this value is an array or object of the wrong
    /// type, or the value before the comma is at fault.
    fn path_before(&self, place: usize, walk: &Walk<'_>) -> String {
        let next = self.payload[place..].trim_ascii_start().first();
        let is_wrong_type = match next {
            Some(b'[') => self.reason.contains("invalid type: sequence"),
            Some(b'{') => self.reason.contains("invalid type: map"),
            _ => false,
        };
        let is_malformed = !matches!(next, Some(b'[' | b'{' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n'));
        match self.payload[..place].trim_ascii_end() {
            // The fault may be in either value, or there is a value too many or missing: only the container is certain.
            [.., b','] if is_wrong_type || is_malformed || self.reason.contains("trailing c") => walk.path(false),
            [before @ .., b','] => Walk::new(self.payload, before.len()).path(true),
            _ => walk.path(is_wrong_type),
        }
    }

    /// Returns whether the error belongs to the value that ends at `place`, judging by the byte that follows.
    fn is_of_value(&self, place: usize, walk: &Walk<'_>) -> bool {
        match self.payload[place..].trim_ascii_start().first() {
            Some(b',' | b']') => true,
            // An enum with `tag` and `content` fails after its tag if the content comes before the tag. An error of the
            // string itself has its place there, not after the end of the object.
            Some(b'}') => !walk.is_later_string() || self.reported == place,
            _ => false,
        }
    }

    /// Returns the path of a malformed value, or of an array or object that is malformed between its values.
    #[cold]
    fn path_of_syntax(&self) -> String {
        let is_cut_off = self.category == Category::Eof;
        // The last byte before the reported place is the malformed one, unless the text is cut off.
        let before = Walk::new(self.payload, if is_cut_off { self.reported } else { self.reported.saturating_sub(1) });
        let after = Walk::new(self.payload, self.reported);
        match (self.reason.as_str(), before.at()) {
            // The object of an enum has a second member.
            ("expected value", _) if self.consumed >= self.reported && after.at() == At::AfterValue => {
                after.path(false)
            }
            ("invalid value: expected key to be a number in quotes", _) => after.path(true),
            ("expected ident" | "invalid number", _) => before.path(before.at() != At::BeforeKey),
            (reason, _) if reason.starts_with("expected `") || reason.starts_with("trailing") => before.path(false),
            (_, At::BeforeValue) => before.path(!is_cut_off || !before.is_in_array()),
            (_, at) => before.path(at == At::InValue),
        }
    }
}

/// Returns serde's message without the place at its end.
#[cold]
fn reason(error: &serde_json::Error) -> String {
    let mut reason = error.to_string();
    let place = reason.as_bytes().windows(9).rposition(|window| window == b" at line ");
    reason.truncate(place.filter(|_| error.line() > 0).unwrap_or(reason.len()));
    reason
}

/// Returns the offset of a line and column. It is at most the length of the payload, since the place may be made up.
#[cold]
fn offset(payload: &[u8], line: usize, column: usize) -> usize {
    let mut newlines = payload.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let start = if line < 2 { 0 } else { newlines.nth(line - 2).map_or(payload.len(), |(newline, _)| newline + 1) };
    start.saturating_add(column).min(payload.len())
}

/// Splits serde's message around a quote of the event that is too long. The parts do not contain the rest of the quote.
#[cold]
fn split_around_long_quote(reason: &str) -> (&str, &str) {
    let bytes = reason.as_bytes();
    let quotes: [&[u8]; 3] = [b": string \"", b"unknown variant `", b"unknown field `"];
    let start = (0..bytes.len()).find_map(|at| {
        let quote = quotes.iter().find(|quote| bytes[at..].starts_with(quote))?;
        Some(at + quote.len())
    });
    let Some(start) = start else { return (reason, "") };
    // The quote may contain these bytes itself. After the last of them, only the expectation follows.
    let is_end =
        |at: &usize| matches!(bytes[*at..], [b'"', b',', b' ', b'e', ..] | [b'`', b',', b' ', b'e' | b't', ..]);
    let end = (start..bytes.len()).rev().find(is_end).unwrap_or(bytes.len());
    let kept = start + beginning(&reason[start..end]).len();
    if kept < end { (&reason[..kept], &reason[end..]) } else { (reason, "") }
}
