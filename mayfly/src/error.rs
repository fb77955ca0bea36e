//! `Error`, its limits and frames, and the report that is sent for it.

pub(crate) mod advice;
mod chain;
pub(crate) mod failure;
pub(crate) mod frame;
pub(crate) mod limits;
pub(crate) mod report;
pub(crate) mod result_ext;
pub(crate) mod text;

pub use failure::Error;
pub use result_ext::ResultExt;
