//! The signatures and attributes that a batch function accepts.
#![deny(warnings, missing_docs)]

use std::collections::{BTreeSet, HashMap};
use std::error::Error as StdError;
use std::rc::Rc;

use mayfly::batch::{Bytes, Content, DynamoDb, EventBridge, Kafka, Kinesis, Sns, Sqs, Text};
use mayfly::{Context, Error, State};
use serde::Deserialize;

struct Shelf;

#[mayfly::init]
fn shelf() -> Shelf {
    Shelf
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    #[serde(default)]
    pieces: u32,
}

/// A content with a form of its own.
struct Line(usize);

impl Content for Line {
    fn read(bytes: Vec<u8>) -> Result<Self, Error> {
        if bytes.is_empty() { Err(Error::new("Empty", "the line is empty")) } else { Ok(Self(bytes.len())) }
    }
}

type Message = Sqs<Order>;
type Outcome<T = ()> = Result<T, Box<dyn StdError>>;

#[mayfly::batch]
fn plain(_: Sqs<Order>) {}

#[mayfly::batch()]
async fn asynchronous(order: Sqs<Order>) {
    let held = Rc::new(order.pieces);
    std::future::ready(()).await;
    assert!(*held > 0);
}

#[mayfly::batch(name = "queues/orders", default, concurrency = 20, report_all)]
async fn everything(order: Message, context: Context, _: State<Shelf>, State(_): State<Shelf>) -> Result<(), Error> {
    if order.pieces > 9 { Err(Error::new("SoldOut", context.request_id)) } else { Ok(()) }
}

#[mayfly::batch(crate = mayfly)]
fn through_an_alias(mut order: Message, _: Context) -> Outcome {
    order = order.clone();
    Ok("1".parse::<u8>().map(|_| drop(order))?)
}

#[mayfly::batch]
async fn with_anyhow(_: Sqs<Text>) -> anyhow::Result<()> {
    Ok(())
}

#[mayfly::batch]
fn of_its_own_form(line: Sqs<Line>) -> Result<(), std::fmt::Error> {
    if line.0 == 0 { Err(std::fmt::Error) } else { Ok(()) }
}

#[mayfly::batch]
fn nested(_: Sqs<Sns<EventBridge<Bytes>>>) -> Result<(), &'static str> {
    Err("no")
}

#[mayfly::batch]
fn of_a_stream(_: Kinesis<Vec<Option<u8>>>, _: State<Shelf>) {}

#[mayfly::batch]
async fn of_a_stream_later(click: mayfly::batch::Kinesis<Bytes>) -> Result<(), String> {
    String::from_utf8(click.into_inner().0).map(drop).map_err(|error| error.to_string())
}

#[mayfly::batch]
fn of_a_table(item: DynamoDb<HashMap<String, BTreeSet<String>>>) -> Result<(), Error> {
    item.old().map(drop)
}

#[mayfly::batch]
async fn of_a_table_later(_: DynamoDb<Order>, context: Context) {
    drop(context);
}

#[mayfly::batch(concurrency = 4)]
async fn of_a_topic(_: Kafka<String>) {}

#[mayfly::batch(report_all)]
pub(crate) fn of_a_topic_at_once(_: Kafka<Text>) -> Result<(), Rc<std::fmt::Error>> {
    Ok(())
}

macro_rules! batches {
    ($($name:ident: $record:ident<$content:ty>,)*) => {
        $(#[mayfly::batch]
        fn $name(_: $record<$content>) {})*
    };
}

batches! {
    from_a_macro: Sqs<u8>,
    from_a_macro_again: Kafka<Vec<u8>>,
}

/// Is deprecated.
#[mayfly::batch]
#[deprecated]
pub fn old(_: Sqs<Order>) {}

mod r#type {
    #[mayfly::batch]
    async fn r#match(_: mayfly::batch::Sqs<u8>) {}
}

#[test]
fn a_batch_of_each_source_can_be_invoked() {
    let records = |records| serde_json::json!({"Records": records});
    let invoke =
        |handler: &str, event| mayfly::testing::invoke(&format!("signatures::batches::{handler}")).event(event).run();
    for handler in ["plain", "asynchronous", "through_an_alias", "of_a_stream", "of_a_stream_later", "of_a_table"] {
        invoke(handler, records(serde_json::Value::Null)).unwrap();
    }
    invoke("of_a_table_later", records(serde_json::json!([]))).unwrap();
    invoke("of_a_topic", serde_json::json!({"records": {}})).unwrap();
}
