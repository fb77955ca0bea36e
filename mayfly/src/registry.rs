//! The registry of the handlers and inits that the attributes leave in the binary, and the selection of one handler.

pub(crate) mod all;
pub(crate) mod around;
#[cfg(feature = "axum")]
pub(crate) mod chosen;
#[cfg(feature = "axum")]
mod conflicts;
pub(crate) mod copies;
pub(crate) mod handler;
pub(crate) mod hook;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod needs;
pub(crate) mod path;
pub(crate) mod plan;
#[cfg(feature = "axum")]
pub(crate) mod route;
#[cfg(feature = "axum")]
mod routes;
pub(crate) mod select;
