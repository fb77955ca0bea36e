//! Batches: functions that take the records of a queue or a stream one by one, while Mayfly replies with those that
//! failed.
//!
//! | Handler | Source | Task |
//! |---|---|---|
//! | `batch::orders::apply` | a FIFO queue of SQS | reserves goods; the orders of one customer in their order, ten customers at once |
//! | `batch::readings::note` | a stream of Kinesis | keeps each sensor's latest reading; a record is one reading |
//! | `batch::readings::note_lines` | a stream of Kinesis | the same; a record is text with a reading in each line |
//!
//! Each event source mapping must have `FunctionResponseTypes: [ReportBatchItemFailures]`. Set `panic = "unwind"` under
//! `[profile.release]` of your own workspace, so that a panic fails one record and not the batch: this one has `abort`,
//! for its other examples, and `cargo mayfly build` warns of it.

pub mod orders;
pub mod readings;
pub mod stock;
