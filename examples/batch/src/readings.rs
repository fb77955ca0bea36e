//! Readings of sensors from a Kinesis stream. The sensor is the partition key, so its readings come in their order.

use std::collections::HashMap;
use std::str;
use std::sync::{Mutex, PoisonError};

use mayfly::batch::{Bytes, Kinesis};
use mayfly::{Error, State};
use serde::Deserialize;

/// The lowest temperature that exists.
const ABSOLUTE_ZERO: f64 = -273.15;

/// A reading of a sensor.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Reading {
    sensor: String,
    celsius: f64,
}

/// The latest temperature of each sensor.
#[derive(Debug, Default)]
pub struct Latest(Mutex<HashMap<String, f64>>);

#[mayfly::init]
fn latest() -> Latest {
    Latest::default()
}

impl Latest {
    /// Notes a reading.
    ///
    /// # Errors
    /// Fails if there is no such temperature.
    pub fn note(&self, reading: Reading) -> Result<(), Error> {
        let Reading { sensor, celsius } = reading;
        if celsius < ABSOLUTE_ZERO {
            return Err(Error::new("BrokenSensor", format!("{sensor} reports {celsius} °C")));
        }
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(sensor, celsius);
        Ok(())
    }
}

/// Notes the reading in a record.
///
/// A record that fails stops its shard: Lambda delivers it and all after it again, until it succeeds or the mapping's
/// `MaximumRetryAttempts` are used up. Then the `OnFailure` destination gets its position in the stream.
///
/// # Errors
/// Fails if there is no such temperature.
#[mayfly::batch]
pub fn note(reading: Kinesis<Reading>, latest: State<Latest>) -> Result<(), Error> {
    latest.note(reading.into_inner())
}

/// Notes the readings in a record, one in each line.
///
/// It skips a line that cannot be noted, since that line would never succeed and would stop the shard. A record that is
/// no text at all fails.
///
/// # Errors
/// Fails if the record is not UTF-8.
#[mayfly::batch]
pub fn note_lines(lines: Kinesis<Bytes>, latest: State<Latest>) -> Result<(), Error> {
    let skipped = note_all(str::from_utf8(&lines)?, &latest);
    if skipped > 0 {
        log::warn!("{skipped} lines of record {} were skipped", lines.sequence_number());
    }
    Ok(())
}

/// Notes the readings of a text, and returns the number of lines that were skipped.
fn note_all(text: &str, latest: &Latest) -> usize {
    let lines = text.lines().filter(|line| !line.is_empty());
    let outcomes = lines.map(|line| latest.note(serde_json::from_str(line)?));
    outcomes.filter(Result::is_err).count()
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use mayfly::testing;
    use serde_json::{Value, json};

    use super::*;

    /// Delivers records with these data, numbered from 1, and returns the numbers of those that are reported.
    fn failed(handler: &str, data: &[&[u8]]) -> Vec<String> {
        let record = |(position, data): (usize, &&[u8])| {
            json!({
                "kinesis": {
                    "kinesisSchemaVersion": "1.0",
                    "partitionKey": "roof",
                    "sequenceNumber": (position + 1).to_string(),
                    "data": BASE64_STANDARD.encode(data),
                    "approximateArrivalTimestamp": 1_795_546_800.25
                },
                "eventSource": "aws:kinesis",
                "eventVersion": "1.0",
                "eventID": format!("shardId-000000000006:{}", position + 1),
                "eventName": "aws:kinesis:record",
                "invokeIdentityArn": "arn:aws:iam::123456789012:role/readings",
                "awsRegion": "eu-central-1",
                "eventSourceARN": "arn:aws:kinesis:eu-central-1:123456789012:stream/readings"
            })
        };
        let records: Vec<Value> = data.iter().enumerate().map(record).collect();
        let reply = testing::invoke(handler).event(json!({ "Records": records })).run().unwrap();
        let failures = reply.json::<Value>()["batchItemFailures"].as_array().unwrap().clone();
        failures.into_iter().map(|failure| failure["itemIdentifier"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn the_latest_reading_is_kept() {
        let latest = Latest::default();
        for celsius in [20.5, 21.0] {
            latest.note(Reading { sensor: "roof".to_owned(), celsius }).unwrap();
        }
        assert_eq!(latest.0.into_inner().unwrap(), HashMap::from([("roof".to_owned(), 21.0)]));
    }

    #[test]
    fn a_broken_sensor_stops_the_shard() {
        let fine: &[u8] = br#"{"sensor": "roof", "celsius": -7}"#;
        let broken: &[u8] = br#"{"sensor": "roof", "celsius": -300}"#;
        assert_eq!(failed("batch::readings::note", &[fine, broken, fine, broken]), ["2"]);
        assert!(failed("batch::readings::note", &[fine, fine]).is_empty());
    }

    #[test]
    fn data_that_is_no_reading_stops_the_shard() {
        let fine: &[u8] = br#"{"sensor": "roof", "celsius": -7}"#;
        assert_eq!(failed("batch::readings::note", &[fine, fine, b"21 degrees", fine]), ["3"]);
    }

    #[test]
    fn bad_lines_are_skipped() {
        let latest = Latest::default();
        let text = "{\"sensor\": \"roof\", \"celsius\": 1}\n21 degrees\n\n{\"sensor\": \"cellar\", \"celsius\": -300}\n\
                    {\"sensor\": \"roof\", \"celsius\": 2}\n";
        assert_eq!(note_all(text, &latest), 2);
        assert_eq!(latest.0.into_inner().unwrap(), HashMap::from([("roof".to_owned(), 2.0)]));
    }

    #[test]
    fn a_record_of_lines_fails_only_if_it_is_no_text() {
        let lines: &[u8] = b"{\"sensor\": \"roof\", \"celsius\": 1}\n21 degrees";
        assert_eq!(failed("batch::readings::note_lines", &[lines, b"", b"\xff", lines]), ["3"]);
    }
}
