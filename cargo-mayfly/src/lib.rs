//! The parts of `cargo mayfly` that tests use, too: an emulator of the Lambda Runtime API.

pub mod connections;
pub mod emulator;
