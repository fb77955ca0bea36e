//! `ServiceParameter`: the parameters of a function under `#[mayfly::service]`.

use crate::error::Error;
use crate::invocation::state::{Shared, State, Store};

/// A parameter of a function under `#[mayfly::service]`.
#[diagnostic::on_unimplemented(
    message = "a service function cannot take `{Self}`",
    label = "not a state",
    note = "a service function runs before the first event; it takes `State<T>` made by an `#[mayfly::init]`, and with \
            the feature `axum` also `mayfly::Routes`"
)]
pub trait ServiceParameter: Sized {
    /// Takes the parameter.
    ///
    /// # Errors
    /// `Runtime.InitError` if it was not built.
    fn from_states(states: &Store) -> Result<Self, Error>;
}

impl<T: Shared> ServiceParameter for State<T> {
    fn from_states(states: &Store) -> Result<Self, Error> {
        states.get()
    }
}
