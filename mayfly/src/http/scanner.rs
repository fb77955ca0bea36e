//! `Scanner`: a position in the JSON of an event, which moves over eight bytes of a string at a time.

use std::borrow::Cow;
use std::fmt;

use crate::plain::plain;

/// The deepest nesting of a value that is skipped.
const DEEPEST: u32 = 64;

/// The JSON of an event and the position in it.
#[derive(Debug)]
pub(crate) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

/// The text is not JSON of the simplest kind, or not that of an HTTP event.
#[derive(Debug)]
pub(crate) struct Refused;

pub(crate) type Result<T> = std::result::Result<T, Refused>;

impl<'de> Scanner<'de> {
    pub(crate) fn new(text: &'de str) -> Self {
        Self { text, at: 0 }
    }

    /// Checks that nothing follows.
    pub(crate) fn end(&mut self) -> Result<()> {
        if self.peek().is_none() { Ok(()) } else { Err(Refused) }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Returns the next byte after any white space.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        loop {
            match self.byte()? {
                b' ' | b'\n' | b'\t' | b'\r' => self.at += 1,
                byte => return Some(byte),
            }
        }
    }

    /// Moves behind the next byte after any white space, if it is this one.
    pub(crate) fn pass(&mut self, expected: u8) -> bool {
        let is_there = self.peek() == Some(expected);
        self.at += usize::from(is_there);
        is_there
    }

    /// Moves behind these characters.
    pub(crate) fn word(&mut self, word: &str) -> Result<()> {
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return Err(Refused);
        }
        self.at += word.len();
        Ok(())
    }

    /// Moves behind the next quote or backslash of a string, and returns it.
    fn plain(&mut self) -> Result<u8> {
        self.at += plain(&self.text.as_bytes()[self.at..]);
        let end = self.byte().filter(|byte| matches!(byte, b'"' | b'\\')).ok_or(Refused)?;
        self.at += 1;
        Ok(end)
    }

    /// Reads the rest of a string, behind its opening quote.
    pub(crate) fn string(&mut self) -> Result<Cow<'de, str>> {
        let rest = &self.text.as_bytes()[self.at..];
        let length = plain(rest);
        let (start, end) = (self.at, self.at + length);
        self.at = end + 1;
        match rest.get(length) {
            Some(b'"') => Ok(Cow::Borrowed(&self.text[start..end])),
            Some(b'\\') => self.escaped(&self.text[start..end]).map(Cow::Owned),
            _ => Err(Refused),
        }
    }

    /// Reads the rest of a string, behind its first backslash.
    fn escaped(&mut self, before: &str) -> Result<String> {
        let mut text = String::with_capacity(before.len() + 64);
        text.push_str(before);
        loop {
            text.push(self.escape()?);
            let rest = &self.text.as_bytes()[self.at..];
            let length = plain(rest);
            text.push_str(&self.text[self.at..self.at + length]);
            self.at += length + 1;
            match rest.get(length) {
                Some(b'"') => return Ok(text),
                Some(b'\\') => {}
                _ => return Err(Refused),
            }
        }
    }

    /// Reads an escape, behind its backslash.
    fn escape(&mut self) -> Result<char> {
        let byte = self.byte().ok_or(Refused)?;
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => {
                let first = self.four_digits()?;
                if !(0xd800..0xdc00).contains(&first) {
                    return char::from_u32(first).ok_or(Refused);
                }
                self.word("\\u")?;
                let second = self.four_digits()?;
                if !(0xdc00..0xe000).contains(&second) {
                    return Err(Refused);
                }
                char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)).ok_or(Refused)?
            }
            _ => return Err(Refused),
        })
    }

    fn four_digits(&mut self) -> Result<u32> {
        let digits = self.text.as_bytes()[self.at..].first_chunk::<4>().ok_or(Refused)?;
        self.at += 4;
        digits.iter().try_fold(0, |sum, &digit| Some(sum << 4 | char::from(digit).to_digit(16)?)).ok_or(Refused)
    }

    /// Reads a whole number.
    pub(crate) fn number(&mut self) -> Result<u64> {
        let start = self.at;
        let digits = self.digits()?;
        let has_leading_zero = self.text.as_bytes()[start] == b'0' && digits > 1;
        if has_leading_zero || digits > 18 || matches!(self.byte(), Some(b'.' | b'e' | b'E')) {
            return Err(Refused);
        }
        let number = self.text.as_bytes()[start..self.at].iter();
        Ok(number.fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
    }

    /// Moves over at least one digit; returns their number.
    fn digits(&mut self) -> Result<usize> {
        let digits = self.text.as_bytes()[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += digits;
        if digits > 0 { Ok(digits) } else { Err(Refused) }
    }

    /// Moves over a value.
    pub(crate) fn skip(&mut self, depth: u32) -> Result<()> {
        if depth > DEEPEST {
            return Err(Refused);
        }
        match self.peek().ok_or(Refused)? {
            b'"' => {
                self.at += 1;
                while self.plain()? == b'\\' {
                    self.escape()?;
                }
                Ok(())
            }
            b'{' => self.skip_members(depth),
            b'[' => self.skip_elements(depth),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => self.skip_number(),
        }
    }

    /// Moves over a number.
    fn skip_number(&mut self) -> Result<()> {
        self.at += usize::from(self.byte() == Some(b'-'));
        let has_zero = self.byte() == Some(b'0');
        if self.digits()? > 1 && has_zero {
            return Err(Refused);
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.byte(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(())
    }

    fn skip_members(&mut self, depth: u32) -> Result<()> {
        self.pass(b'{');
        let mut is_first = true;
        while self.next_key(&mut is_first)? {
            self.pass(b'"');
            self.string()?;
            if !self.pass(b':') {
                return Err(Refused);
            }
            self.skip(depth + 1)?;
        }
        Ok(())
    }

    fn skip_elements(&mut self, depth: u32) -> Result<()> {
        self.pass(b'[');
        let mut is_first = true;
        while self.next(b']', &mut is_first)? {
            self.skip(depth + 1)?;
        }
        Ok(())
    }

    /// Moves to the next key of an object; returns false at the end.
    pub(crate) fn next_key(&mut self, is_first: &mut bool) -> Result<bool> {
        // The sources write no white space.
        if !*is_first && self.text.as_bytes()[self.at..].starts_with(b",\"") {
            self.at += 1;
            return Ok(true);
        }
        let has_more = self.next(b'}', is_first)?;
        if has_more && self.peek() != Some(b'"') { Err(Refused) } else { Ok(has_more) }
    }

    /// Moves to the next item of an object or an array; returns false at the end.
    pub(crate) fn next(&mut self, end: u8, is_first: &mut bool) -> Result<bool> {
        if self.pass(end) {
            return Ok(false);
        }
        if !std::mem::take(is_first) && (!self.pass(b',') || self.peek() == Some(end)) {
            return Err(Refused);
        }
        Ok(true)
    }
}

impl serde::de::Error for Refused {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl std::error::Error for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not JSON of the simplest kind")
    }
}
