//! `cargo mayfly dev`.

mod api;
mod body;
mod builds;
mod fleet;
mod http;
mod listen;
mod refusal;
mod response_body;
mod run;
mod server;
mod trace_id;

pub(crate) use self::run::dev;
