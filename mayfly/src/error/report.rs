//! `Report`: an error as the Runtime API accepts it, a JSON body and two headers.

use std::fmt::Write;

use super::failure::{Error, Parts};
use super::frame::Frame;
use super::limits;
use super::text::{cut, within, within_at_least};
use crate::json::Json;

/// The body and the two headers of an error's request.
#[derive(Debug)]
pub(crate) struct Report {
    /// A JSON object with `errorType`, `errorMessage`, `stackTrace` and, if there is one, `cause`.
    pub(crate) body: Vec<u8>,
    /// The value of `Lambda-Runtime-Function-Error-Type`.
    pub(crate) error_type: String,
    /// The value of `Lambda-Runtime-Function-XRay-Error-Cause`.
    pub(crate) xray_cause: String,
}

impl Report {
    pub(crate) fn of(error: &Error) -> Self {
        let parts = error.parts();
        Self {
            body: within(limits::BODY, &|longest| body(parts, longest, limits::FRAMES)).into_bytes(),
            error_type: header_type(error.name()),
            xray_cause: within(limits::XRAY_CAUSE, &|longest| ascii(&xray(parts, longest))),
        }
    }

    /// Creates a report whose body has at most `limit` bytes, for the trailers of a stream, which have no place for an
    /// X-Ray cause. It leaves out causes and frames from the middle of their chains before it cuts a text to less than
    /// [`limits::SHORT_TEXT`].
    pub(crate) fn within(error: &Error, limit: usize) -> Self {
        let parts = error.parts();
        let mut ends = limits::FRAMES;
        let body = loop {
            let shortest = if ends == 0 { 0 } else { limits::SHORT_TEXT };
            let body = within_at_least(limit, shortest, &|longest| body(parts, longest, ends));
            if body.len() <= limit || ends == 0 {
                break body.into_bytes();
            }
            ends /= 2;
        };
        Self { body, error_type: header_type(error.name()), xray_cause: String::new() }
    }
}

/// Writes the JSON that callers see, with texts of at most `longest` bytes and at most `ends` causes and frames at each
/// end of their chains.
fn body(parts: &Parts, longest: usize, ends: usize) -> String {
    let mut causes = Vec::new();
    parts.causes.each_of_ends(ends, &mut |cause| {
        let name = cause.name.as_deref().map(|name| cut(name, longest).into_owned());
        causes.push((name, cause.message.cut(longest).into_owned()));
    });
    let mut json = Json::default();
    json.object(|json| {
        json.key("errorType").text(&cut(&parts.name, longest));
        json.key("errorMessage").text(&parts.message.cut(longest));
        json.key("stackTrace").array(|json| {
            parts.trace.each_of_ends(ends, &mut |frame| json.text(&cut(&frame.to_string(), longest)));
        });
        cause(json, &causes);
    });
    json.into_text()
}

/// Writes the first cause as a member, which holds the next cause in turn.
fn cause(json: &mut Json, causes: &[(Option<String>, String)]) {
    let Some(((name, message), further)) = causes.split_first() else { return };
    json.key("cause").object(|json| {
        if let Some(name) = name {
            json.key("errorType").text(name);
        }
        json.key("errorMessage").text(message);
        cause(json, further);
    });
}

/// Returns the error type for the header. The service accepts only `Runtime.` or `Function.` followed by a capital and
/// letters, and replaces anything else by `Runtime.Unknown`. Mayfly's own names have that form; of another name the
/// last segment is used if it is a capital and letters, else `Unknown`.
fn header_type(name: &str) -> String {
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_uppercase()) && word.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    if let Some(("Runtime" | "Function", word)) = name.split_once('.')
        && is_word(word)
    {
        return name.to_owned();
    }
    let plain = name.split('<').next().unwrap_or(name);
    let last = plain.rsplit("::").next().unwrap_or(plain);
    if is_word(last) { format!("Function.{last}") } else { "Function.Unknown".to_owned() }
}

/// Writes the JSON that X-Ray reads: <https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html>.
fn xray(parts: &Parts, longest: usize) -> String {
    let directory = std::env::current_dir().unwrap_or_default();
    let shortened = |text: &Option<String>| text.as_deref().map(|text| cut(text, longest).into_owned());
    let mut json = Json::default();
    json.object(|json| {
        json.key("working_directory").text(&cut(&directory.to_string_lossy(), longest));
        json.key("exceptions").array(|json| {
            json.object(|json| {
                json.key("message").text(&parts.message.cut(longest));
                json.key("stack").array(|json| {
                    parts.trace.each(&mut |Frame { label, path, line, .. }| {
                        json.object(|json| {
                            json.key("label").text_or_null(shortened(label).as_deref());
                            json.key("line").plain(line);
                            json.key("path").text_or_null(shortened(path).as_deref());
                        });
                    });
                });
                json.key("type").text(&cut(&parts.name, longest));
            });
        });
        json.key("paths").array(|_| {});
    });
    json.into_text()
}

/// Escapes every character of a JSON text that is not visible ASCII, so that the text can be a header's value. In
/// Mayfly's JSON, such characters occur only inside strings.
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

    fn json(error: &Error) -> Value {
        let body = Report::of(error).body;
        serde_json::from_slice(&body).unwrap()
    }

    #[test]
    fn the_error_type_in_the_header_has_the_form_that_the_service_accepts() {
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
    fn each_cause_contains_the_next() {
        let error = Error::new("A", "first").context("second").context("third");
        let json = json(&error);
        assert_eq!(json["errorMessage"], "third");
        assert_eq!(json["cause"]["errorMessage"], "second");
        assert_eq!(json["cause"]["cause"]["errorMessage"], "first");
        assert_eq!(json["cause"]["cause"]["cause"], Value::Null);
    }

    #[test]
    fn a_message_of_two_mebibytes_is_cut_and_still_valid_json() {
        for text in ["x".repeat(2 << 20), "\u{1}".repeat(2 << 20), "\u{1f600}".repeat(1 << 19)] {
            let json = json(&Error::new("Long", &text).context(&text).context(&text));
            let message = json["errorMessage"].as_str().unwrap();
            assert!(message.ends_with("(cut; at least 2097152 bytes in all)"), "{}", message.len());
        }
    }

    #[test]
    fn a_short_report_leaves_out_causes_and_frames_before_it_cuts_the_message() {
        let mut error = Error::new("Deep", "first");
        for number in 0..200 {
            error = error.context(format!("cause {number}"));
        }
        error = error.context("the message\nwith lines ".repeat(10));
        for limit in [2_000, 2_900, 8_000] {
            let report = Report::within(&error, limit);
            assert!(report.body.len() <= limit, "{}", report.body.len());
            let json: Value = serde_json::from_slice(&report.body).unwrap();
            assert_eq!(json["errorMessage"], error.message());
            assert_eq!(json["cause"]["errorMessage"], "cause 199");
            let whole = String::from_utf8(report.body).unwrap();
            assert!(whole.contains("causes left out: ") && whole.contains("\"first\""), "{whole}");
        }
        let whole = Report::of(&error).body;
        assert_eq!(Report::within(&error, whole.len()).body, whole);
    }

    #[test]
    fn a_short_report_of_a_long_message_is_cut_and_still_valid_json() {
        for text in ["x\n".repeat(1 << 20), "\u{1}".repeat(2 << 20), "\u{1f600}".repeat(1 << 19)] {
            let error = Error::new("\u{1}".repeat(300), &text).context(&text).context(&text);
            let body = Report::within(&error, 2_900).body;
            assert!((300..=2_900).contains(&body.len()), "{}", body.len());
            let json: Value = serde_json::from_slice(&body).unwrap();
            let message = json["errorMessage"].as_str().unwrap();
            assert!(message.ends_with("(cut; at least 2097152 bytes in all)"), "{message}");
        }
    }

    #[test]
    fn the_xray_cause_is_visible_ascii_of_limited_length() {
        let cause = Report::of(&Error::new("Odd", "\"quoted\"\nline \u{e9}\u{1f600}\u{7f}")).xray_cause;
        assert!(cause.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()), "{cause}");
        let json: Value = serde_json::from_str(&cause).unwrap();
        assert_eq!(json["exceptions"][0]["message"], "\"quoted\"\nline \u{e9}\u{1f600}\u{7f}");
        assert_eq!(json["exceptions"][0]["stack"][0]["path"], file!());
        let cause = Report::of(&Error::new("Long", "\u{e9}".repeat(70_000))).xray_cause;
        let json: Value = serde_json::from_str(&cause).unwrap();
        let message = json["exceptions"][0]["message"].as_str().unwrap();
        assert!(message.ends_with("(cut; at least 140000 bytes in all)"), "{message}");
    }
}
