//! The HTTP API that callers use to invoke functions.

mod caller;
mod function_name;
pub(crate) mod invoke_api;
mod response_stream;
