//! `cargo mayfly invoke`.

mod remote;
mod result;
mod run;

pub(crate) use self::run::invoke;
