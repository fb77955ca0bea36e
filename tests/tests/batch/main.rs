//! Batches, from the event to the reply.

mod edges;
mod listed;
mod model;
mod nested;
mod process;
mod sqs;
mod streams;
