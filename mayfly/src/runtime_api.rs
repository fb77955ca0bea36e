//! The Lambda Runtime API: its address, a connection that speaks HTTP/1.1, and its verbs.

pub(crate) mod client;
pub(crate) mod connection;
pub(crate) mod endpoint;
pub(crate) mod headers;
pub(crate) mod request;
pub(crate) mod response;
