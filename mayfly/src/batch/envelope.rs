//! `Envelope`: an event, split into its records with their identifiers and their order.

use std::collections::HashMap;
use std::ops::Range;
use std::str;
use std::sync::Arc;

use super::raw::{self, Raw};
use super::scanner;
use super::source::Source;
use crate::error::Error;
use crate::invocation::decode::check_json;
use crate::plain::plain;

/// An event, split into its records.
#[derive(Debug)]
pub(super) struct Envelope {
    pub(super) records: Vec<Raw>,
    /// The JSON of each record's identifier.
    pub(super) identifiers: Vec<Vec<u8>>,
    /// The lane of each record: the records of one lane are handled in their order. A record without one has no order.
    pub(super) lanes: Vec<Option<usize>>,
}

impl Envelope {
    /// Splits an event. Returns `Runtime.InvalidEvent` if it is not an event of that source, or if a record has no
    /// identifier: a failure of such a record could not be reported, and the record would be lost.
    pub(super) fn split(source: Source, payload: &[u8]) -> Result<Self, Error> {
        let event: Arc<[u8]> = Arc::from(payload);
        let lists = lists(source, &event)?;
        let first = lists.iter().find_map(|(_, records)| records.first());
        check_source(source, &event, first.map(|range| &event[range.clone()]))?;
        let mut envelope = Self { records: Vec::new(), identifiers: Vec::new(), lanes: Vec::new() };
        for (lane, (partition, ranges)) in lists.into_iter().enumerate() {
            for range in ranges {
                let record = Raw::new(&event, range);
                let position = envelope.records.len();
                envelope.identifiers.push(identifier(source, &record, &event[partition.clone()], position)?);
                envelope.records.push(record);
                envelope.lanes.push((source != Source::Sqs).then_some(lane));
            }
        }
        if source == Source::Sqs {
            envelope.order_groups();
        }
        Ok(envelope)
    }

    /// Gives each message group of a FIFO queue a lane. The ARN tells a FIFO queue: the messages of standard queues may
    /// have a group, too.
    fn order_groups(&mut self) {
        let is_fifo = |record: &Raw| record.text(&["eventSourceARN"]).strip_suffix(".fifo").is_some();
        if !self.records.first().is_some_and(is_fifo) {
            return;
        }
        let mut groups = HashMap::new();
        for (record, lane) in self.records.iter().zip(&mut self.lanes) {
            let next = groups.len();
            *lane = Some(*groups.entry(record.text(&["attributes", "MessageGroupId"])).or_insert(next));
        }
    }
}

/// A list of records that share an order where the source has one, with the position of its key in the event.
type List = (Range<usize>, Vec<Range<usize>>);

/// Finds the lists of records in an event: one for each topic and partition of Kafka, one for the other sources. Scans
/// the event to its end, so that no record is handled of one that is not JSON.
fn lists(source: Source, event: &[u8]) -> Result<Vec<List>, Error> {
    let name = if source == Source::Kafka { "records" } else { "Records" };
    let (mut found, mut has_window) = (None, false);
    let end = scanner::each_member(event, 0, |key, start| {
        if found.is_none() && scanner::is_named(&event[key.clone()], name) {
            let (lists, end) = split_lists(source, event, start).unzip();
            found = Some(lists);
            return end.or_else(|| scanner::value(event, start));
        }
        has_window |= event.get(start) != Some(&b'n') && scanner::is_named(&event[key], "window");
        scanner::value(event, start)
    });
    let is_whole = end.is_some_and(|end| scanner::token(event, end).is_none());
    match found {
        _ if !is_whole || !event.is_ascii() && str::from_utf8(event).is_err() => Err(not_scanned(source, event, name)),
        _ if has_window && source != Source::Sqs => {
            Err(refused("it is of a tumbling window, whose state a batch cannot return; write a handler for it"))
        }
        Some(Some(lists)) => Ok(lists),
        Some(None) => Err(without_records(source, event, &format!("its `{name}` cannot be split into records"))),
        None => Err(without_records(source, event, &format!("it has no `{name}`"))),
    }
}

/// Splits the value that begins at `start`, the one that holds the records. Returns its end as well.
fn split_lists(source: Source, event: &[u8], start: usize) -> Option<(Vec<List>, usize)> {
    let mut lists = Vec::new();
    let mut list = |key, start| {
        let mut records = Vec::new();
        let end = scanner::each_element(event, start, |record| records.push(record))?;
        lists.push((key, records));
        Some(end)
    };
    let end = match event.get(start)? {
        b'n' => scanner::value(event, start),
        _ if source == Source::Kafka => scanner::each_member(event, start, list),
        _ => list(0..0, start),
    };
    end.map(|end| (lists, end))
}

/// Creates the error of an event that cannot be scanned to its end: it is not JSON, or no object.
#[cold]
fn not_scanned(source: Source, event: &[u8], name: &str) -> Error {
    if let Err(error) = check_json(event, source.batch()) {
        return error;
    }
    match str::from_utf8(event) {
        Err(error) => refused(&format!("it is not UTF-8: {error}")),
        Ok(text) if text.trim_start().starts_with('{') => refused("it has too many levels of arrays and objects"),
        Ok(_) => refused(&format!("it has no `{name}`")),
    }
}

/// Creates the error of an event without records: it comes from elsewhere, or else `why`.
#[cold]
fn without_records(source: Source, event: &[u8], why: &str) -> Error {
    let mut first = None;
    if let Some(records) = scanner::member(event, "Records") {
        scanner::each_element(event, records.start, |record| _ = first.get_or_insert(record));
    }
    check_source(source, event, first.map(|range| &event[range])).err().unwrap_or_else(|| refused(why))
}

/// Checks that an event with that first record comes from the source, if it names one.
fn check_source(source: Source, event: &[u8], first: Option<&[u8]>) -> Result<(), Error> {
    match named_source(event, first) {
        Some(other) if !source.event_sources().contains(&&*other) => {
            Err(refused(&format!("its source is `{other}`, and the handler takes `{}`", source.event_sources()[0])))
        }
        _ => Ok(()),
    }
}

/// Returns the source that an event names: in its records, where Amazon SNS spells the member in another way, or, as
/// Kafka and `EventBridge` do, beside them.
fn named_source(event: &[u8], first: Option<&[u8]>) -> Option<String> {
    let read = |json: &[u8], name| serde_json::from_slice(raw::find(json, &[name])?).ok();
    first
        .and_then(|first| read(first, "eventSource").or_else(|| read(first, "EventSource")))
        .or_else(|| read(event, "eventSource"))
        .or_else(|| read(event, "source"))
}

/// Returns the JSON that identifies a record in the reply. A record of Kafka has the key of its partition in it.
fn identifier(source: Source, record: &Raw, partition: &[u8], position: usize) -> Result<Vec<u8>, Error> {
    let path = source.identifier();
    let Some(json) = record.find(path).filter(|json| *json != b"\"\"") else {
        let name = raw::dotted(path);
        return Err(refused(&format!("record {position} has no `{name}`, by which its failure would be reported")));
    };
    let is_valid = match source {
        Source::Kafka => serde_json::from_slice::<i64>(json).is_ok() && is_text(partition),
        _ => is_text(json),
    };
    if !is_valid {
        let name = raw::dotted(path);
        return Err(refused(&format!(
            "the `{name}` of record {position}, by which its failure would be reported, cannot be read"
        )));
    }
    Ok(match source {
        Source::Kafka => [br#"{"partition":"#, partition, br#","offset":"#, json, b"}"].concat(),
        _ => json.to_vec(),
    })
}

/// Returns whether the JSON is that of a text, which can stand in the reply as it is.
fn is_text(json: &[u8]) -> bool {
    matches!(json, [b'"', inner @ .., b'"'] if inner.is_ascii() && plain(inner) == inner.len())
        || serde_json::from_slice::<String>(json).is_ok()
}

#[cold]
fn refused(why: &str) -> Error {
    Error::runtime("Runtime.InvalidEvent", format!("the event is not a batch that the handler can take: {why}"))
}

#[cfg(test)]
mod tests {
    use serde::de::IgnoredAny;

    use super::*;

    /// Returns the seeds of the fuzzer.
    fn events() -> Vec<Vec<u8>> {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fuzz/seeds/batch");
        std::fs::read_dir(directory).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect()
    }

    /// Returns the number of sources that take a payload, which must be JSON then.
    fn takers(payload: &[u8]) -> usize {
        let sources = [Source::Sqs, Source::Kinesis, Source::DynamoDb, Source::Kafka].into_iter();
        let takers = sources.filter(|source| Envelope::split(*source, payload).is_ok()).count();
        let is_json = serde_json::from_slice::<IgnoredAny>(payload).is_ok() && str::from_utf8(payload).is_ok();
        assert!(takers == 0 || is_json, "{}", String::from_utf8_lossy(payload));
        takers
    }

    #[test]
    fn an_event_with_a_byte_too_many_or_cut_off_is_taken_only_if_it_is_json() {
        let (mut whole, mut changed) = (0, 0);
        for event in events() {
            whole += takers(&event);
            for at in 0..=event.len() {
                takers(&event[..at]);
                for byte in *b"\"\\},0\x01\xff" {
                    changed += takers(&[&event[..at], &[byte], &event[at..]].concat());
                }
            }
        }
        assert!(whole >= 8 && changed > 4000, "{whole} {changed}");
    }
}
