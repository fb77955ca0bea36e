//! The functions of {{name}}: the Handler setting of a Lambda function names the one that it runs.

use mayfly::Error;
use serde::{Deserialize, Serialize};

/// Whom to greet.
#[derive(Deserialize)]
pub struct Greeting {
    /// What they are called.
    pub name: String,
}

/// What to say to them.
#[derive(Debug, PartialEq, Serialize)]
pub struct Greeted {
    /// In a sentence.
    pub message: String,
}

/// Greets somebody; in the Handler setting it is `{{crate}}::greet`.
#[mayfly::handler]
pub fn greet(greeting: Greeting) -> Greeted {
    let message = format!("Hello, {}!", greeting.name);
    Greeted { message }
}

/// What somebody orders.
#[derive(Deserialize)]
pub struct Order {
    /// How many.
    pub pieces: u32,
    /// What each costs.
    pub cents: u32,
}

/// Adds up an order; in the Handler setting it is `{{crate}}::total`.
///
/// # Errors
/// If nothing is ordered.
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
    fn somebody_is_greeted_by_name() {
        let name = "Ada".to_owned();
        assert_eq!(greet(Greeting { name }).message, "Hello, Ada!");
    }
}
