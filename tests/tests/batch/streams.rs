//! Records of Kinesis, `DynamoDB` Streams and Kafka.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mayfly::batch::{DynamoDb, Kafka, Kinesis};
use mayfly::testing;
use serde::Deserialize;
use serde_json::{Value, json};

fn failures(handler: &str, event: &Value) -> Value {
    testing::invoke(handler).event(event).run().unwrap().json::<Value>()["batchItemFailures"].take()
}

fn kinesis(number: &str, data: &str) -> Value {
    json!({
        "eventSource": "aws:kinesis",
        "kinesis": {"sequenceNumber": number, "partitionKey": "k", "data": STANDARD.encode(data)},
    })
}

#[mayfly::batch(name = "shard")]
async fn shard(record: Kinesis<u64>) {
    tokio::task::yield_now().await;
    assert_eq!(record.partition_key(), "k");
    assert!(*record < 9, "record {}", record.sequence_number());
}

#[test]
fn the_first_failure_of_a_shard_is_reported_and_nothing_after_it_begins() {
    let event = json!({"Records": [kinesis("1", "1"), kinesis("2", "9"), kinesis("3", "1"), kinesis("4", "x")]});
    assert_eq!(failures("shard", &event), json!([{"itemIdentifier": "2"}]));
    assert_eq!(failures("shard", &json!({"Records": [kinesis("1", "9")]})), json!([{"itemIdentifier": "1"}]));
    assert_eq!(failures("shard", &json!({"Records": [kinesis("1", "1")]})), json!([]));
}

#[test]
fn a_tumbling_window_is_refused() {
    let event = json!({"Records": [kinesis("1", "1")], "window": {"start": "a", "end": "b"}, "state": {}});
    let failure = testing::invoke("shard").event(event).run().unwrap_err();
    assert_eq!(failure.error_type(), "Runtime.InvalidEvent");
    assert!(failure.message().contains("tumbling window"), "{failure}");
}

#[mayfly::batch(name = "partitions", concurrency = 5)]
async fn partitions(record: Kafka<u64>) {
    tokio::task::yield_now().await;
    assert_eq!(record.topic(), "t");
    assert_eq!(record.header("h").as_deref(), Some(&[1, 255][..]));
    assert!(*record < 9);
}

#[mayfly::batch(name = "compacted")]
fn compacted(record: Kafka<Option<u64>>) {
    assert_eq!(record.is_none(), record.offset() == 1);
}

#[test]
fn a_tombstone_of_kafka_is_none_or_fails_with_what_takes_it() {
    let values = [json!(STANDARD.encode("7")), Value::Null, json!(STANDARD.encode("8"))];
    let record = |(offset, value)| json!({"topic": "t", "partition": 0, "offset": offset, "value": value});
    let records: Vec<_> = (0..).zip(&values).map(record).collect();
    let event = json!({"eventSource": "aws:kafka", "records": {"t-0": records}});
    assert_eq!(failures("compacted", &event), json!([]));

    let event = json!({"eventSource": "aws:kafka", "records": {"t-0": [records[1]]}});
    let failure = testing::invoke("partitions").event(event).run().unwrap_err();
    assert!(failure.message().contains("it has no `value`, as a tombstone; an `Option` takes"), "{failure}");
}

#[test]
fn the_first_failure_of_each_partition_is_reported() {
    let record = |offset: u64, value: &str| {
        json!({
            "topic": "t", "partition": 0, "offset": offset, "value": STANDARD.encode(value),
            "headers": [{"h": [1, -1]}],
        })
    };
    let event = json!({"eventSource": "aws:kafka", "records": {
        "t-0": [record(15, "1"), record(16, "9"), record(17, "1")],
        "t-1": [record(3, "1")],
        "t-2": [record(7, "x"), record(8, "1")],
    }});
    let first = |partition, offset| json!({"itemIdentifier": {"partition": partition, "offset": offset}});
    assert_eq!(failures("partitions", &event), json!([first("t-0", 16), first("t-2", 7)]));
    let event = json!({"records": {"t-0": [record(1, "9")], "t-1": [record(2, "9")]}});
    assert_eq!(testing::invoke("partitions").event(event).run().unwrap_err().error_type(), "Function.BatchFailed");
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Status {
    Open,
    Paid(u64),
}

#[derive(Debug, Deserialize, PartialEq)]
struct Item {
    id: String,
    count: i64,
    ratio: f64,
    digits: String,
    tags: BTreeSet<String>,
    sizes: Vec<u32>,
    picture: Vec<u8>,
    note: Option<String>,
    absent: Option<bool>,
    nested: Vec<(u8, Option<Status>)>,
    status: Status,
}

#[mayfly::batch(name = "table")]
fn table(item: DynamoDb<Item>) -> Result<(), mayfly::Error> {
    let expected = Item {
        id: "a\"b".to_owned(),
        count: -7,
        ratio: 1.5,
        digits: "12345678901234567890123456789012345678".to_owned(),
        tags: BTreeSet::from(["x".to_owned(), "y".to_owned()]),
        sizes: vec![1, 2],
        picture: b"abc".to_vec(),
        note: None,
        absent: None,
        nested: vec![(1, Some(Status::Open)), (2, None)],
        status: Status::Paid(5),
    };
    assert_eq!(*item, expected);
    assert!(item.old()?.is_none());
    assert_eq!(item.event_name(), "MODIFY");
    Ok(())
}

#[test]
fn an_item_is_read_from_its_attribute_values() {
    let image = json!({
        "id": {"S": "a\"b"},
        "count": {"N": "-7"},
        "ratio": {"N": "1.5"},
        "digits": {"N": "12345678901234567890123456789012345678"},
        "tags": {"SS": ["y", "x"]},
        "sizes": {"NS": ["1", "2"]},
        "picture": {"B": "YWJj"},
        "note": {"NULL": true},
        "nested": {"L": [{"L": [{"N": "1"}, {"S": "open"}]}, {"L": [{"N": "2"}, {"NULL": true}]}]},
        "status": {"M": {"paid": {"N": "5"}}},
        "unknown": {"M": {"odd": {"??": 1}}},
    });
    let record = |number: &str, image: &Value| {
        json!({
            "eventSource": "aws:dynamodb", "eventName": "MODIFY",
            "dynamodb": {"SequenceNumber": number, "Keys": {"id": {"S": "a"}}, "NewImage": image},
        })
    };
    assert_eq!(failures("table", &json!({"Records": [record("1", &image)]})), json!([]));
    let mut wrong = image.clone();
    wrong["count"] = json!({"N": "1", "S": "2"});
    let event = json!({"Records": [record("1", &image), record("2", &wrong), record("3", &image)]});
    assert_eq!(failures("table", &event), json!([{"itemIdentifier": "2"}]));
}

#[derive(Deserialize)]
struct Keyed {
    id: u64,
}

#[mayfly::batch(name = "removed")]
fn removed(item: DynamoDb<Keyed>) -> Result<(), mayfly::Error> {
    assert_eq!((item.id, item.keys::<Keyed>()?.id), (2, 1));
    assert_eq!(item.old()?.map(|old| old.id), Some(2));
    Ok(())
}

#[test]
fn a_removed_item_is_read_from_the_old_image() {
    let (key, old) = (json!({"id": {"N": "1"}}), json!({"id": {"N": "2"}}));
    let record = json!({"eventName": "REMOVE", "dynamodb": {"SequenceNumber": "1", "Keys": key, "OldImage": old}});
    assert_eq!(failures("removed", &json!({"Records": [record]})), json!([]));
}

#[test]
fn a_record_is_made_of_its_content_or_of_its_json_for_a_test() {
    removed(
        testing::record(json!({
            "dynamodb": {"Keys": {"id": {"N": "1"}}, "OldImage": {"id": {"N": "2"}}},
        }))
        .unwrap(),
    )
    .unwrap();
    compacted(testing::record(json!({"offset": 1})).unwrap());
    assert_eq!(testing::record::<Kinesis<u64>>(kinesis("7", "8")).unwrap().sequence_number(), "7");
    let item = DynamoDb::new(Keyed { id: 1 });
    assert!(
        item.id == 1 && item.old().unwrap().is_none() && item.keys::<Keyed>().is_err() && item.event_name().is_empty()
    );
    let record = Kafka::new(Some(7_u64));
    assert_eq!((*record, record.offset(), record.key()), (Some(7), 0, None));
    assert_eq!((Kinesis::new(7).into_inner(), Kinesis::new(7).arrival_timestamp()), (7, None));
}
