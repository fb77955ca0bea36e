//! The Cargo project: its binaries, and how they are compiled.

pub(crate) mod cargo_config;
pub(crate) mod choose;
pub(crate) mod compile;
mod features;
pub(crate) mod link_directory;
pub(crate) mod metadata;
mod reach;
mod running;
