use mayfly::batch::{Kinesis, Sqs};

#[mayfly::batch]
fn nothing() {}

#[mayfly::batch]
async fn event(_: Vec<String>) {}

#[mayfly::batch]
fn context(_: mayfly::Context) {}

struct NotRead;

#[mayfly::batch]
fn content(_: Sqs<NotRead>) {}

#[mayfly::batch]
fn second(_: Sqs<String>, _: Kinesis<String>) {}

fn main() {}
