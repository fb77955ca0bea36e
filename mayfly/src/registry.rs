//! The registry: what the attributes leave in the binary, and which handler a process runs.

pub(crate) mod copies;
pub(crate) mod handler;
pub(crate) mod list;
pub(crate) mod select;
