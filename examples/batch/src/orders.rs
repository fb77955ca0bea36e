//! Orders and deliveries from a FIFO queue. The customer or the supplier is the message group.

use mayfly::State;
use mayfly::batch::Sqs;
use serde::Deserialize;

use crate::stock::{Goods, OutOfStock, Stock};

/// The body of a message, such as `{"order": {"id": "o-1", "sku": "kettle", "pieces": 2}}`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Goods that a customer orders.
    Order(Goods),
    /// Goods that a supplier has brought.
    Delivery(Goods),
}

/// Applies one change to the stock.
///
/// Up to ten groups go on at once. An order that cannot be filled returns to the queue with the later messages of its
/// customer, which keep their order; other customers do not notice.
///
/// # Errors
/// Fails if too few pieces are left.
#[mayfly::batch(concurrency = 10)]
pub async fn apply(change: Sqs<Change>, stock: State<Stock>) -> Result<(), OutOfStock> {
    let group = change.group().unwrap_or_default();
    match &*change {
        Change::Order(goods) => {
            stock.reserve(goods).await?;
            log::info!("reserved {} for {group}: {} of {}", goods.id, goods.pieces, goods.sku);
        }
        Change::Delivery(goods) => {
            stock.deliver(goods).await;
            log::info!("received {} from {group}: {} of {}", goods.id, goods.pieces, goods.sku);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use mayfly::testing;
    use serde_json::{Value, json};

    /// Delivers messages, each of which has an id, a group and a body, and returns the ids of those that failed.
    fn failed(messages: &[(&str, &str, &str)]) -> Vec<String> {
        let record = |(id, group, body): &(&str, &str, &str)| {
            json!({
                "messageId": id,
                "receiptHandle": "a handle",
                "body": body,
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": "1795546800000",
                    "SequenceNumber": "18850589563953917952",
                    "MessageGroupId": group,
                    "MessageDeduplicationId": id
                },
                "messageAttributes": {},
                "md5OfBody": "d41d8cd98f00b204e9800998ecf8427e",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:orders.fifo",
                "awsRegion": "eu-central-1"
            })
        };
        let records: Vec<Value> = messages.iter().map(record).collect();
        let reply = testing::invoke("batch::orders::apply").event(json!({ "Records": records })).run().unwrap();
        let failures = reply.json::<Value>()["batchItemFailures"].as_array().unwrap().clone();
        failures.into_iter().map(|failure| failure["itemIdentifier"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_failed_order_returns_with_the_rest_of_its_customer() {
        let messages = [
            ("1", "ada", r#"{"order": {"id": "o-1", "sku": "kettle", "pieces": 11}}"#),
            ("2", "bob", r#"{"order": {"id": "o-2", "sku": "kettle", "pieces": 9}}"#),
            // There would be enough pieces for this order, but Ada's earlier one comes first.
            ("3", "ada", r#"{"order": {"id": "o-3", "sku": "kettle", "pieces": 1}}"#),
            ("4", "bob", r#"{"order": {"id": "o-4", "sku": "kettle", "pieces": 1}}"#),
        ];
        assert_eq!(failed(&messages), ["1", "3"]);
    }

    #[test]
    fn a_body_that_is_no_change_fails_as_any_other() {
        let messages = [
            ("1", "ada", "two kettles, please"),
            ("2", "bob", r#"{"order": {"id": "o-2", "sku": "kettle", "pieces": -1}}"#),
            ("3", "eve", r#"{"order": {"id": "o-3", "sku": "kettle", "pieces": 10}}"#),
        ];
        assert_eq!(failed(&messages), ["1", "2"]);
    }

    #[test]
    fn a_group_does_not_wait_for_another() {
        let messages = [
            ("1", "supplier", r#"{"delivery": {"id": "d-1", "sku": "pan", "pieces": 5}}"#),
            // Tried while the delivery goes on, so that no pan is there yet.
            ("2", "ada", r#"{"order": {"id": "o-1", "sku": "pan", "pieces": 1}}"#),
        ];
        assert_eq!(failed(&messages), ["2"]);
    }

    #[test]
    fn the_messages_of_one_group_wait_for_each_other() {
        let messages = [
            ("1", "ada", r#"{"delivery": {"id": "d-1", "sku": "pan", "pieces": 5}}"#),
            ("2", "ada", r#"{"order": {"id": "o-1", "sku": "pan", "pieces": 5}}"#),
        ];
        assert!(failed(&messages).is_empty());
    }
}
