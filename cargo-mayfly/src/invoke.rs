//! `cargo mayfly invoke`.

mod remote;
mod run;

pub(crate) use self::run::invoke;
