//! The parts of an invocation: the handler's arguments, the call and the reply.

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
