//! Payments, which the payment service announces on the event bus.

use aws_lambda_events::eventbridge::EventBridgeEvent;
use serde::{Deserialize, Serialize};

/// The `detail` of a `PaymentReceived` event.
#[derive(Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Payment {
    /// The order that was paid.
    pub order_id: String,
    /// The amount that was paid.
    pub cents: u64,
}

/// The input of the workflow's next step.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// The order that was paid.
    pub order_id: String,
    /// The amount as the receipt prints it.
    pub total: String,
}

/// Writes the receipt of a payment.
#[mayfly::handler]
pub fn received(event: EventBridgeEvent<Payment>) -> Receipt {
    let Payment { order_id, cents } = event.detail;
    // No subscriber of `tracing` is installed, so its feature `log` sends this line to Mayfly's logger.
    tracing::info!(order = %order_id, cents, source = %event.source, "payment received");
    Receipt { order_id, total: format!("{}.{:02} EUR", cents / 100, cents % 100) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_payment_becomes_a_receipt() {
        let event = json!({
            "version": "0",
            "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
            "detail-type": "PaymentReceived",
            "source": "shop.payments",
            "account": "123456789012",
            "time": "2026-11-24T19:00:00Z",
            "region": "eu-central-1",
            "resources": [],
            "detail": { "orderId": "o-1", "cents": 1999 }
        });
        let receipt = received(serde_json::from_value(event).unwrap());
        assert_eq!(receipt, Receipt { order_id: "o-1".to_owned(), total: "19.99 EUR".to_owned() });
    }
}
