//! Logging: the logger that Mayfly installs, its levels and its line formats.

mod levels;
pub(crate) mod line;
pub(crate) mod logger;
mod timestamp;
