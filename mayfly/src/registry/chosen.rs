//! `Chosen`: the routes that a process serves.

use super::handler::Handler;
use crate::invocation::state::StateType;

/// The routes that a process serves, kept as a state: that state is what a parameter of type `Routes` asks for.
#[derive(Debug)]
pub(crate) struct Chosen(pub(crate) Vec<&'static Handler>);

impl Chosen {
    /// Returns the type of the state.
    pub(crate) fn state_type() -> StateType {
        StateType::of::<Self>()
    }
}
