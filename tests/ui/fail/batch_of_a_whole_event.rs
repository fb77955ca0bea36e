use std::collections::HashMap;

use mayfly::batch::{Kinesis, Sns, Sqs};

#[derive(serde::Deserialize)]
struct SqsEvent {
    #[serde(rename = "Records")]
    records: Vec<HashMap<String, String>>,
}

#[derive(serde::Serialize)]
struct SqsBatchResponse;

#[mayfly::batch]
fn event(event: SqsEvent) {
    drop(event.records);
}

#[mayfly::batch]
async fn whole_reply(_: Sqs<String>) -> SqsBatchResponse {
    SqsBatchResponse
}

#[mayfly::batch]
fn without_its_queue(_: Sns<String>) {}

#[mayfly::batch]
fn swapped(_: mayfly::Context, _: Sqs<String>) {}

#[mayfly::batch]
fn misspelt(_: Sqs<Ordre>) {}

#[mayfly::batch]
fn without_its_content(_: Sqs) {}

#[mayfly::batch]
fn with_an_error_of_no_kind(_: Kinesis<String>) -> Result<(), HashMap<(), std::rc::Rc<NoError>>> {
    Ok(())
}

struct NoError;

fn main() {}
