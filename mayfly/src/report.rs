//! An error as Lambda takes it: the JSON body, the type in its header, the X-Ray cause.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::error::{Cause, Error, Frame};

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
        Self { body: body(error), error_type: header_type(error.name()), xray_cause: xray_cause(error) }
    }
}

/// Writes the JSON body, cutting long texts until it is small enough to be taken.
fn body(error: &Error) -> Vec<u8> {
    let mut longest = MAX_BODY / 2;
    loop {
        let json = json(&Wire { error, longest });
        if json.len() < MAX_BODY || longest == 0 {
            return json.into_bytes();
        }
        longest /= 2;
    }
}

/// The service takes the type only as `Runtime.` or `Function.`, a capital and letters; anything else would become
/// `Runtime.Unknown`. Ours are of that form; of a user's the last segment is kept if it is.
fn header_type(name: &str) -> String {
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_uppercase()) && word.chars().all(|c| c.is_ascii_alphabetic())
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
fn xray_cause(error: &Error) -> Option<String> {
    let escaped = ascii(&json(&Xray(error)));
    (escaped.len() <= MAX_XRAY_CAUSE).then_some(escaped)
}

/// Escapes everything that is not visible ASCII; in JSON that can only stand inside a string.
fn ascii(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if c == ' ' || c.is_ascii_graphic() {
            escaped.push(c);
        } else {
            escaped.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    escaped
}

/// Serializes what consists of strings and numbers only, which cannot fail.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "{}".to_owned())
}

/// Cuts a text to `longest` bytes and says so.
fn cut(text: &str, longest: usize) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    let end = (0..=longest).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    format!("{}… (cut; {} bytes in all)", &text[..end], text.len())
}

/// The JSON that callers see, with texts of at most `longest` bytes.
struct Wire<'a> {
    error: &'a Error,
    longest: usize,
}

impl Serialize for Wire<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let failure = self.error.failure();
        let trace: Vec<_> = failure.trace.iter().map(|frame| cut(&frame.to_string(), self.longest)).collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("errorType", &cut(&failure.name, self.longest))?;
        map.serialize_entry("errorMessage", &cut(&failure.message, self.longest))?;
        map.serialize_entry("stackTrace", &trace)?;
        if let Some(cause) = Chain::of(&failure.causes, self.longest) {
            map.serialize_entry("cause", &cause)?;
        }
        map.end()
    }
}

/// A cause and, inside it, its own.
struct Chain<'a> {
    cause: &'a Cause,
    rest: &'a [Cause],
    longest: usize,
}

impl<'a> Chain<'a> {
    fn of(causes: &'a [Cause], longest: usize) -> Option<Self> {
        let (cause, rest) = causes.split_first()?;
        Some(Self { cause, rest, longest })
    }
}

impl Serialize for Chain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(name) = &self.cause.name {
            map.serialize_entry("errorType", &cut(name, self.longest))?;
        }
        map.serialize_entry("errorMessage", &cut(&self.cause.message, self.longest))?;
        if let Some(cause) = Chain::of(self.rest, self.longest) {
            map.serialize_entry("cause", &cause)?;
        }
        map.end()
    }
}

/// The shape X-Ray reads: <https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html>.
struct Xray<'a>(&'a Error);

impl Serialize for Xray<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let failure = self.0.failure();
        let directory = std::env::current_dir().unwrap_or_default();
        let exception = serde_json::json!({
            "type": failure.name,
            "message": failure.message,
            "stack": failure.trace.iter().map(xray_frame).collect::<Vec<_>>(),
        });
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("working_directory", &directory.to_string_lossy())?;
        map.serialize_entry("exceptions", &[exception])?;
        map.serialize_entry("paths", &[(); 0])?;
        map.end()
    }
}

fn xray_frame(frame: &Frame) -> serde_json::Value {
    serde_json::json!({ "path": frame.path, "line": frame.line, "label": frame.label })
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
