use mayfly::batch::{DynamoDb, Kinesis, Sqs};

#[mayfly::batch(concurrency = 4)]
async fn clicks(_: Kinesis<String>) {}

#[mayfly::batch(concurrency = 4, report_all)]
async fn changes(_: mayfly::batch::DynamoDb<Vec<String>>) {}

#[mayfly::batch(report_all, name = "changes")]
fn in_a_thread(_: DynamoDb<Vec<String>>) {}

#[mayfly::batch(report_all = true)]
fn with_a_value(_: Sqs<String>) {}

#[mayfly::batch(report_all, report_all)]
fn twice(_: Sqs<String>) {}

#[mayfly::batch(concurrency = 20_u8)]
async fn suffixed(_: Sqs<String>) {}

#[mayfly::batch(concurrency = "20")]
async fn text(_: Sqs<String>) {}

#[mayfly::batch("orders")]
async fn bare_name(_: Sqs<String>) {}

fn main() {}
