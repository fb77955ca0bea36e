use mayfly::batch::{DynamoDb, Sqs};

#[mayfly::handler]
fn message(_: Sqs<String>) {}

#[mayfly::handler]
async fn change(_: DynamoDb<Vec<u8>>, _: mayfly::Context) -> Result<(), mayfly::Error> {
    Ok(())
}

#[mayfly::handler]
fn record(_: mayfly::batch::Kinesis<u8>) {}

/// A type of the user's own.
struct Kafka;

#[mayfly::handler]
fn own(_: Kafka) {}

fn main() {}
