//! Orders from a queue.

use mayfly::batch::Sqs;
use mayfly::{Error, State};

use crate::order::Order;
use crate::warehouse::{Reservation, Warehouse};

/// Reserves the goods of an order.
///
/// Mayfly calls the function for each message of a batch, and only the messages that failed return to the queue. This
/// needs an event source mapping with `FunctionResponseTypes: [ReportBatchItemFailures]`; without it Lambda takes
/// any reply as a success and deletes the whole batch.
///
/// # Errors
/// Fails if too few pieces are left, or if the warehouse does not answer.
#[mayfly::batch]
pub async fn reserve(order: Sqs<Order>, warehouse: State<Warehouse>) -> Result<(), Error> {
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
    use mayfly::testing;
    use serde_json::json;

    use super::*;
    use crate::warehouse::tests::{closed, open};

    /// Returns a message of the queue with that body.
    fn message(body: &str) -> Result<Sqs<Order>, Error> {
        testing::record(json!({
            "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
            "receiptHandle": "a handle",
            "body": body,
            "attributes": { "ApproximateReceiveCount": "1", "SentTimestamp": "1795546800000" },
            "messageAttributes": {},
            "md5OfBody": "d41d8cd98f00b204e9800998ecf8427e",
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:orders",
            "awsRegion": "eu-central-1"
        }))
    }

    #[tokio::test]
    async fn an_order_fails_when_too_few_pieces_are_left() {
        let warehouse = State::new(open(3, false).await);
        let order = || message(r#"{"id": "o-1", "sku": "kettle", "quantity": 2}"#).unwrap();
        reserve(order(), warehouse).await.unwrap();
        let error = reserve(order(), warehouse).await.unwrap_err();
        assert_eq!((error.name(), error.message()), ("OutOfStock", "2 of `kettle` are ordered, 1 are left"));
    }

    #[tokio::test]
    async fn an_order_fails_while_the_warehouse_is_down() {
        let order = serde_json::from_value(json!({"id": "o-1", "sku": "kettle", "quantity": 2})).unwrap();
        assert!(reserve(Sqs::new(order), State::new(closed())).await.is_err());
    }

    #[test]
    fn a_message_without_an_order_fails_alone() {
        for body in ["an order, please", r#"{"id": "o-1", "sku": "kettle", "quantity": 0}"#] {
            assert_eq!(message(body).unwrap_err().name(), "Runtime.InvalidRecord", "{body}");
        }
    }
}
