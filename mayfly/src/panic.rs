//! Panics: the hook that records them, the report under `panic = "abort"`, and the user's frames of a backtrace.

pub(crate) mod abort;
pub(crate) mod backtrace;
pub(crate) mod hook;
