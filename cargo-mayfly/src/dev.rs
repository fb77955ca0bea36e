//! `cargo mayfly dev`.

mod api;
mod builds;
mod fleet;
mod refusal;
mod run;
mod server;

pub(crate) use self::run::dev;
