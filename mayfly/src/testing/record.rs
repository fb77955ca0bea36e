//! `record`: a record of a batch, for a test that calls a batch function directly.

use serde::Serialize;

use crate::batch::raw::{Raw, invalid};
use crate::batch::source::Record;
use crate::error::Error;

/// Reads a record of a batch from its JSON, for a test that calls a batch function directly. `Sqs::new` and its like
/// make one without other data than its content.
///
/// ```
/// use mayfly::batch::Sqs;
/// use mayfly::testing;
/// use serde_json::json;
///
/// #[mayfly::batch]
/// fn again(message: Sqs<String>) -> Result<(), mayfly::Error> {
///     if message.receive_count() < Some(3) {
///         return Err(mayfly::Error::new("TooEarly", message.message_id()));
///     }
///     Ok(())
/// }
///
/// fn main() {
///     let message = |count: &str| {
///         let attributes = json!({"ApproximateReceiveCount": count});
///         testing::record(json!({"messageId": "m", "body": "\"text\"", "attributes": attributes})).unwrap()
///     };
///     assert_eq!(again(message("1")).unwrap_err().message(), "m");
///     assert!(again(message("3")).is_ok());
///     assert!(testing::record::<Sqs<u8>>(json!({"body": "no number"})).is_err());
/// }
/// ```
///
/// # Errors
/// Returns `Runtime.InvalidRecord` if the record's content cannot be read, as it would fail in a batch.
pub fn record<R: Record>(json: impl Serialize) -> Result<R, Error> {
    R::read(Raw::of(serde_json::to_vec(&json).map_err(|error| invalid(&error.to_string()))?))
}
