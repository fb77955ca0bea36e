//! `cargo mayfly build`.

mod archive;
mod built;
mod cargo;
mod check;
mod contents;
mod docker;
mod elf;
mod excluded;
mod instructions;
mod output;
mod run;
mod summary;
mod toolchain;
mod write;
mod zig;

pub(crate) use self::run::build;
