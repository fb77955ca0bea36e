//! Uncommon events of every source: no record is lost, and each refusal names its reason.

use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mayfly::batch::{DynamoDb, Kafka, Kinesis, Sqs, Text};
use mayfly::testing;
use serde::Deserialize;
use serde_json::{Value, json};

/// The number of records that the running invocation has handled.
static HANDLED: Mutex<usize> = Mutex::new(0);

fn handle(text: &str) -> Result<(), &'static str> {
    *HANDLED.lock().unwrap_or_else(PoisonError::into_inner) += 1;
    if text.starts_with("bad") { Err("it is bad") } else { Ok(()) }
}

#[derive(Deserialize)]
struct Item {
    text: String,
}

#[mayfly::batch(name = "edge_sqs")]
fn sqs(message: Sqs<Text>) -> Result<(), &'static str> {
    handle(&message)
}

#[mayfly::batch(name = "edge_sqs_async", concurrency = 3)]
async fn sqs_async(message: Sqs<Text>) -> Result<(), &'static str> {
    tokio::task::yield_now().await;
    handle(&message)
}

#[mayfly::batch(name = "edge_kinesis")]
fn kinesis(record: Kinesis<Text>) -> Result<(), &'static str> {
    handle(&record)
}

#[mayfly::batch(name = "edge_kinesis_async")]
async fn kinesis_async(record: Kinesis<Text>) -> Result<(), &'static str> {
    tokio::task::yield_now().await;
    handle(&record)
}

#[mayfly::batch(name = "edge_dynamodb")]
fn dynamodb(item: DynamoDb<Item>) -> Result<(), &'static str> {
    handle(&item.text)
}

#[mayfly::batch(name = "edge_dynamodb_async")]
async fn dynamodb_async(item: DynamoDb<Item>) -> Result<(), &'static str> {
    tokio::task::yield_now().await;
    handle(&item.text)
}

#[mayfly::batch(name = "edge_kafka")]
fn kafka(record: Kafka<Text>) -> Result<(), &'static str> {
    handle(&record)
}

#[mayfly::batch(name = "edge_kafka_async", concurrency = 3)]
async fn kafka_async(record: Kafka<Text>) -> Result<(), &'static str> {
    tokio::task::yield_now().await;
    handle(&record)
}

/// A source as the event source mapping delivers it.
struct Source {
    handler: &'static str,
    /// The `eventSource` of its events.
    name: &'static str,
    /// The path of the identifier in a record.
    identifier: &'static str,
    record: fn(u32, &str) -> Value,
}

const SOURCES: [Source; 4] = [
    Source {
        handler: "edge_sqs",
        name: "aws:sqs",
        identifier: "/messageId",
        record: |id, text| json!({"messageId": id.to_string(), "body": text, "eventSource": "aws:sqs"}),
    },
    Source {
        handler: "edge_kinesis",
        name: "aws:kinesis",
        identifier: "/kinesis/sequenceNumber",
        record: |id, text| {
            let kinesis = json!({"sequenceNumber": id.to_string(), "data": STANDARD.encode(text)});
            json!({"eventSource": "aws:kinesis", "kinesis": kinesis})
        },
    },
    Source {
        handler: "edge_dynamodb",
        name: "aws:dynamodb",
        identifier: "/dynamodb/SequenceNumber",
        record: |id, text| {
            let change = json!({"SequenceNumber": id.to_string(), "NewImage": {"text": {"S": text}}});
            json!({"eventSource": "aws:dynamodb", "dynamodb": change})
        },
    },
    Source {
        handler: "edge_kafka",
        name: "aws:kafka",
        identifier: "/offset",
        record: |id, text| json!({"topic": "t", "partition": 0, "offset": id, "value": STANDARD.encode(text)}),
    },
];

impl Source {
    fn is_kafka(&self) -> bool {
        self.name == "aws:kafka"
    }

    /// Returns the name of the member that holds the records.
    fn member(&self) -> &'static str {
        if self.is_kafka() { "records" } else { "Records" }
    }

    fn event(&self, records: impl IntoIterator<Item = Value>) -> Value {
        let records: Value = records.into_iter().collect();
        if self.is_kafka() {
            json!({"eventSource": "aws:kafka", "records": {"t-0": records}})
        } else {
            json!({"Records": records})
        }
    }

    /// Returns an event with a record for each text, whose identifiers count from 0.
    fn texts(&self, texts: &[&str]) -> Value {
        self.event((0..).zip(texts).map(|(id, text)| (self.record)(id, text)))
    }

    /// Returns the items of a reply that reports the records with these identifiers.
    fn reported(&self, records: &[u32]) -> Value {
        let item = |id: &u32| {
            let identifier =
                if self.is_kafka() { json!({"partition": "t-0", "offset": id}) } else { json!(id.to_string()) };
            json!({"itemIdentifier": identifier})
        };
        json!({"batchItemFailures": records.iter().map(item).collect::<Value>()})
    }

    /// Invokes the sync and the async batch, which must behave alike. Returns the reply or the message of the error, and
    /// the number of records that were handled.
    fn run(&self, event: &Value) -> (Result<Value, String>, usize) {
        self.run_payload(event.to_string().as_bytes())
    }

    /// Does the same with an event that need not be JSON.
    fn run_payload(&self, event: &[u8]) -> (Result<Value, String>, usize) {
        let [sync, other] = [self.handler.to_owned(), format!("{}_async", self.handler)].map(|handler| {
            static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
            let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
            *HANDLED.lock().unwrap_or_else(PoisonError::into_inner) = 0;
            let outcome = match testing::invoke(handler).payload(event).run() {
                Ok(reply) => Ok(reply.json()),
                Err(failure) => Err(format!("{}: {}", failure.error_type(), failure.message())),
            };
            (outcome, *HANDLED.lock().unwrap_or_else(PoisonError::into_inner))
        });
        assert_eq!(sync, other, "{}", self.name);
        sync
    }

    fn expect(&self, event: &Value, failed: &[u32], handled: usize) {
        assert_eq!(self.run(event), (Ok(self.reported(failed)), handled), "{}", self.name);
    }

    fn expect_no_json(&self, event: &[u8], why: &str) {
        let (outcome, handled) = self.run_payload(event);
        let message = outcome.unwrap_err();
        let is_expected = message.starts_with("Runtime.InvalidEvent: the event cannot be read as `a batch of ");
        let names_type = message.contains("IgnoredAny");
        assert!(handled == 0 && is_expected && !names_type && message.contains(why), "{message}");
    }

    fn expect_refusal(&self, event: &Value, why: &str) {
        let message = format!("Runtime.InvalidEvent: the event is not a batch that the handler can take: {why}");
        assert_eq!(self.run(event), (Err(message), 0), "{}: {event}", self.name);
    }
}

#[test]
fn an_event_with_an_empty_list_or_null_succeeds_and_one_without_the_list_is_refused() {
    for source in &SOURCES {
        let member = source.member();
        source.expect(&source.event([]), &[], 0);
        source.expect(&json!({member: null}), &[], 0);
        source.expect(&json!({member: null, "eventSource": source.name, "more": {}}), &[], 0);
        for event in [json!({}), json!({"more": []}), json!(null), json!([]), json!("text"), json!(7)] {
            source.expect_refusal(&event, &format!("it has no `{member}`"));
        }
        for list in [json!("text"), json!(1), json!(true)] {
            source.expect_refusal(&json!({member: list}), &format!("its `{member}` cannot be split into records"));
        }
    }
    let kafka = &SOURCES[3];
    kafka.expect(&json!({"records": {}}), &[], 0);
    kafka.expect(&json!({"records": {"t-0": [], "t-1": []}}), &[], 0);
    for partitions in [json!([]), json!({"t-0": null}), json!({"t-0": {}})] {
        kafka.expect_refusal(&json!({"records": partitions}), "its `records` cannot be split into records");
    }
}

#[test]
fn an_event_that_is_not_json_is_refused_with_its_place_and_with_what_was_expected() {
    for source in &SOURCES {
        for payload in ["", "{", "{\"Records\": [{", "{\"Records\": [{}} ]}", "{\"records\": {\"t-0\": [}}", "\u{1}"] {
            source.expect_no_json(payload.as_bytes(), "");
        }
        source.expect_no_json(b"{x}", ": at `$`: key must be a string at line 1 column 2");
    }
}

#[test]
fn an_event_that_is_not_json_behind_its_records_or_inside_one_is_refused_before_any_record_begins() {
    for source in &SOURCES {
        let event = source.texts(&["good", "good"]).to_string();
        let column = event.len() + 1;
        source
            .expect_no_json(format!("{event}x").as_bytes(), &format!("trailing characters at line 1 column {column}"));
        source.expect_no_json(format!("{event}\n,").as_bytes(), "trailing characters at line 2 column 1");
        let inner = &event[..event.len() - 1];
        for garbage in
            ["", ",", "]", "}}", ",\"a\"}", ",\"a\":tru}", ",a:1}", ",\"a\":01}", ",\"a\":\"\\x\"}", ",\"a\":[1 2]}"]
        {
            source.expect_no_json(format!("{inner}{garbage}").as_bytes(), " at line 1 column ");
        }
        let in_record = event.replacen("good", "good\u{1}", 1).replacen("Z29vZA==\"", "Z29vZA==\",", 1);
        source.expect_no_json(in_record.as_bytes(), " at line 1 column ");
        let not_utf8 = [inner.as_bytes(), b",\"a\":\"\xff\"}"].concat();
        let (outcome, handled) = source.run_payload(&not_utf8);
        assert!(handled == 0 && outcome.unwrap_err().contains("it is not UTF-8: invalid utf-8 sequence of 1 bytes"));
        let deep = format!("{inner},\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
        let (outcome, handled) = source.run_payload(deep.as_bytes());
        assert!(handled == 0 && outcome.unwrap_err().contains("it has too many levels of arrays and objects"));
    }
}

#[test]
fn an_event_whose_record_has_no_identifier_is_refused_before_any_record_begins() {
    for source in &SOURCES {
        let name = source.identifier[1..].replace('/', ".");
        let with = |identifier: Option<Value>| {
            let [good, mut nameless] = [(source.record)(1, "good"), (source.record)(2, "good")];
            let (parent, member) = source.identifier.rsplit_once('/').unwrap();
            let parent = nameless.pointer_mut(parent).unwrap().as_object_mut().unwrap();
            parent.remove(member);
            parent.extend(identifier.map(|identifier| (member.to_owned(), identifier)));
            source.event([good, nameless])
        };
        let missing = format!("record 1 has no `{name}`, by which its failure would be reported");
        for identifier in [None, Some(json!(null)), Some(json!(""))] {
            source.expect_refusal(&with(identifier), &missing);
        }
        let unreadable = format!("the `{name}` of record 1, by which its failure would be reported, cannot be read");
        let wrong = if source.is_kafka() { json!("7") } else { json!(7) };
        for identifier in [json!([]), json!({"a": 1}), json!(true), json!(1.5), wrong] {
            source.expect_refusal(&with(Some(identifier)), &unreadable);
        }
        for record in [json!(null), json!("text"), json!([]), json!({})] {
            source.expect_refusal(&source.event([(source.record)(1, "good"), record]), &missing);
        }
    }
}

#[test]
fn a_record_whose_content_is_absent_or_of_another_type_fails_alone_or_ends_its_shard() {
    for (source, path) in SOURCES.iter().zip(["/body", "/kinesis/data", "/dynamodb/NewImage/text/S", "/value"]) {
        for content in [json!(null), json!(7), json!({}), json!(["good"])] {
            let mut records = [(source.record)(0, "good"), (source.record)(1, "good"), (source.record)(2, "good")];
            *records[1].pointer_mut(path).unwrap() = content;
            let handled = if source.name == "aws:sqs" { 2 } else { 1 };
            source.expect(&source.event(records), &[1], handled);
        }
    }
}

#[test]
fn records_with_one_identifier_are_reported_once() {
    for source in &SOURCES {
        let records = |texts: [&str; 4]| source.event(texts.map(|text| (source.record)(7, text)));
        let is_queue = source.name == "aws:sqs";
        source.expect(&records(["good", "bad", "good", "bad"]), &[7], if is_queue { 4 } else { 2 });
        source.expect(&records(["good"; 4]), &[], 4);
    }
}

#[test]
fn all_of_ten_thousand_records_are_handled() {
    for source in &SOURCES {
        let event =
            |bad| source.event((0..10_000).map(|id| (source.record)(id, if id == bad { "bad" } else { "good" })));
        source.expect(&event(10_000), &[], 10_000);
        source.expect(&event(7_777), &[7_777], if source.name == "aws:sqs" { 10_000 } else { 7_778 });
    }
}

#[test]
fn a_record_may_have_a_megabyte() {
    for source in &SOURCES {
        let [good, bad] = ["good \"\\\u{1f44b}", "bad"].map(|text| format!("{text}{}", "x".repeat(1_000_000)));
        source.expect(&source.texts(&["good", &good, &bad]), &[2], 3);
    }
}

#[test]
fn unknown_members_are_ignored_wherever_they_stand() {
    let unknown =
        json!({"Records": [{"messageId": "no"}], "records": {"t-9": [{}]}, "eventSource": "no", "text": [[{}]]});
    for source in &SOURCES {
        let mut event = source.texts(&["good", "bad"]);
        let records = if source.is_kafka() { "/records/t-0" } else { "/Records" };
        for record in event.pointer_mut(records).unwrap().as_array_mut().unwrap() {
            record["0unknown"] = unknown.clone();
            record["zunknown"] = json!("}]\"\\");
            for part in ["kinesis", "dynamodb"] {
                if let Some(part) = record.get_mut(part) {
                    part["0unknown"] = unknown.clone();
                }
            }
        }
        event["0unknown"] = unknown.clone();
        event["zunknown"] = json!(null);
        source.expect(&event, &[1], 2);
    }
}

#[test]
fn an_event_of_another_source_is_refused_with_the_name_of_that_source() {
    let others = [
        ("aws:sns", json!({"Records": [{"EventSource": "aws:sns", "Sns": {"MessageId": "a", "Message": "good"}}]})),
        ("aws:s3", json!({"Records": [{"eventSource": "aws:s3", "s3": {"object": {"key": "a"}}}]})),
        ("aws.ec2", json!({"source": "aws.ec2", "detail-type": "EC2", "id": "a", "detail": {"Records": []}})),
        ("aws:mq", json!({"eventSource": "aws:mq", "messages": []})),
    ];
    let batches = SOURCES.iter().map(|source| (source.name, source.texts(&["good"])));
    let events: Vec<_> = others.into_iter().chain(batches).collect();
    for source in &SOURCES {
        for (name, event) in events.iter().filter(|(name, _)| *name != source.name) {
            source.expect_refusal(event, &format!("its source is `{name}`, and the handler takes `{}`", source.name));
        }
    }
    let mut of_another_kafka = SOURCES[3].texts(&["bad", "good"]);
    of_another_kafka["eventSource"] = json!("SelfManagedKafka");
    SOURCES[3].expect(&json!({"eventSource": "SelfManagedKafka", "records": {}}), &[], 0);
    assert_eq!(SOURCES[3].run(&of_another_kafka), (Ok(SOURCES[3].reported(&[0])), 1));
}

#[test]
fn an_event_of_a_tumbling_window_is_refused() {
    for source in &SOURCES {
        let mut event = source.texts(&["good"]);
        event["window"] = json!({"start": "2020-07-30T17:00:00Z", "end": "2020-07-30T17:05:00Z"});
        event["state"] = json!({"sum": 1});
        if source.name == "aws:sqs" {
            // A queue has none.
            source.expect(&event, &[], 1);
        } else {
            let why = "it is of a tumbling window, whose state a batch cannot return; write a handler for it";
            source.expect_refusal(&event, why);
        }
        event["window"] = json!(null);
        source.expect(&event, &[], 1);
    }
}
