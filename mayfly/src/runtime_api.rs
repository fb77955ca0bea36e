//! The client of the Lambda Runtime API: the endpoint, a connection that speaks HTTP/1.1, and the verbs.

pub(crate) mod client;
pub(crate) mod connection;
pub(crate) mod endpoint;
#[cfg(feature = "shutdown")]
pub(crate) mod extension;
pub(crate) mod headers;
pub(crate) mod incoming;
pub(crate) mod invocation_id;
pub(crate) mod outgoing;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod stream_post;
mod stream_socket;
mod tail;
pub(crate) mod trailers;
