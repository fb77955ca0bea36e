//! The part of `cargo mayfly` that tests use as a library: an emulator of the Lambda Runtime API.

pub mod connections;
pub mod emulator;
