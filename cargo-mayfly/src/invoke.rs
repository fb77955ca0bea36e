//! `cargo mayfly invoke`.

mod remote;
mod remote_stream;
mod request;
mod result;
mod run;
mod streamed;

pub(crate) use self::run::invoke;
