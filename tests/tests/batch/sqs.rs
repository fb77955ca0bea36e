//! Messages of queues.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mayfly::batch::{Bytes, Sqs, Text};
use mayfly::{Context, Error, testing};
use serde_json::{Value, json};
use tokio::time::Instant;

fn message(id: &str, body: &str) -> Value {
    json!({
        "messageId": id,
        "receiptHandle": "AQ\"EB",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "2", "MessageGroupId": "ignored"},
        "messageAttributes": {"color": {"stringValue": "red", "dataType": "String"}},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:orders",
        "unknown": [{"body": "no"}],
    })
}

fn grouped(id: &str, group: &str, body: &str) -> Value {
    let mut message = message(id, body);
    message["attributes"]["MessageGroupId"] = json!(group);
    message["eventSourceARN"] = json!("arn:aws:sqs:us-east-1:123456789012:orders.fifo");
    message
}

fn run(handler: &str, records: impl IntoIterator<Item = Value>) -> Result<Vec<String>, testing::Failure> {
    let records: Vec<_> = records.into_iter().collect();
    testing::invoke(handler).event(json!({"Records": records})).run().map(|reply| failures(&reply.json()))
}

fn failures(reply: &Value) -> Vec<String> {
    let items = reply["batchItemFailures"].as_array().unwrap().iter();
    items.map(|item| item["itemIdentifier"].as_str().unwrap().to_owned()).collect()
}

#[mayfly::batch(name = "sync")]
fn sync(message: Sqs<String>, context: Context) -> Result<(), Error> {
    assert!(!context.request_id.is_empty());
    assert_eq!(message.receive_count(), Some(2));
    assert_eq!(message.message_attribute("color").as_deref(), Some("red"));
    match message.as_str() {
        "bad" => Err(Error::new("Bad", "it is bad")),
        "panic" => panic!("a panic"),
        _ => Ok(()),
    }
}

#[mayfly::batch(name = "concurrent", concurrency = 3)]
async fn concurrent(message: Sqs<String>) -> Result<(), Error> {
    tokio::time::sleep(Duration::from_millis(5)).await;
    match message.as_str() {
        "bad" => Err(Error::new("Bad", "it is bad")),
        "panic" => panic!("a panic"),
        _ => Ok(()),
    }
}

#[mayfly::batch(name = "report_all", report_all)]
fn report_all(_: Sqs<String>) -> Result<(), &'static str> {
    Err("no")
}

#[mayfly::batch(name = "text")]
fn text(message: Sqs<Text>) {
    assert_eq!(&**message, "not \"JSON\" \u{1f44b}");
    assert_eq!(message.message_id(), "m");
}

#[mayfly::batch(name = "bytes")]
fn bytes(message: Sqs<Bytes>) {
    assert_eq!(message.len(), 1_000_000);
}

#[test]
fn only_the_records_that_failed_are_reported() {
    let bodies =
        [("a", "\"good\""), ("b", "\"bad\""), ("c", "\"panic\""), ("d", "not JSON"), ("e", "\"good\""), ("f", "7")];
    for handler in ["sync", "concurrent"] {
        assert_eq!(
            run(handler, bodies.map(|(id, body)| message(id, body))).unwrap(),
            ["b", "c", "d", "f"],
            "{handler}"
        );
    }
}

#[test]
fn a_failure_in_a_fifo_queue_ends_its_group_only() {
    let bodies = [
        ("1", "a", "good"),
        ("2", "b", "good"),
        ("3", "a", "bad"),
        ("4", "b", "good"),
        ("5", "a", "good"),
        ("6", "b", "panic"),
        ("7", "c", "good"),
        ("8", "b", "good"),
    ];
    for handler in ["sync", "concurrent"] {
        let records = bodies.map(|(id, group, body)| grouped(id, group, &format!("\"{body}\"")));
        assert_eq!(run(handler, records).unwrap(), ["3", "5", "6", "8"], "{handler}");
    }
}

#[test]
fn a_batch_whose_records_all_fail_fails_the_invocation_unless_the_records_are_in_order() {
    let failure = run("sync", [message("a", "\"bad\""), message("b", "{")]).unwrap_err();
    assert_eq!(failure.error_type(), "Function.BatchFailed");
    assert_eq!(failure.message(), "all 2 records failed; the first: it is bad");
    assert_eq!(failure.json()["cause"]["errorType"], "Bad", "{failure:?}");
    let failure = run("sync", [message("a", "\"bad\"")]).unwrap_err();
    assert_eq!(failure.message(), "the only record failed: it is bad");
    assert_eq!(run("sync", [grouped("a", "g", "\"bad\"")]).unwrap(), ["a"]);
    assert_eq!(run("report_all", [message("a", "\"bad\"")]).unwrap(), ["a"]);
}

#[test]
fn bodies_can_be_taken_unparsed() {
    assert_eq!(run("text", [message("m", "not \"JSON\" \u{1f44b}")]).unwrap(), [""; 0]);
    assert_eq!(run("bytes", [message("m", &"x".repeat(1_000_000))]).unwrap(), [""; 0]);
}

#[test]
fn an_event_without_records_and_a_large_one_are_handled() {
    assert_eq!(run("sync", []).unwrap(), [""; 0]);
    assert!(testing::invoke("sync").event(json!({"Records": null})).run().is_ok());
    let many = (0..10_000).map(|id| message(&id.to_string(), if id % 1000 == 7 { "\"bad\"" } else { "\"good\"" }));
    assert_eq!(run("sync", many).unwrap().len(), 10);
}

#[test]
fn an_event_that_is_no_batch_of_the_source_is_refused() {
    let mut of_kinesis = message("a", "\"good\"");
    of_kinesis["eventSource"] = json!("aws:kinesis");
    let mut nameless = message("a", "\"good\"");
    nameless["messageId"] = json!(null);
    for (event, why) in [
        (json!({}), "it has no `Records`"),
        (json!({"Records": {}}), "its `Records` cannot be split into records"),
        (json!({"Records": [of_kinesis]}), "its source is `aws:kinesis`, and the handler takes `aws:sqs`"),
        (
            json!({"Records": [message("a", "\"good\""), nameless]}),
            "record 1 has no `messageId`, by which its failure would be reported",
        ),
    ] {
        let failure = testing::invoke("sync").event(event).run().unwrap_err();
        assert_eq!(failure.error_type(), "Runtime.InvalidEvent");
        assert_eq!(failure.message(), format!("the event is not a batch that the handler can take: {why}"));
    }
    let failure = testing::invoke("sync").payload("{\"Records\": [").run().unwrap_err();
    let message =
        "the event cannot be read as `a batch of Amazon SQS`: at `$.Records`: EOF while parsing a list at line 1";
    assert!(failure.message().starts_with(message), "{failure}");
}

#[test]
fn a_message_that_arrives_twice_is_reported_once() {
    let records = [("a", "\"bad\""), ("a", "\"good\""), ("a", "\"bad\"")];
    assert_eq!(run("sync", records.map(|(id, body)| message(id, body))).unwrap(), ["a"]);
}

static RUNNING: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

#[mayfly::batch(name = "peak", concurrency = 20)]
async fn peak(_: Sqs<String>) {
    PEAK.fetch_max(RUNNING.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(10)).await;
    RUNNING.fetch_sub(1, Ordering::Relaxed);
}

#[test]
fn as_many_records_run_at_once_as_the_attribute_says() {
    assert_eq!(run("peak", (0..100).map(|id| message(&id.to_string(), "\"x\""))).unwrap(), [""; 0]);
    assert_eq!(PEAK.load(Ordering::Relaxed), 20);
}

/// The time of the first record, and the times after it at which records end.
static PAUSED: Mutex<(Option<Instant>, BTreeSet<Duration>)> = Mutex::new((None, BTreeSet::new()));
static PAUSED_RUNNING: AtomicUsize = AtomicUsize::new(0);
static PAUSED_PEAK: AtomicUsize = AtomicUsize::new(0);

#[mayfly::batch(name = "paused", concurrency = 20)]
async fn paused(_: Sqs<Text>) {
    let first = *PAUSED.lock().unwrap().0.get_or_insert_with(|| {
        tokio::time::pause();
        Instant::now()
    });
    PAUSED_PEAK.fetch_max(PAUSED_RUNNING.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(10)).await;
    PAUSED_RUNNING.fetch_sub(1, Ordering::Relaxed);
    PAUSED.lock().unwrap().1.insert(first.elapsed());
}

#[test]
fn a_hundred_records_of_which_twenty_run_at_once_end_after_five_waits() {
    assert_eq!(run("paused", (0..100).map(|id| message(&id.to_string(), "x"))).unwrap(), [""; 0]);
    assert_eq!(PAUSED_PEAK.load(Ordering::Relaxed), 20);
    let ends: Vec<_> = PAUSED.lock().unwrap().1.iter().copied().collect();
    assert_eq!(ends.len(), 5, "{ends:?}");
    // tokio's clock counts whole milliseconds.
    assert!((Duration::from_millis(50)..=Duration::from_millis(55)).contains(&ends[4]), "{ends:?}");
}

static DROPPED: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct OnDrop(String);

impl Drop for OnDrop {
    fn drop(&mut self) {
        DROPPED.lock().unwrap().push(self.0.clone());
    }
}

#[mayfly::batch(name = "slow", concurrency = 2)]
async fn slow(message: Sqs<String>) {
    let _on_drop = OnDrop(message.message_id());
    if *message == *"slow" {
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
}

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

#[mayfly::batch(name = "sleepy")]
fn sleepy(_: Sqs<String>) {
    CALLS.set(CALLS.get() + 1);
    if CALLS.get() == 2 {
        std::thread::sleep(Duration::from_millis(500));
    }
}

#[test]
fn shortly_before_the_deadline_nothing_begins_and_futures_are_dropped() {
    let records = [("a", "good"), ("b", "slow"), ("c", "good"), ("d", "slow"), ("e", "good")];
    let event = json!({"Records": records.map(|(id, body)| message(id, &format!("\"{body}\"")))});
    let reply = testing::invoke("slow").event(&event).deadline(Duration::from_millis(400)).run().unwrap();
    assert_eq!(failures(&reply.json()), ["b", "d", "e"]);
    let mut dropped = DROPPED.lock().unwrap().clone();
    dropped.sort();
    assert_eq!(dropped, ["a", "b", "c", "d"]);
    let reply = testing::invoke("sleepy").event(&event).deadline(Duration::from_millis(500)).run().unwrap();
    assert_eq!(failures(&reply.json()), ["c", "d", "e"]);
}
