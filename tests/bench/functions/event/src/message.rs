//! The message of a queue, which every function of batches handles alike.

use std::fmt;

use serde::Deserialize;

/// The largest order.
const MOST: u32 = 1000;

/// The body of a message.
#[derive(Deserialize)]
pub struct Purchase {
    id: u64,
    customer: String,
    pieces: u32,
}

impl Purchase {
    /// Handles the purchase.
    ///
    /// # Errors
    /// If it is too large.
    pub fn handle(&self) -> Result<(), TooLarge> {
        if self.pieces > MOST {
            return Err(TooLarge { id: self.id, length: self.customer.len() });
        }
        Ok(())
    }
}

/// An order that is too large.
#[derive(Debug)]
pub struct TooLarge {
    id: u64,
    length: usize,
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "order {} of a customer with {} letters is too large", self.id, self.length)
    }
}

impl std::error::Error for TooLarge {}
