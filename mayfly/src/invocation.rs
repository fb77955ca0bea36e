//! An invocation: its arguments, the call of the handler, and the reply.

pub(crate) mod argument;
pub(crate) mod bad_event;
pub(crate) mod bounds;
pub(crate) mod call;
pub(crate) mod context;
pub(crate) mod decode;
pub(crate) mod encode;
mod json_path;
pub(crate) mod returned;
pub(crate) mod state;
