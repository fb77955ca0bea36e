//! Batches, from the event to the reply.

mod listed;
mod model;
mod nested;
mod sqs;
mod streams;
