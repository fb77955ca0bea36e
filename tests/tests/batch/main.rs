//! Batches, from the event to the reply.

mod listed;
mod nested;
mod sqs;
mod streams;
