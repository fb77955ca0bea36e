//! Batches: the records of queues and streams, one a call.
//!
//! An event of Amazon SQS, Kinesis, `DynamoDB` Streams or Apache Kafka holds many records. A function under
//! [`#[mayfly::batch]`](macro@crate::batch) takes one record, and Mayfly calls it for each and replies with the records
//! that failed, so that the source delivers only those again:
//!
//! ```
//! use mayfly::batch::Sqs;
//! use mayfly::testing;
//! use serde_json::{Value, json};
//!
//! #[mayfly::batch]
//! async fn reserve(pieces: Sqs<u32>) -> Result<(), mayfly::Error> {
//!     if *pieces > 9 {
//!         return Err(mayfly::Error::new("SoldOut", "there are not so many pieces"));
//!     }
//!     Ok(())
//! }
//!
//! fn main() {
//!     let message = |id, body| json!({"messageId": id, "eventSource": "aws:sqs", "body": body});
//!     let event = json!({"Records": [message("a", "1"), message("b", "20"), message("c", "two")]});
//!     let path = concat!(module_path!(), "::reserve");
//!     let reply = testing::invoke(path).event(event).run().unwrap();
//!     let failures = json!({"batchItemFailures": [{"itemIdentifier": "b"}, {"itemIdentifier": "c"}]});
//!     assert_eq!(reply.json::<Value>(), failures);
//! }
//! ```
//!
//! **The event source mapping must have `FunctionResponseTypes: [ReportBatchItemFailures]`.** Without it Lambda takes
//! any reply for a success and deletes the failed records; a function cannot see whether it is set.
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>.
//!
//! # Failures
//!
//! - A record whose content cannot be read as the function's type fails alone, as `Runtime.InvalidRecord`.
//! - An error or a panic fails its record, and is logged with the record's identifier. Catching panics needs
//!   `panic = "unwind"`: under `panic = "abort"` a panic ends the process, and the whole batch is delivered again.
//! - An event that is not JSON, is no batch of the function's source or has a record without an identifier fails the
//!   invocation as `Runtime.InvalidEvent`. No record is begun.
//! - If every record of a standard queue or of Kafka was begun and failed, the invocation fails as
//!   `Function.BatchFailed`, so that alarms count it and Lambda slows down; all records are delivered again.
//! - Shortly before the deadline no further record begins (a quarter of the time that the invocation had, at most a
//!   second); in half of that time before the deadline, futures that still run are dropped. These records are reported
//!   as failed, and those that succeeded are not delivered again, as they would be after a time-out.

mod attribute_key;
mod attribute_number;
mod attribute_value;
mod content;
mod deadline;
mod dynamodb;
mod envelope;
mod kafka;
mod kinesis;
mod nested;
pub(crate) mod progress;
#[cfg(any(test, fuzzing))]
pub(crate) mod properties;
pub(crate) mod raw;
mod scanner;
mod schedule;
#[cfg(feature = "async")]
pub(crate) mod slots;
pub(crate) mod source;
mod sqs;

pub use content::{Bytes, Content, Text};
pub use dynamodb::DynamoDb;
pub use kafka::Kafka;
pub use kinesis::Kinesis;
pub use nested::{EventBridge, Sns};
#[doc(hidden)]
pub use raw::Raw;
pub use source::{Record, Source};
pub use sqs::Sqs;
