//! `cargo mayfly invoke`.

mod remote;
mod request;
mod result;
mod run;

pub(crate) use self::run::invoke;
