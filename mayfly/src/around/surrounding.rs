//! `Surrounding`: the around functions of a process, as its instance uses them.

use std::fmt;

use crate::error::Error;
use crate::invocation::call::Call;
use crate::invocation::state::StateType;

/// The around functions of a process. As a trait object, it keeps all of their code out of a binary without any.
pub(crate) trait Surrounding: fmt::Debug + Send + Sync {
    /// Returns whether one of the functions is async.
    fn is_async(&self) -> bool;

    /// Visits the states that the functions take, each with the function and its place, for a message.
    fn needs(&self, visit: &mut dyn FnMut(StateType, &str) -> Result<(), Error>) -> Result<(), Error>;

    /// Calls the handler inside of the functions.
    fn call(&self, call: &mut Call<'_>, handler: &Surrounded<'_>) -> Result<(), Error>;
}

/// A handler inside of around functions.
pub(crate) struct Surrounded<'a> {
    pub(crate) is_async: bool,
    pub(crate) invoke: fn(&mut Call<'_>) -> Result<(), Error>,
    /// Adds the place of the handler to its error.
    pub(crate) placed: &'a dyn Fn(Error) -> Error,
}
