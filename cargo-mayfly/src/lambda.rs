//! Facts of AWS Lambda: runtimes, architectures and limits.

pub(crate) mod glibc;
pub(crate) mod input;
pub(crate) mod limits;
pub(crate) mod runtime;
