//! One invocation: its arguments, the call of the function, and the reply.

mod bad_event;
pub(crate) mod bounds;
pub(crate) mod call;
pub(crate) mod context;
pub(crate) mod decode;
pub(crate) mod encode;
pub(crate) mod json_path;
pub(crate) mod returned;
pub(crate) mod state;
