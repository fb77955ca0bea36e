//! [`InvokeResult`]: the result of an invocation, as it is printed.

use std::time::Duration;

use bytes::Bytes;
use cargo_mayfly::emulator::{ErrorReport, Report};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::console;

/// The result of an invocation: a reply or an error, with its REPORT line and logs.
pub(crate) struct InvokeResult {
    pub(crate) reply: Option<Bytes>,
    /// Whether the reply, or a part of it before the error, was printed while it arrived.
    pub(crate) is_printed: bool,
    pub(crate) error: Option<ErrorReport>,
    pub(crate) report: Option<Report>,
    pub(crate) logs: Vec<String>,
}

/// The result as `--json` prints it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonResult<'a> {
    reply: Option<Box<RawValue>>,
    error: Option<&'a ErrorReport>,
    duration_ms: Option<f64>,
    init_duration_ms: Option<f64>,
    max_memory_used_bytes: Option<u64>,
    logs: &'a [String],
}

impl InvokeResult {
    /// Returns the error of a reply without the HTTP response that the source of a request expects.
    pub(super) fn no_response(why: &str) -> ErrorReport {
        ErrorReport { error_message: format!("the source would answer 502: {why}"), ..ErrorReport::default() }
    }

    pub(crate) fn print(&self, as_json: bool) {
        if as_json {
            println!("{}", serde_json::to_string_pretty(&self.json()).unwrap_or_default());
            return;
        }
        if let Some(report) = &self.report {
            eprintln!("{report}");
        }
        match (&self.reply, &self.error) {
            (Some(reply), _) => {
                console::print(reply);
                // In the bytes of an image, a line break would be one more byte.
                if str::from_utf8(reply).is_ok() {
                    console::print(b"\n");
                }
            }
            (None, None) if self.is_printed => {}
            (None, error) => eprintln!("error: {}", error.as_ref().map(shown).unwrap_or_default()),
        }
    }

    fn json(&self) -> JsonResult<'_> {
        let millis = |duration: Duration| duration.as_secs_f64() * 1e3;
        let report = self.report.as_ref();
        JsonResult {
            reply: self.reply.as_deref().map(as_json),
            error: self.error.as_ref(),
            duration_ms: report.map(|report| millis(report.duration)),
            init_duration_ms: report.and_then(|report| report.init_duration).map(millis),
            max_memory_used_bytes: report.and_then(|report| report.max_memory_used),
            logs: &self.logs,
        }
    }
}

/// Returns the JSON of a reply exactly as the function wrote it. A reply that is not JSON becomes a string.
fn as_json(reply: &[u8]) -> Box<RawValue> {
    let json = str::from_utf8(reply).ok().and_then(|text| RawValue::from_string(text.to_owned()).ok());
    json.or_else(|| serde_json::value::to_raw_value(&String::from_utf8_lossy(reply)).ok()).unwrap_or_default()
}

/// Shows an error as text: type, message, stack trace and causes.
fn shown(error: &ErrorReport) -> String {
    let parts = [&*error.error_type, &*error.error_message];
    let mut text = if parts[0].is_empty() { parts[1].to_owned() } else { parts.join(": ") };
    for frame in &error.stack_trace {
        text.push_str("\n    at ");
        text.push_str(frame);
    }
    if let Some(cause) = &error.cause {
        text.push_str("\ncaused by: ");
        text.push_str(&shown(cause));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_has_the_reply_as_it_was_written() {
        let bytes = |reply: &'static [u8]| Bytes::from_static(reply);
        for (reply, expected) in [
            (bytes(b"123456789012345678901234567890"), "123456789012345678901234567890"),
            (bytes(b" {\"b\": 1.10, \"a\": 1e400}\n"), "{\"b\": 1.10, \"a\": 1e400}"),
            (bytes(b"no JSON"), "\"no JSON\""),
            (bytes(b"\"\xff\""), "\"\\\"\u{fffd}\\\"\""),
            (bytes(b""), "\"\""),
        ] {
            let result =
                InvokeResult { reply: Some(reply), is_printed: false, error: None, report: None, logs: Vec::new() };
            let json = serde_json::to_string(&result.json()).expect("it is JSON");
            assert!(json.starts_with(&format!("{{\"reply\":{expected},\"error\":null,")), "{json}");
        }
    }
}
