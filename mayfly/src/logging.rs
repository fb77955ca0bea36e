//! Logging: the logger that Mayfly installs, and the levels that it is set to.

mod levels;
pub(crate) mod logger;
