//! The registry of the handlers and inits that the attributes leave in the binary, and the selection of one handler.

pub(crate) mod copies;
pub(crate) mod handler;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod path;
pub(crate) mod plan;
pub(crate) mod select;
