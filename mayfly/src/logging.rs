//! Logging: the logger that Mayfly installs, its levels and its line formats.

pub(crate) mod failure;
mod levels;
pub(crate) mod line;
pub(crate) mod logger;
mod timestamp;
