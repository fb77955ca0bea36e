//! The rules on arguments and signatures, with their messages: those of one attribute in the file of its name, those
//! of several in `common` and `output`.

mod around;
mod batch;
mod common;
mod handler;
mod hook;
mod init;
mod output;
mod route;
mod service;

pub(crate) use around::around;
pub(crate) use batch::batch;
pub(crate) use common::attributes;
pub(crate) use handler::handler;
pub(crate) use hook::hook;
pub(crate) use init::init;
pub(crate) use route::route;
pub(crate) use service::service;
