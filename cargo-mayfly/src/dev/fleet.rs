//! The execution environments that serve invocations.

pub(crate) mod execution_environment;
pub(crate) mod lambda;
mod pool;
pub(crate) mod running;
