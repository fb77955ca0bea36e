//! Logging: the logger that Mayfly installs, its levels, and the form of its lines.

mod levels;
pub(crate) mod line;
pub(crate) mod logger;
mod timestamp;
