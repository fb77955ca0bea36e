//! `Text`: a message of an error, cut at the limit.

use std::borrow::Cow;
use std::fmt::{self, Write};

use super::limits;

/// A text of at most [`limits::TEXT`] bytes, followed by a note if it was cut.
#[derive(Debug)]
pub(crate) struct Text {
    text: String,
    /// The length of the uncut text in bytes, as far as it is known.
    length: usize,
}

impl Text {
    /// Formats a value by its `Display`, up to the limit.
    #[cold]
    #[inline(never)]
    pub(crate) fn of(value: &dyn fmt::Display) -> Self {
        let mut written = Self { text: String::new(), length: 0 };
        let outcome = write!(written, "{value}");
        if written.is_cut() {
            let length = written.length;
            push_note(&mut written.text, length);
        } else if outcome.is_err() {
            // `to_string` would panic here.
            written.text.push_str("… (its formatting failed)");
        }
        written
    }

    /// Inserts a short text at the beginning.
    pub(crate) fn prefix(&mut self, prefix: &str) {
        self.text.insert_str(0, prefix);
        self.length = self.length.saturating_add(prefix.len());
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the text, cut to `longest` bytes.
    pub(crate) fn cut(&self, longest: usize) -> Cow<'_, str> {
        cut_of(&self.text, self.length, longest)
    }

    fn is_cut(&self) -> bool {
        self.length > self.text.len()
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        if text.len() > limits::TEXT { Self::of(&text) } else { Self { length: text.len(), text } }
    }
}

impl Write for Text {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let room = if self.is_cut() { 0 } else { limits::TEXT.saturating_sub(self.text.len()) };
        self.length = self.length.saturating_add(part.len());
        self.text.push_str(beginning(part, room));
        // The error stops an endless `Display`.
        if self.is_cut() { Err(fmt::Error) } else { Ok(()) }
    }
}

/// Cuts a text to `longest` bytes and adds a note if it was longer.
pub(crate) fn cut(text: &str, longest: usize) -> Cow<'_, str> {
    cut_of(text, text.len(), longest)
}

fn cut_of(text: &str, length: usize, longest: usize) -> Cow<'_, str> {
    if text.len() <= longest {
        return Cow::Borrowed(text);
    }
    let mut kept = beginning(text, longest).to_owned();
    push_note(&mut kept, length);
    Cow::Owned(kept)
}

/// Appends the note that a text was cut.
fn push_note(text: &mut String, length: usize) {
    let _ = write!(text, "… (cut; at least {length} bytes in all)");
}

/// Cuts a name to [`limits::NAME`] bytes.
pub(crate) fn name(name: Cow<'static, str>) -> Cow<'static, str> {
    const ELLIPSIS: &str = "…";
    if name.len() <= limits::NAME {
        return name;
    }
    Cow::Owned(beginning(&name, limits::NAME - ELLIPSIS.len()).to_owned() + ELLIPSIS)
}

/// Returns whether `text` contains `part`. It is not inlined, to have its half kilobyte of code in the binary once.
#[inline(never)]
pub(crate) fn has(text: &str, part: &str) -> bool {
    text.contains(part)
}

/// Returns at most the first `longest` bytes of a text, up to a character boundary.
fn beginning(text: &str, longest: usize) -> &str {
    let end = (0..=longest.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    &text[..end.unwrap_or(0)]
}

/// Calls `write` with an ever smaller limit for each text, until the result has at most `limit` bytes.
pub(crate) fn within(limit: usize, write: &dyn Fn(usize) -> String) -> String {
    within_at_least(limit, 0, write)
}

/// Does the same, but cuts no text to less than `shortest` bytes. The result may then have more than `limit` bytes.
pub(crate) fn within_at_least(limit: usize, shortest: usize, write: &dyn Fn(usize) -> String) -> String {
    let mut longest = limits::TEXT.next_power_of_two();
    loop {
        let written = write(longest);
        if written.len() <= limit || longest <= shortest {
            return written;
        }
        longest /= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A `Display` that never ends by itself.
    struct Endless;

    impl fmt::Display for Endless {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            loop {
                f.write_str("more ")?;
            }
        }
    }

    /// A `Display` that writes twice and ignores errors.
    struct Careless(usize);

    impl fmt::Display for Careless {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let _ = f.write_str(&"\u{1f600}".repeat(self.0));
            let _ = f.write_str("x");
            Ok(())
        }
    }

    struct Broken;

    impl fmt::Display for Broken {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("half")?;
            Err(fmt::Error)
        }
    }

    #[test]
    fn a_text_is_cut_at_the_limit_and_notes_its_length() {
        let whole = "x".repeat(limits::TEXT);
        let cut = |length: usize| format!("{whole}… (cut; at least {length} bytes in all)");
        assert_eq!(Text::of(&whole).as_str(), whole);
        assert_eq!(Text::of(&"x".repeat(10_000_000)).as_str(), cut(10_000_000));
        assert_eq!(Text::from("x".repeat(10_000_000)).as_str(), cut(10_000_000));
        assert_eq!(Text::from(whole.clone()).as_str(), whole);
        let endless = Text::of(&Endless);
        assert!(endless.as_str().ends_with(&cut(limits::TEXT + "more ".len())[limits::TEXT..]), "{}", endless.length);
        for count in [limits::TEXT / 4 - 1, limits::TEXT / 4, limits::TEXT / 4 + 1] {
            let careless = Text::of(&Careless(count));
            let is_cut = careless.as_str().ends_with(&cut(4 * count + 1)[limits::TEXT..]);
            assert_eq!(is_cut, 4 * count + 1 > limits::TEXT, "{count}");
        }
        assert_eq!(Text::of(&Broken).as_str(), "half… (its formatting failed)");
    }

    #[test]
    fn a_text_that_is_cut_twice_notes_its_original_length() {
        let mut text = Text::of(&"\u{e9}".repeat(1_000_000));
        text.prefix("init: ");
        assert_eq!(text.cut(9), "init: \u{e9}… (cut; at least 2000006 bytes in all)");
        assert_eq!(text.cut(limits::TEXT.next_power_of_two()), text.as_str());
        assert_eq!(Text::of(&"short").cut(5), "short");
    }

    #[test]
    fn a_name_is_cut_at_a_character_boundary() {
        let longest = "n".repeat(limits::NAME);
        assert_eq!(name(longest.clone().into()), longest);
        assert_eq!(name("\u{e9}".repeat(limits::NAME).into()), "\u{e9}".repeat(126) + "…");
    }

    #[test]
    fn texts_are_shortened_until_the_whole_fits_the_limit() {
        let text = "x".repeat(100_000);
        assert_eq!(within(200_000, &|longest| cut(&text[..60_000], longest).repeat(3)), text[..60_000].repeat(3));
        let shortened = within(50_000, &|longest| cut(&text, longest).into_owned());
        assert_eq!(shortened, cut(&text, 32 << 10));
        assert_eq!(within(5, &|longest| format!("{longest}, no less")), "0, no less");
    }
}
