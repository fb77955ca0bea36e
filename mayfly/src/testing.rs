//! Tests of registered handlers, with real decoding, headers, states and encoding but without a socket.
//!
//! A handler is an ordinary function, so most tests call it directly. This module tests the code between the function
//! and Lambda: that the event's JSON can be read, that the reply and the errors have the expected JSON, and that every
//! state has its init. Enable the feature `testing` only for tests:
//!
//! ```toml
//! [dev-dependencies]
//! mayfly = { git = "…", features = ["testing"] }
//! ```
//!
//! ```
//! use mayfly::testing;
//! use serde_json::{Value, json};
//!
//! #[mayfly::handler(name = "double")]
//! fn double(number: u64) -> Result<u64, mayfly::Error> {
//!     number.checked_mul(2).ok_or_else(|| mayfly::Error::new("TooLarge", "the number cannot be doubled"))
//! }
//!
//! fn main() {
//!     let reply = testing::invoke("double").event(21).run().unwrap();
//!     assert_eq!(reply.json::<Value>(), json!(42));
//!
//!     let failure = testing::invoke("double").event(u64::MAX).run().unwrap_err();
//!     assert_eq!(failure.error_type(), "TooLarge");
//!
//!     testing::check().unwrap();
//! }
//! ```

mod check;
mod chunks;
mod failure;
mod invoke;
mod record;
#[cfg(feature = "http")]
mod request;

#[cfg(feature = "http")]
pub use crate::http::gateway::Via;
pub use check::{Problems, check};
pub use chunks::Chunks;
pub use failure::Failure;
pub use invoke::{Invoke, Reply, invoke};
pub use record::record;
#[cfg(feature = "http")]
pub use request::{SendRequest, request};
