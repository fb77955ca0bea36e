//! `Walk`: a second pass over a JSON text up to some byte, which gives the path of the value there.
//!
//! Serde's own error has no path, and a deserializer that tracks the path would be compiled again for every event type.
//! So the bytes are read a second time, only after a failure.

use std::fmt::Write;
use std::ops::Range;

/// The number of levels that are kept. `serde_json` reads no value that is nested deeper.
const MAX_LEVELS: usize = 128;
/// The most characters of one key or value, which are the sender's text, in a message.
const MAX_QUOTE_CHARACTERS: usize = 40;
/// The most segments at each end of a path.
const MAX_SEGMENTS: usize = 10;

/// A pass over the first bytes of a JSON text.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    text: &'a [u8],
    open: Vec<Container>,
    /// The number of open levels beyond [`MAX_LEVELS`].
    deeper: usize,
    at: At,
    /// The end of the last token that is not white space, a comma or a closing bracket.
    last_token_end: usize,
}

/// A position between or inside the tokens of a JSON text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum At {
    BeforeValue,
    InValue,
    AfterValue,
    BeforeKey,
    InKey,
    /// After a key, before its colon.
    AfterKey,
}

/// An array or object that is still open, with the position of its current value.
#[derive(Debug)]
enum Container {
    Array { index: usize },
    Object { index: usize, key: Option<Range<usize>> },
}

impl<'a> Walk<'a> {
    /// Reads the first `length` bytes of `text`.
    #[cold]
    pub(crate) fn new(text: &'a [u8], length: usize) -> Self {
        let mut walk = Self { text, open: Vec::new(), deeper: 0, at: At::BeforeValue, last_token_end: 0 };
        let mut start = 0;
        while start < length {
            let end = walk.token(start);
            if !matches!(text[start], b' ' | b'\n' | b'\t' | b'\r' | b',' | b']' | b'}') {
                walk.last_token_end = end.min(length);
            }
            if end > length {
                walk.at = if walk.at == At::AfterKey { At::InKey } else { At::InValue };
            }
            start = end;
        }
        walk
    }

    pub(crate) fn at(&self) -> At {
        self.at
    }

    /// Returns the end of the last token that is not white space, a comma or a closing bracket.
    pub(crate) fn last_token_end(&self) -> usize {
        self.last_token_end
    }

    /// Returns whether the innermost container is an array.
    pub(crate) fn is_in_array(&self) -> bool {
        self.deeper == 0 && matches!(self.open.last(), Some(Container::Array { .. }))
    }

    /// Returns whether the last token is a string that is the value of an object's member other than the first.
    pub(crate) fn is_later_string(&self) -> bool {
        let is_later = matches!(self.open.last(), Some(Container::Object { index: 1.., .. }));
        is_later && self.deeper == 0 && self.text[..self.last_token_end].ends_with(b"\"")
    }

    /// Returns the path of the current value, such as `$.items[1].price`, or of the array or object around it if
    /// `is_of_value` is false. The current value or key is the next one, the unfinished one or the last one.
    #[cold]
    pub(crate) fn path(&self, is_of_value: bool) -> String {
        let levels = self.open.len() - usize::from(!is_of_value && self.deeper == 0 && !self.open.is_empty());
        let mut path = "$".to_owned();
        for (level, container) in self.open[..levels].iter().enumerate() {
            if level >= MAX_SEGMENTS && level + MAX_SEGMENTS < levels {
                path.push_str(if level == MAX_SEGMENTS { "…" } else { "" });
                continue;
            }
            match container {
                Container::Array { index } => {
                    let _ = write!(path, "[{index}]");
                }
                Container::Object { key: None, .. } => {}
                Container::Object { key: Some(key), .. } => push_key(&mut path, &self.text[key.clone()]),
            }
        }
        path.push_str(if self.deeper > 0 { "…" } else { "" });
        path
    }

    /// Reads the token that starts at `start`. Returns its end in the whole text.
    fn token(&mut self, start: usize) -> usize {
        match self.text[start] {
            b' ' | b'\n' | b'\t' | b'\r' => {}
            b'[' => self.enter(Container::Array { index: 0 }, At::BeforeValue),
            b'{' => self.enter(Container::Object { index: 0, key: None }, At::BeforeKey),
            b']' | b'}' => self.leave(),
            b',' => self.next(),
            b':' => self.at = At::BeforeValue,
            first => {
                let rest = &self.text[start..];
                let length = if first == b'"' { string(rest) } else { scalar(rest) };
                let end = start + length.unwrap_or(rest.len());
                self.scalar(start..end);
                return end;
            }
        }
        start + 1
    }

    fn enter(&mut self, container: Container, at: At) {
        if self.open.len() < MAX_LEVELS {
            self.open.push(container);
        } else {
            self.deeper += 1;
        }
        self.at = at;
    }

    fn leave(&mut self) {
        if self.deeper > 0 {
            self.deeper -= 1;
        } else {
            self.open.pop();
        }
        self.at = At::AfterValue;
    }

    fn next(&mut self) {
        self.at = At::BeforeValue;
        match self.open.last_mut() {
            Some(Container::Array { index }) if self.deeper == 0 => *index += 1,
            Some(Container::Object { index, key }) if self.deeper == 0 => {
                *index += 1;
                *key = None;
                self.at = At::BeforeKey;
            }
            _ => {}
        }
    }

    fn scalar(&mut self, token: Range<usize>) {
        self.at = At::AfterValue;
        if let Some(Container::Object { key: key @ None, .. }) = self.open.last_mut()
            && self.deeper == 0
        {
            *key = Some(token);
            self.at = At::AfterKey;
        }
    }
}

/// Returns the length of the string at the beginning of `text` with its quotes; `None` if the string does not end.
#[cold]
fn string(text: &[u8]) -> Option<usize> {
    let mut is_escaped = false;
    let content = text.iter().skip(1).position(|&byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    });
    content.map(|content| content + 2)
}

/// Returns the length of the number or word at the beginning of `text`; `None` if it reaches to the end.
fn scalar(text: &[u8]) -> Option<usize> {
    text.iter().position(|byte| b" \n\t\r,:[]{}\"".contains(byte))
}

/// Returns the beginning of the sender's text, as much as a message quotes.
#[cold]
pub(crate) fn beginning(text: &str) -> &str {
    let mut characters = text.char_indices().enumerate();
    let end = characters.find(|(position, (_, character))| *position == MAX_QUOTE_CHARACTERS || character.is_control());
    end.map_or(text, |(_, (end, _))| &text[..end])
}

/// Appends a key to a path. `key` is the key's bytes in the text, including the quotes.
fn push_key(path: &mut String, key: &[u8]) {
    let key = String::from_utf8_lossy(key);
    let key = key.trim_matches('"');
    let start = beginning(key);
    let is_word = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let (opening, closing) = if is_word { (".", "") } else { ("[\"", "\"]") };
    let dots = if start.len() < key.len() { "…" } else { "" };
    // Writing to a string cannot fail.
    let _ = write!(path, "{opening}{start}{dots}{closing}");
}
