//! `Walk`: how far a reader has come in a JSON text, and the path of the value there.
//!
//! Serde's own error has no path, and a deserializer that tracks one would have to be compiled once more for every
//! event type; so the bytes are walked again, which happens only after a failure.

use std::fmt::Write;
use std::ops::Range;

/// The most levels that are kept; `serde_json` reads no value that is nested deeper.
const DEEPEST: usize = 128;
/// The most characters of one key or value, which are the sender's text, in a message.
const LONGEST: usize = 40;
/// The most segments at either end of a path.
const SEGMENTS: usize = 10;

/// The first bytes of a JSON text, read up to some point.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    text: &'a [u8],
    open: Vec<Open>,
    /// Levels beyond [`DEEPEST`].
    deeper: usize,
    at: At,
    /// Where the last thing ends that is no white space, comma or closing bracket.
    solid: usize,
}

/// A place between or in the tokens of a JSON text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum At {
    /// A value is to begin.
    BeforeValue,
    InValue,
    AfterValue,
    /// A key is to begin.
    BeforeKey,
    InKey,
    /// A colon is to come.
    AfterKey,
}

/// An array or object that is not closed yet, with the place of its current value.
#[derive(Debug)]
enum Open {
    Array { index: usize },
    Object { index: usize, key: Option<Range<usize>> },
}

impl<'a> Walk<'a> {
    /// Walks the first `taken` bytes.
    #[cold]
    pub(crate) fn new(text: &'a [u8], taken: usize) -> Self {
        let mut walk = Self { text, open: Vec::new(), deeper: 0, at: At::BeforeValue, solid: 0 };
        let mut start = 0;
        while start < taken {
            let end = walk.token(start);
            if !matches!(text[start], b' ' | b'\n' | b'\t' | b'\r' | b',' | b']' | b'}') {
                walk.solid = end.min(taken);
            }
            if end > taken {
                walk.at = if walk.at == At::AfterKey { At::InKey } else { At::InValue };
            }
            start = end;
        }
        walk
    }

    pub(crate) fn at(&self) -> At {
        self.at
    }

    /// Where the last thing ends that is no white space, comma or closing bracket.
    pub(crate) fn solid(&self) -> usize {
        self.solid
    }

    /// Whether the innermost container is an array.
    pub(crate) fn is_in_array(&self) -> bool {
        self.deeper == 0 && matches!(self.open.last(), Some(Open::Array { .. }))
    }

    /// Whether a string was read last that is a member of an object, and not its first.
    pub(crate) fn is_later_string(&self) -> bool {
        let is_later = matches!(self.open.last(), Some(Open::Object { index: 1.., .. }));
        is_later && self.deeper == 0 && self.text[..self.solid].ends_with(b"\"")
    }

    /// The path, as in `$.items[1].price`, of the value or key that is to come, is being read or was read last; or of
    /// the array or object around it.
    #[cold]
    pub(crate) fn path(&self, is_of_value: bool) -> String {
        let levels = self.open.len() - usize::from(!is_of_value && self.deeper == 0 && !self.open.is_empty());
        let mut path = "$".to_owned();
        for (level, open) in self.open[..levels].iter().enumerate() {
            if level >= SEGMENTS && level + SEGMENTS < levels {
                path.push_str(if level == SEGMENTS { "…" } else { "" });
                continue;
            }
            match open {
                Open::Array { index } => {
                    let _ = write!(path, "[{index}]");
                }
                Open::Object { key: None, .. } => {}
                Open::Object { key: Some(key), .. } => push_key(&mut path, &self.text[key.clone()]),
            }
        }
        path.push_str(if self.deeper > 0 { "…" } else { "" });
        path
    }

    /// Takes the token that starts at `start`, and says where it ends in the whole text.
    fn token(&mut self, start: usize) -> usize {
        match self.text[start] {
            b' ' | b'\n' | b'\t' | b'\r' => {}
            b'[' => self.enter(Open::Array { index: 0 }, At::BeforeValue),
            b'{' => self.enter(Open::Object { index: 0, key: None }, At::BeforeKey),
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

    fn enter(&mut self, open: Open, at: At) {
        if self.open.len() < DEEPEST {
            self.open.push(open);
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
            Some(Open::Array { index }) if self.deeper == 0 => *index += 1,
            Some(Open::Object { index, key }) if self.deeper == 0 => {
                *index += 1;
                *key = None;
                self.at = At::BeforeKey;
            }
            _ => {}
        }
    }

    fn scalar(&mut self, token: Range<usize>) {
        self.at = At::AfterValue;
        if let Some(Open::Object { key: key @ None, .. }) = self.open.last_mut() {
            if self.deeper == 0 {
                *key = Some(token);
                self.at = At::AfterKey;
            }
        }
    }
}

/// How long the string is that `text` begins with, quotes included, if it ends.
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

/// How long the number or word is that `text` begins with.
fn scalar(text: &[u8]) -> Option<usize> {
    text.iter().position(|byte| b" \n\t\r,:[]{}\"".contains(byte))
}

/// As much of the sender's text as a message quotes.
#[cold]
pub(crate) fn beginning(text: &str) -> &str {
    let mut characters = text.char_indices().enumerate();
    let end = characters.find(|(position, (_, character))| *position == LONGEST || character.is_control());
    end.map_or(text, |(_, (end, _))| &text[..end])
}

/// Adds a key, which comes with its quotes, as it stands in the text.
fn push_key(path: &mut String, key: &[u8]) {
    let key = String::from_utf8_lossy(key);
    let key = key.trim_matches('"');
    let start = beginning(key);
    let is_word = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let (opening, closing) = if is_word { (".", "") } else { ("[\"", "\"]") };
    let dots = if start.len() < key.len() { "…" } else { "" };
    // Writing to a string does not fail.
    let _ = write!(path, "{opening}{start}{dots}{closing}");
}
