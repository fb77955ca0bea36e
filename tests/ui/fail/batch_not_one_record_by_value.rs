use mayfly::batch::{DynamoDb, Kafka, Kinesis, Sqs};

#[mayfly::batch]
fn by_reference(_: &Sqs<String>) {}

#[mayfly::batch]
async fn to_change(_: &mut mayfly::batch::Kinesis<String>) {}

#[mayfly::batch]
fn several(_: Vec<Sqs<String>>) {}

#[mayfly::batch]
fn slice(_: &[Kafka<String>]) {}

#[mayfly::batch]
fn perhaps(_: Option<DynamoDb<String>>) {}

#[mayfly::batch]
fn pair(_: (Kinesis<String>, Kinesis<String>)) {}

#[mayfly::batch]
fn any(_: impl std::ops::Deref<Target = String>) {}

#[mayfly::batch]
fn generic<T: mayfly::batch::Content>(_: Sqs<T>) {}

fn main() {}
