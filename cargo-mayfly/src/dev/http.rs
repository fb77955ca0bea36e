//! The HTTP server that serves HTTP functions to browsers.

mod directory;
pub(crate) mod entrance;
mod event;
mod gateway;
mod host;
mod page;
mod response;
mod streamed;
