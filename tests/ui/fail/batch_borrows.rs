use std::borrow::Cow;

use mayfly::batch::{DynamoDb, Kinesis, Sqs};

#[derive(serde::Deserialize)]
struct Order<'a> {
    name: &'a str,
}

#[mayfly::batch]
fn borrowed(_: Sqs<&str>) {}

#[mayfly::batch]
fn order(order: Sqs<Order<'_>>) {
    println!("{}", order.name);
}

#[mayfly::batch]
async fn named<'a>(_: Kinesis<Order<'a>>) {}

#[mayfly::batch]
fn item(_: DynamoDb<Vec<&'static str>>) {}

#[mayfly::batch]
fn owned(_: Sqs<Cow<'static, str>>, _: mayfly::State<&'static str>) {}

fn main() {}
