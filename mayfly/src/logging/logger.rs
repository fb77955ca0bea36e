//! Log lines in the formats and levels that Lambda knows.
//!
//! Lambda's own filter reads only JSON lines with a top-level `level` and an RFC 3339 `timestamp`:
//! <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html>.

use std::io::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use env_logger::{Builder, Target, WriteStyle};
use log::kv::{self, Key, Value, VisitSource};
use log::{Level, Record};

use crate::env::Env;
use crate::error::Error;
use crate::error::frame::Frame;
use crate::error::text::cut;
use crate::in_flight;
use crate::invocation::call::current_request_id;
use crate::json::Json;
use crate::logging::levels;
use crate::panic::backtrace::has;
use crate::panic::hook;
use crate::panic::hook::Panic;

/// How much of a panic's message a line has: `CloudWatch` takes no endless ones.
const MAX_PANIC: usize = 64 << 10;

/// The log of this process.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Log {
    /// Whether Lambda is to read its lines as JSON.
    pub(crate) is_json: bool,
    /// Whether the logger is ours.
    pub(crate) is_ours: bool,
}

/// Sends `log` records to standard error, unless the user has installed a logger of their own.
pub(crate) fn install(env: &Env) -> Log {
    let (name, value) = env.log_level.as_ref().map_or(("", ""), |(name, value)| (*name, &**value));
    let is_json = env.log_format.as_deref().is_some_and(|format| format.eq_ignore_ascii_case("json"));
    let mut builder = Builder::new();
    let complaints = levels::set(&mut builder, name, value);
    builder.format(move |out, record| out.write_all(&if is_json { json(record) } else { text(record) }?));
    let is_ours = builder.target(Target::Stderr).write_style(WriteStyle::Never).try_init().is_ok();
    if is_ours {
        for complaint in complaints {
            log::warn!("{name}: {complaint}");
        }
    }
    Log { is_json, is_ours }
}

fn text(record: &Record<'_>) -> io::Result<Vec<u8>> {
    let id = current_request_id().map(|id| format!(" {id}")).unwrap_or_default();
    let now = timestamp(SystemTime::now());
    let mut line = Vec::with_capacity(256);
    write!(line, "{now} {:5}{id} {}: {}", record.level(), record.target(), record.args())?;
    record.key_values().visit(&mut Pairs(&mut line)).map_err(io::Error::other)?;
    line.push(b'\n');
    Ok(line)
}

/// Key-values as ` key=value`.
struct Pairs<'a>(&'a mut Vec<u8>);

impl<'kvs> VisitSource<'kvs> for Pairs<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), kv::Error> {
        write!(self.0, " {key}={value}").map_err(Into::into)
    }
}

/// Writes one flat object a line.
fn json(record: &Record<'_>) -> io::Result<Vec<u8>> {
    let id = current_request_id();
    let mut json = begun(record.level(), &record.args().to_string(), id.as_deref(), record.target());
    record.key_values().visit(&mut Members(&mut json)).map_err(io::Error::other)?;
    Ok(ended(json))
}

/// Begins the object of a line.
fn begun(level: Level, message: &str, id: Option<&str>, target: &str) -> Json {
    let mut json = Json::default();
    json.open(b'{');
    json.key("timestamp").text(&timestamp(SystemTime::now()));
    json.key("level").text(level.as_str());
    json.key("message").text(message);
    if let Some(id) = id {
        json.key("requestId").text(id);
    }
    json.key("target").text(target);
    json
}

fn ended(mut json: Json) -> Vec<u8> {
    json.close(b'}');
    let mut line = json.into_bytes();
    line.push(b'\n');
    line
}

/// Writes a panic as one object, past the logger: that may be what panics, and a level is not what keeps a crash secret.
pub(crate) fn log_panic(panic: &Panic, trace: &[Frame], id: Option<&str>) {
    let message = cut(&panic.message, MAX_PANIC) + advice(&panic.message);
    let mut json = begun(Level::Error, &message, id, "mayfly::panic");
    json.key("errorType").text(if in_flight::is_init() { "Runtime.InitError" } else { "Runtime.HandlerPanic" });
    if let Some(place) = trace.first() {
        json.key("location").text(&place.to_string());
    }
    json.key("stackTrace").open(b'[');
    for frame in trace {
        json.text(&frame.to_string());
    }
    json.close(b']');
    let _ = io::stderr().write_all(&ended(json));
}

/// Logs why an invocation failed, unless that was a panic which the hook has logged.
#[cold]
pub(crate) fn log_failure(error: &Error) {
    if !error.is_logged() {
        // A panic of a logger of the user's must not cost the report.
        hook::contain(|| log::error!(target: "mayfly::call", "{error:?}"));
    }
}

/// What to do where a logger was installed too late, which its error does not say; for any other message, nothing.
pub(crate) fn advice(message: &str) -> &'static str {
    let is_late = has(message, "SetLoggerError") || has(message, "attempted to set a logger after");
    if is_late { "; mayfly has installed its own by now: install yours in `main`, before `mayfly::run()`" } else { "" }
}

/// Key-values as members of the line's object; those under a name of ours are left out.
struct Members<'a>(&'a mut Json);

impl<'kvs> VisitSource<'kvs> for Members<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), kv::Error> {
        const OURS: [&str; 5] = ["timestamp", "level", "message", "requestId", "target"];
        if OURS.contains(&key.as_str()) {
            return Ok(());
        }
        let json = self.0.key(key.as_str());
        if let Some(number) = value.to_i64() {
            json.plain(&number);
        } else if let Some(number) = value.to_u64() {
            json.plain(&number);
        } else if let Some(number) = value.to_f64() {
            json.float(number);
        } else if let Some(truth) = value.to_bool() {
            json.plain(&truth);
        } else {
            json.text(&format!("{value}"));
        }
        Ok(())
    }
}

/// RFC 3339 in UTC with milliseconds: `2026-11-24T19:00:47.123Z`.
fn timestamp(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (seconds, days) = (since.as_secs() % 86400, since.as_secs() / 86400);
    let (year, month, day) = civil(days);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60,
        since.subsec_millis()
    )
}

/// The date of a day since 1970, by counting in years that begin in March and so end with the leap day.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn timestamps_are_rfc_3339() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (1_795_546_847, "2026-11-24T19:00:47.000Z"),
            (4_107_542_399, "2100-02-28T23:59:59.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(timestamp(UNIX_EPOCH + Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn a_late_logger_gets_advice_and_no_other_message_does() {
        for (message, has_advice) in [
            ("attempted to set a logger after the logging system was already initialized", true),
            ("Unable to install global subscriber: SetLoggerError(())", true),
            ("the logger is closed", false),
        ] {
            assert_eq!(!advice(message).is_empty(), has_advice, "{message}");
        }
    }

    #[test]
    fn a_line_stays_one_flat_object() {
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
