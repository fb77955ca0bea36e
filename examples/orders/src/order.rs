//! `Order`: a valid order.

use std::fmt;

use serde::Deserialize;

/// The maximum number of pieces in one order.
const MAX_QUANTITY: u32 = 1000;

/// A valid order. The only way to make one is from JSON that keeps the rules.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Order {
    id: String,
    sku: String,
    quantity: u32,
}

impl Order {
    /// Returns the id, which the customer chose. An order that is sent twice is one order.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the article.
    #[must_use]
    pub fn sku(&self) -> &str {
        &self.sku
    }

    /// Returns the number of pieces, which is at least one.
    #[must_use]
    pub fn quantity(&self) -> u32 {
        self.quantity
    }
}

/// An order as it arrives, unchecked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    id: String,
    sku: String,
    quantity: u32,
}

impl TryFrom<Unchecked> for Order {
    type Error = InvalidOrder;

    fn try_from(order: Unchecked) -> Result<Self, InvalidOrder> {
        if !is_word(&order.id) {
            return Err(InvalidOrder::Id);
        }
        if !is_word(&order.sku) {
            return Err(InvalidOrder::Sku);
        }
        if !(1..=MAX_QUANTITY).contains(&order.quantity) {
            return Err(InvalidOrder::Quantity(order.quantity));
        }
        Ok(Self { id: order.id, sku: order.sku, quantity: order.quantity })
    }
}

/// Checks an id or article. Both become part of a line of text that the warehouse reads, where a space or a line break
/// would forge a command.
fn is_word(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The rule that an order breaks.
#[derive(Debug, PartialEq, Eq)]
pub enum InvalidOrder {
    /// The id is not a word.
    Id,
    /// The article is not a word.
    Sku,
    /// The quantity is zero or too large.
    Quantity(u32),
}

impl fmt::Display for InvalidOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id => f.write_str("`id` must be 1 to 64 letters, digits and dashes"),
            Self::Sku => f.write_str("`sku` must be 1 to 64 letters, digits and dashes"),
            Self::Quantity(quantity) => write!(f, "`quantity` must be 1 to {MAX_QUANTITY}, and is {quantity}"),
        }
    }
}

impl std::error::Error for InvalidOrder {}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Order, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn an_order_is_read() {
        let order = read(r#"{"id": "o-1", "sku": "kettle", "quantity": 2}"#).unwrap();
        assert_eq!((order.id(), order.sku(), order.quantity()), ("o-1", "kettle", 2));
    }

    #[test]
    fn every_rule_is_kept() {
        for (json, wrong) in [
            (r#"{"id": "", "sku": "kettle", "quantity": 1}"#, "`id`"),
            (r#"{"id": "o-1", "sku": "kettle 9\nRESERVE", "quantity": 1}"#, "`sku`"),
            (r#"{"id": "o-1", "sku": "kettle", "quantity": 0}"#, "`quantity`"),
            (r#"{"id": "o-1", "sku": "kettle", "quantity": 1001}"#, "`quantity`"),
            (r#"{"id": "o-1", "sku": "kettle", "quantity": 1, "price": 0}"#, "unknown field `price`"),
        ] {
            let message = read(json).unwrap_err();
            assert!(message.contains(wrong), "{json}: {message}");
        }
    }
}
