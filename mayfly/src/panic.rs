//! Panic handling: the hook, the catch around the user's code, and the report under `panic = "abort"`.

pub(crate) mod abort;
mod backtrace;
pub(crate) mod caught;
pub(crate) mod hook;
