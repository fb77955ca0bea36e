//! The HTTP API that callers use to invoke functions.

mod caller;
mod function_name;
mod invoke_api;
pub(crate) mod server;
