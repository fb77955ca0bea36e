//! The lines of the log, in text or JSON format.
//!
//! Lambda's own log filter applies only to JSON lines with a top-level `level` and an RFC 3339 `timestamp`:
//! <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html>.

use std::io::{self, Write};
use std::time::SystemTime;

use log::kv::{self, Key, Value, VisitSource};
use log::{Level, Record};

use super::timestamp::timestamp;
use crate::current;
use crate::error::advice::advice;
use crate::error::frame::Frame;
use crate::error::text::cut;
use crate::json::Json;

/// The longest message of a panic in a line, in bytes: `CloudWatch` Logs cuts long events.
const MAX_PANIC_BYTES: usize = 64 << 10;
/// The members of a JSON line that the record's own key-values must not replace.
const RESERVED: [&str; 5] = ["timestamp", "level", "message", "requestId", "target"];

/// Formats a record as text.
pub(crate) fn text(record: &Record<'_>) -> io::Result<Vec<u8>> {
    let id = current::request_id().map(|id| format!(" {id}")).unwrap_or_default();
    let now = timestamp(SystemTime::now());
    let mut line = Vec::with_capacity(256);
    write!(line, "{now} {:5}{id} {}: {}", record.level(), record.target(), record.args())?;
    record.key_values().visit(&mut Pairs(&mut line)).map_err(io::Error::other)?;
    line.push(b'\n');
    Ok(line)
}

/// Formats a record as one flat JSON object.
pub(crate) fn json(record: &Record<'_>) -> io::Result<Vec<u8>> {
    let (message, id) = (record.args().to_string(), current::request_id());
    let mut outcome = Ok(());
    let line = object(record.level(), &message, id.as_deref(), record.target(), &mut |json| {
        outcome = record.key_values().visit(&mut Members(json)).map_err(io::Error::other);
    });
    outcome.map(|()| line)
}

/// Writes a panic to standard error as one JSON object. It bypasses the logger, which may be the code that panicked,
/// and so ignores the log level.
pub(crate) fn write_panic(error_type: &str, message: &str, trace: &[Frame], id: Option<&str>) {
    let text = cut(message, MAX_PANIC_BYTES) + advice(message);
    let line = object(Level::Error, &text, id, "mayfly::panic", &mut |json| {
        json.key("errorType").text(error_type);
        if let Some(place) = trace.first() {
            json.key("location").text(&place.to_string());
        }
        json.key("stackTrace").array(|json| trace.iter().for_each(|frame| json.text(&frame.to_string())));
    });
    let _ = io::stderr().write_all(&line);
}

/// Formats a line as a JSON object; `more` adds members at its end.
fn object(level: Level, message: &str, id: Option<&str>, target: &str, more: &mut dyn FnMut(&mut Json)) -> Vec<u8> {
    let mut json = Json::default();
    json.object(|json| {
        json.key("timestamp").text(&timestamp(SystemTime::now()));
        json.key("level").text(level.as_str());
        json.key("message").text(message);
        if let Some(id) = id {
            json.key("requestId").text(id);
        }
        json.key("target").text(target);
        more(json);
    });
    let mut line = json.into_bytes();
    line.push(b'\n');
    line
}

/// A visitor that writes key-values as ` key=value`.
struct Pairs<'a>(&'a mut Vec<u8>);

impl<'kvs> VisitSource<'kvs> for Pairs<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), kv::Error> {
        write!(self.0, " {key}={value}").map_err(Into::into)
    }
}

/// A visitor that writes key-values as members of the line's object.
struct Members<'a>(&'a mut Json);

impl<'kvs> VisitSource<'kvs> for Members<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), kv::Error> {
        if RESERVED.contains(&key.as_str()) {
            return Ok(());
        }
        let json = self.0.key(key.as_str());
        if let Some(number) = value.to_i64() {
            json.plain(&number);
        } else if let Some(number) = value.to_u64() {
            json.plain(&number);
        } else if let Some(number) = value.to_f64() {
            json.float(number);
        } else if let Some(boolean) = value.to_bool() {
            json.plain(&boolean);
        } else {
            json.text(&format!("{value}"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_line_is_one_flat_object() {
        let (order, price, nothing) = (7, 1.0, f64::NAN);
        let pairs: [(&str, Value<'_>); 6] = [
            ("order", order.into()),
            ("price", price.into()),
            ("nothing", nothing.into()),
            ("ok", true.into()),
            ("who", "A\nda".into()),
            ("level", "mine".into()),
        ];
        let args = format_args!("two\nlines");
        let record = Record::builder().args(args).level(Level::Warn).target("my_app").key_values(&pairs).build();
        let line = json(&record).unwrap();
        assert_eq!(line.split_last().map(|(last, rest)| (*last, rest.contains(&b'\n'))), Some((b'\n', false)));
        let object: serde_json::Value = serde_json::from_slice(&line).unwrap();
        assert_eq!(object["level"], "WARN");
        assert_eq!(object["message"], "two\nlines");
        assert_eq!(object["order"], 7);
        assert_eq!(object["price"], 1.0);
        assert_eq!(object["nothing"], serde_json::Value::Null);
        assert_eq!(object["ok"], true);
        assert_eq!(object["who"], "A\nda");
    }
}
