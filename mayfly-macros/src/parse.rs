//! The parts of an attribute and of the function under it that Mayfly reads.

pub(crate) mod args;
pub(crate) mod pattern;
pub(crate) mod place;
pub(crate) mod signature;
