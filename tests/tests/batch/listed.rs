//! Batches in the registry that `MAYFLY_LIST` prints and that `testing::check` reads.

use mayfly::batch::{DynamoDb, Kafka};
use mayfly::{State, testing};
use serde_json::Value;

struct Prefix(String);

#[mayfly::init]
fn prefix() -> Prefix {
    Prefix("state".to_owned())
}

#[mayfly::batch(name = "with_state", default)]
async fn with_state(record: Kafka<String>, prefix: State<Prefix>) {
    tokio::task::yield_now().await;
    assert_eq!(prefix.0.0, *record.as_str());
}

#[mayfly::batch]
fn of_values(_: DynamoDb<Value>) {}

#[test]
fn a_batch_has_states_and_a_path() {
    testing::check().unwrap();
    let event = serde_json::json!({"records": {"t-0": [{"offset": 1, "value": "InN0YXRlIg=="}]}});
    assert!(testing::invoke("with_state").event(event).run().is_ok());
    assert!(testing::invoke("batch::listed::of_values").event(serde_json::json!({"Records": []})).run().is_ok());
}
