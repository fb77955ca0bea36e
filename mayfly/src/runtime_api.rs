//! The Lambda Runtime API: its address, a connection that speaks HTTP/1.1, and its verbs.

pub(crate) mod client;
mod connection;
pub(crate) mod endpoint;
pub(crate) mod headers;
pub(crate) mod incoming;
pub(crate) mod invocation_id;
pub(crate) mod outgoing;
pub(crate) mod request;
pub(crate) mod response;
