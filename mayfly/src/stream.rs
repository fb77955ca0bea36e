//! Streamed replies: raw bytes that a handler makes while they are sent.
//!
//! A handler returns a [`Stream`]; [`Writer`] and `AsyncWriter` are the places that its code writes to. For HTTP,
//! [`#[mayfly::service(stream)]`](macro@crate::service) streams every response of a service.

#[cfg(feature = "async")]
mod async_writer;
#[cfg(feature = "stream")]
mod chunks;
mod iter;
mod properties;
#[cfg(any(feature = "http", feature = "stream"))]
pub(crate) mod pull;
mod reader;
pub(crate) mod reply;
mod send;
pub(crate) mod writer;
mod written;

#[cfg(feature = "async")]
pub use async_writer::AsyncWriter;
pub use reply::Stream;
pub use writer::Writer;
