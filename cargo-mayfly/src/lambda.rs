//! Facts of AWS Lambda: runtimes, architectures and limits.

pub(crate) mod event_stream;
pub(crate) mod glibc;
pub(crate) mod http_stream;
pub(crate) mod input;
pub(crate) mod limits;
pub(crate) mod runtime;
