//! `cargo mayfly new` and `cargo mayfly init`.

mod files;
mod line_ends;
mod manifest;
mod name;
mod origin;
mod run;
mod starter;
mod workspace;

pub(crate) use self::run::{init, new};
