//! `Envelope`: an event, split into its records with their identifiers and their order.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use serde::de::IgnoredAny;

use super::raw::{self, Raw};
use super::scanner;
use super::source::Source;
use crate::error::Error;
use crate::invocation::decode::Event as _;
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

/// Finds the lists of records in an event: one for each topic and partition of Kafka, one for the other sources.
fn lists(source: Source, event: &[u8]) -> Result<Vec<List>, Error> {
    if source != Source::Sqs && raw::find(event, &["window"]).is_some() {
        return Err(refused("it is of a tumbling window, whose state a batch cannot return; write a handler for it"));
    }
    let name = if source == Source::Kafka { "records" } else { "Records" };
    let start = scanner::member_start(event, name);
    let is_null = |start| event.get(start) == Some(&b'n') && raw::find(event, &[name]).is_none();
    let found = match start {
        Some(start) if is_null(start) => Some(Vec::new()),
        Some(start) if source == Source::Kafka => partitions(event, start),
        Some(start) => scanner::elements(event, start).map(|found| vec![(0..0, found)]),
        None => None,
    };
    found.ok_or_else(|| {
        let why = match start {
            Some(_) => format!("its `{name}` cannot be split into records"),
            None => format!("it has no `{name}`"),
        };
        without_records(source, event, &why)
    })
}

/// Creates the error of an event without records: it is not JSON, it comes from elsewhere, or else `why`.
#[cold]
fn without_records(source: Source, event: &[u8], why: &str) -> Error {
    // An event that is not JSON gets the error of any other handler.
    let is_json = IgnoredAny::read(event).map(drop);
    let records = scanner::member(event, "Records").and_then(|records| scanner::elements(event, records.start));
    let first = records.and_then(|records| records.into_iter().next());
    let is_of_source = || check_source(source, event, first.map(|range| &event[range]));
    is_json.and_then(|()| is_of_source()).err().unwrap_or_else(|| refused(why))
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

fn partitions(event: &[u8], start: usize) -> Option<Vec<List>> {
    let partitions = scanner::members(event, start)?.into_iter();
    partitions.map(|(key, records)| Some((key, scanner::elements(event, records.start)?))).collect()
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
