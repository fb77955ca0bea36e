//! The execution environments that serve invocations.

pub(crate) mod environment;
pub(crate) mod lambda;
mod pool;
