//! The handlers of {{name}}. The Handler setting of a Lambda function selects one of them.

use mayfly::Error;
use serde::{Deserialize, Serialize};

/// The event of [`greet`].
#[derive(Deserialize)]
pub struct Greeting {
    /// The name of the person.
    pub name: String,
}

/// The reply of [`greet`].
#[derive(Debug, PartialEq, Serialize)]
pub struct Greeted {
    /// The greeting.
    pub message: String,
}

/// Greets a person. Handler setting: `{{crate}}::greet`.
#[mayfly::handler]
pub fn greet(greeting: Greeting) -> Greeted {
    let message = format!("Hello, {}!", greeting.name);
    Greeted { message }
}

/// The event of [`total`].
#[derive(Deserialize)]
pub struct Order {
    /// The number of pieces.
    pub pieces: u32,
    /// The price of a piece in cents.
    pub cents: u32,
}

/// Calculates the total of an order. Handler setting: `{{crate}}::total`.
///
/// # Errors
/// Returns `NothingOrdered` for an order without pieces.
#[mayfly::handler]
pub async fn total(order: Order) -> Result<u64, Error> {
    if order.pieces == 0 {
        return Err(Error::new(
            "NothingOrdered",
            "an order has at least one piece",
        ));
    }
    Ok(u64::from(order.pieces) * u64::from(order.cents))
}

#[cfg(test)]
mod tests {
    use super::*;

    // A handler is an ordinary function: a unit test calls it.
    #[test]
    fn a_person_is_greeted_by_name() {
        let name = "Ada".to_owned();
        assert_eq!(greet(Greeting { name }).message, "Hello, Ada!");
    }
}
