//! The handlers: `place` charges an order, `price` looks a price up.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mayfly::Error;
use opentelemetry::trace::Tracer;
use opentelemetry::{KeyValue, global};
use serde::{Deserialize, Serialize};

use crate::idempotent::idempotent;

/// An order. Its id is the key under which the reply is stored.
#[derive(Debug, Deserialize)]
struct Order {
    #[serde(rename = "orderId")]
    id: String,
    item: String,
    quantity: u32,
}

/// The reply to an order.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Receipt {
    order_id: String,
    cents: u32,
    payment: String,
}

/// Charges an order. Lambda may deliver an event twice, and a caller may repeat it: `idempotent` keeps the second
/// delivery from the customer's account.
#[mayfly::handler(around = idempotent)]
async fn place(order: Order) -> Result<Receipt, Error> {
    let cents = price(order.item)?
        .checked_mul(order.quantity)
        .ok_or_else(|| Error::new("TooMany", format!("{} pieces cost too much", order.quantity)))?;
    let payment = charge(cents).await;
    metrics::counter!("OrdersPlaced").increment(1);
    Ok(Receipt { order_id: order.id, cents, payment })
}

/// Returns the price of an item, in cents.
#[mayfly::handler]
fn price(item: String) -> Result<u32, Error> {
    match &*item {
        "cup" => Ok(450),
        "kettle" => Ok(2900),
        _ => Err(Error::new("UnknownItem", format!("there is no item `{item}`"))),
    }
}

/// Charges the customer and returns the number of the payment. A real shop would call its payment service here.
///
/// The span is a child of the invocation's, which `traced` has made the current one.
async fn charge(cents: u32) -> String {
    static PAYMENTS: AtomicU64 = AtomicU64::new(1);
    let tracer = global::tracer("observed");
    let span = tracer.span_builder("charge").with_attributes([KeyValue::new("cents", i64::from(cents))]);
    let _ends_with_this_function = span.start(&tracer);
    tokio::time::sleep(Duration::from_millis(1)).await;
    format!("payment {}", PAYMENTS.fetch_add(1, Ordering::Relaxed))
}
