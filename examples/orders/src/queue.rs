//! Orders from a queue.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use mayfly::{Error, ResultExt, State};

use crate::order::Order;
use crate::warehouse::{Reservation, Warehouse};

/// Reserves the goods of a batch of orders.
///
/// Only the messages that failed return to the queue. This needs an event source mapping with
/// `FunctionResponseTypes: [ReportBatchItemFailures]`; without it SQS takes any reply as a success of the whole batch.
#[mayfly::handler]
pub async fn reserve(batch: SqsEvent, warehouse: State<Warehouse>) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for message in batch.records {
        if let Err(error) = reserve_one(&message, &warehouse).await {
            let id = message.message_id.unwrap_or_default();
            log::error!(message_id = id.as_str(); "an order returns to the queue: {error:?}");
            response.add_failure(id);
        }
    }
    response
}

async fn reserve_one(message: &SqsMessage, warehouse: &Warehouse) -> Result<(), Error> {
    let body = message.body.as_deref().unwrap_or_default();
    let order: Order = serde_json::from_str(body).context("the body of the message")?;
    match warehouse.reserve(&order).await? {
        Reservation::Made => Ok(()),
        Reservation::Short { left } => {
            let message = format!("{} of `{}` are ordered, {left} are left", order.quantity(), order.sku());
            Err(Error::new("OutOfStock", message))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::warehouse::tests::{closed, open};

    /// Builds the event that SQS sends for messages with these ids and bodies.
    fn batch(messages: &[(&str, &str)]) -> SqsEvent {
        let record = |(id, body): &(&str, &str)| {
            json!({
                "messageId": id,
                "receiptHandle": "a handle",
                "body": body,
                "attributes": { "ApproximateReceiveCount": "1", "SentTimestamp": "1795546800000" },
                "messageAttributes": {},
                "md5OfBody": "d41d8cd98f00b204e9800998ecf8427e",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:orders",
                "awsRegion": "eu-central-1"
            })
        };
        let records: Vec<Value> = messages.iter().map(record).collect();
        serde_json::from_value(json!({ "Records": records })).unwrap()
    }

    fn failed(response: SqsBatchResponse) -> Vec<String> {
        response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
    }

    #[tokio::test]
    async fn only_failed_messages_return_to_the_queue() {
        let warehouse = State::new(open(3, false).await);
        let batch = batch(&[
            ("good", r#"{"id": "o-1", "sku": "kettle", "quantity": 2}"#),
            ("no JSON", "an order, please"),
            ("too much", r#"{"id": "o-2", "sku": "kettle", "quantity": 2}"#),
            ("good too", r#"{"id": "o-3", "sku": "kettle", "quantity": 1}"#),
        ]);
        assert_eq!(failed(reserve(batch, warehouse).await), ["no JSON", "too much"]);
    }

    #[tokio::test]
    async fn no_message_is_lost_while_the_warehouse_is_down() {
        let batch = batch(&[("good", r#"{"id": "o-1", "sku": "kettle", "quantity": 2}"#)]);
        assert_eq!(failed(reserve(batch, State::new(closed())).await), ["good"]);
    }
}
