//! The builds that are served, and the changes that start the next one.

pub(crate) mod artifact;
pub(crate) mod catalog;
pub(crate) mod changes;
mod dep_info;
pub(crate) mod sources;
