//! An error as Lambda takes it: the JSON body, the type in its header, the X-Ray cause.

use std::borrow::Cow;
use std::fmt::Write;

use crate::error::{Error, Failure, Frame};
use crate::json::Json;

/// Lambda takes error bodies below one MiB.
const MAX_BODY: usize = 1 << 20;
/// Lambda takes X-Ray causes up to 64 KiB.
const MAX_XRAY_CAUSE: usize = 64 << 10;

/// What goes out for an error: a body and two headers.
#[derive(Debug)]
pub(crate) struct Report {
    /// `{"errorType","errorMessage","stackTrace"}`, and `cause` where there is one.
    pub(crate) body: Vec<u8>,
    /// `Lambda-Runtime-Function-Error-Type`.
    pub(crate) error_type: String,
    /// `Lambda-Runtime-Function-XRay-Error-Cause`, where it is small enough.
    pub(crate) xray_cause: Option<String>,
}

impl Report {
    pub(crate) fn of(error: &Error) -> Self {
        Self {
            body: body(error.failure()),
            error_type: header_type(error.name()),
            xray_cause: xray_cause(error.failure()),
        }
    }
}

/// Writes the JSON body, cutting long texts until it is small enough to be taken.
fn body(failure: &Failure) -> Vec<u8> {
    let mut longest = MAX_BODY / 2;
    loop {
        let json = wire(failure, longest);
        if json.len() < MAX_BODY || longest == 0 {
            return json;
        }
        longest /= 2;
    }
}

/// The JSON that callers see, with texts of at most `longest` bytes; each cause stands inside the one before.
fn wire(failure: &Failure, longest: usize) -> Vec<u8> {
    let mut json = Json::default();
    json.open(b'{');
    json.key("errorType").text(&cut(&failure.name, longest));
    json.key("errorMessage").text(&cut(&failure.message, longest));
    json.key("stackTrace").open(b'[');
    for frame in &failure.trace {
        json.text(&cut(&format!("{frame}"), longest));
    }
    json.close(b']');
    for cause in &failure.causes {
        json.key("cause").open(b'{');
        if let Some(name) = &cause.name {
            json.key("errorType").text(&cut(name, longest));
        }
        json.key("errorMessage").text(&cut(&cause.message, longest));
    }
    for _ in &failure.causes {
        json.close(b'}');
    }
    json.close(b'}');
    json.into_bytes()
}

/// Cuts a text to `longest` bytes and says so.
pub(crate) fn cut(text: &str, longest: usize) -> Cow<'_, str> {
    if text.len() <= longest {
        return Cow::Borrowed(text);
    }
    let end = (0..=longest).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    Cow::Owned(format!("{}… (cut; {} bytes in all)", &text[..end], text.len()))
}

/// The service takes the type only as `Runtime.` or `Function.`, a capital and letters; anything else would become
/// `Runtime.Unknown`. Ours are of that form; of a user's the last segment is kept if it is.
fn header_type(name: &str) -> String {
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_uppercase()) && word.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    if let Some(("Runtime" | "Function", word)) = name.split_once('.') {
        if is_word(word) {
            return name.to_owned();
        }
    }
    let plain = name.split('<').next().unwrap_or(name);
    let last = plain.rsplit("::").next().unwrap_or(plain);
    if is_word(last) { format!("Function.{last}") } else { "Function.Unknown".to_owned() }
}

/// Writes the X-Ray cause in visible ASCII, as a header must be.
fn xray_cause(failure: &Failure) -> Option<String> {
    let escaped = ascii(&xray(failure));
    (escaped.len() <= MAX_XRAY_CAUSE).then_some(escaped)
}

/// The shape X-Ray reads: <https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html>.
fn xray(failure: &Failure) -> String {
    let directory = std::env::current_dir().unwrap_or_default();
    let mut json = Json::default();
    json.open(b'{');
    json.key("working_directory").text(&directory.to_string_lossy());
    json.key("exceptions").open(b'[');
    json.open(b'{');
    json.key("message").text(&failure.message);
    json.key("stack").open(b'[');
    for Frame { label, path, line, .. } in &failure.trace {
        json.open(b'{');
        json.key("label").text_or_null(label.as_deref());
        json.key("line").plain(line);
        json.key("path").text_or_null(path.as_deref());
        json.close(b'}');
    }
    json.close(b']');
    json.key("type").text(&failure.name);
    json.close(b'}');
    json.close(b']');
    json.key("paths").open(b'[');
    json.close(b']');
    json.close(b'}');
    json.into_text()
}

/// Escapes everything that is not visible ASCII; in JSON that can only stand inside a string.
fn ascii(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if c == ' ' || c.is_ascii_graphic() {
            escaped.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn wire(error: &Error) -> Value {
        let body = Report::of(error).body;
        assert!(body.len() < MAX_BODY, "{}", body.len());
        serde_json::from_slice(&body).unwrap()
    }

    #[test]
    fn header_takes_only_what_the_service_takes() {
        for (name, header) in [
            ("Runtime.HandlerPanic", "Runtime.HandlerPanic"),
            ("Function.Refused", "Function.Refused"),
            ("my_app::orders::Refused", "Function.Refused"),
            ("my_app::Generic<alloc::string::String>", "Function.Generic"),
            ("OrderRejected", "Function.OrderRejected"),
            ("Error404", "Function.Unknown"),
            ("Runtime.not", "Function.Unknown"),
            ("lower", "Function.Unknown"),
            ("", "Function.Unknown"),
            ("New\nLine", "Function.Unknown"),
        ] {
            assert_eq!(header_type(name), header, "{name}");
        }
    }

    #[test]
    fn causes_stand_inside_one_another() {
        let error = Error::new("A", "first").context("second").context("third");
        let wire = wire(&error);
        assert_eq!(wire["errorMessage"], "third");
        assert_eq!(wire["cause"]["errorMessage"], "second");
        assert_eq!(wire["cause"]["cause"]["errorMessage"], "first");
        assert_eq!(wire["cause"]["cause"]["cause"], Value::Null);
    }

    #[test]
    fn two_mebibytes_of_message_are_cut_and_still_json() {
        for text in ["x".repeat(2 << 20), "\u{1}".repeat(2 << 20), "\u{1f600}".repeat(1 << 19)] {
            let error = Error::new("Long", &text).context(&text).context(&text);
            let wire = wire(&error);
            assert!(wire["errorMessage"].as_str().unwrap().ends_with("(cut; 2097152 bytes in all)"));
        }
    }

    #[test]
    fn xray_cause_is_visible_ascii_or_left_out() {
        let cause = Report::of(&Error::new("Odd", "\"quoted\"\nline \u{e9}\u{1f600}\u{7f}")).xray_cause.unwrap();
        assert!(cause.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()), "{cause}");
        let json: Value = serde_json::from_str(&cause).unwrap();
        assert_eq!(json["exceptions"][0]["message"], "\"quoted\"\nline \u{e9}\u{1f600}\u{7f}");
        assert_eq!(json["exceptions"][0]["stack"][0]["path"], file!());
        assert_eq!(Report::of(&Error::new("Long", "x".repeat(70_000))).xray_cause, None);
    }
}
