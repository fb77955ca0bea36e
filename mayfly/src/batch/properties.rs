//! Properties of batches: any bytes are a batch or an error, and a reply names the records that failed and no others.

use std::collections::HashSet;
use std::sync::Arc;

use serde::de::IgnoredAny;
use serde_json::Value;

use super::content::{Bytes, Text};
use super::dynamodb::DynamoDb;
use super::kafka::Kafka;
use super::kinesis::Kinesis;
use super::nested::{EventBridge, Sns};
use super::progress::{Settings, run};
use super::raw::Raw;
#[cfg(feature = "async")]
use super::slots::{boxed, run_async};
use super::source::{Record, Source};
use super::sqs::Sqs;
use crate::driver::Driver;
use crate::env::Function;
use crate::error::Error;
use crate::executor::Executor;
use crate::invocation::argument::Invocation;
use crate::invocation::call::Call;
use crate::invocation::state::Store;
use crate::runtime_api::outgoing::Outgoing;
use crate::runtime_api::response::Response;

/// Handles any payload as a batch of each source, one record after the other and several at once.
///
/// # Panics
/// If a property does not hold.
pub fn batch(payload: &[u8]) {
    for source in [Source::Sqs, Source::Kinesis, Source::DynamoDb, Source::Kafka] {
        let settings = |concurrency| {
            let report_all = payload.len().is_multiple_of(2);
            Settings { source, concurrency, report_all, path: "app::batch", file: "src/lib.rs", line: 1 }
        };
        let mut failed = HashSet::new();
        let outcome = invoke(payload, |call| {
            run(call, settings(1), &mut |raw| handle(source, &raw).inspect_err(|_| note(source, &raw, &mut failed)))
        });
        check(source, payload, &outcome, &failed);
        #[cfg(feature = "async")]
        for concurrency in [1, 3] {
            let again = invoke(payload, |call| {
                let executor = call.executor;
                let each = |raw: Raw| boxed(async move { handle(source, &raw) });
                executor.block_on(std::pin::pin!(Some(run_async(call, settings(concurrency), &each))))
            });
            assert_eq!(again, outcome, "with {concurrency} of {source:?} at once");
        }
    }
}

/// The reply, or the name of the error.
type Outcome = Result<Vec<u8>, String>;

fn invoke(payload: &[u8], run: impl FnOnce(&mut Call<'_>) -> Result<(), Error>) -> Outcome {
    let executor = Executor::build().expect("a runtime can be built");
    let (head, store, function) = (Response::default(), Store::default(), Arc::<Function>::default());
    let invocation = Invocation { headers: head.headers(), payload, store: &store, function: &function };
    let mut outgoing = Outgoing::default();
    let mut call = Call::new(Driver::new(&executor, "1"), invocation, &mut outgoing);
    let outcome = run(&mut call).map_err(|error| error.name().to_owned());
    outcome.map(|()| outgoing.bytes)
}

/// Reads a record in every way. About every second fails.
fn handle(source: Source, raw: &Raw) -> Result<(), Error> {
    match source {
        Source::Sqs => {
            let _ = Sqs::<Sns<EventBridge<Bytes>>>::read(raw.clone());
            let _ = Sqs::<EventBridge<Value>>::read(raw.clone());
            let message = Sqs::<Text>::read(raw.clone())?;
            let _ = (message.group(), message.receive_count(), message.message_attribute("a"), message.queue_arn());
            assert!(!message.message_id().is_empty());
        }
        Source::Kinesis => {
            let record = Kinesis::<Bytes>::read(raw.clone())?;
            let _ = (record.partition_key(), record.arrival_timestamp(), record.record::<Value>());
            assert!(!record.sequence_number().is_empty());
        }
        Source::DynamoDb => {
            let item = DynamoDb::<Value>::read(raw.clone())?;
            let _ = (item.old(), item.keys::<Value>(), item.event_name());
            assert!(!item.sequence_number().is_empty());
        }
        Source::Kafka => {
            let _ = Kafka::<Vec<u8>>::read(raw.clone());
            let record = Kafka::<Text>::read(raw.clone())?;
            let _ = (record.topic(), record.partition(), record.offset(), record.key(), record.header("h"));
        }
    }
    if raw.json().len().is_multiple_of(2) { Ok(()) } else { Err(Error::new("Odd", "its length is odd")) }
}

/// Notes the identifier of a record that failed.
fn note(source: Source, raw: &Raw, failed: &mut HashSet<Vec<u8>>) {
    failed.insert(raw.find(source.identifier()).expect("a record that begins has an identifier").to_vec());
}

fn check(source: Source, payload: &[u8], outcome: &Outcome, failed: &HashSet<Vec<u8>>) {
    let is_json = serde_json::from_slice::<IgnoredAny>(payload).is_ok() && std::str::from_utf8(payload).is_ok();
    assert!(is_json || matches!(outcome, Err(name) if name == "Runtime.InvalidEvent"), "a batch that is not JSON");
    let reply = match outcome {
        Ok(reply) => reply,
        Err(name) => {
            let is_whole = name == "Function.BatchFailed" && matches!(source, Source::Sqs | Source::Kafka);
            assert_eq!(!failed.is_empty(), is_whole, "{name}");
            return assert!(is_whole || name == "Runtime.InvalidEvent", "{name}");
        }
    };
    let json: Value = serde_json::from_slice(reply).expect("the reply is JSON");
    let items = json["batchItemFailures"].as_array().expect("the reply has a list");
    assert_eq!(json.as_object().map(serde_json::Map::len), Some(1));
    assert_eq!(items.is_empty(), failed.is_empty());
    let contains = |text: &[u8], part: &[u8]| text.windows(part.len()).any(|window| window == part);
    for item in items {
        let identifier = &item["itemIdentifier"];
        let (text, is_whole) = match source {
            Source::Kafka => (identifier["offset"].to_string(), identifier["partition"].is_string()),
            _ => (identifier.to_string(), identifier.as_str().is_some_and(|text| !text.is_empty())),
        };
        assert!(is_whole, "{item}");
        // A text with escapes may be spelled in another way.
        assert!(contains(payload, text.as_bytes()) || payload.contains(&b'\\'), "{item}");
    }
    if source == Source::Sqs {
        assert!(failed.iter().all(|identifier| contains(reply, identifier)), "a record that failed is not reported");
    }
}
