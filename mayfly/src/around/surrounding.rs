//! `Surrounding`: the around functions of a process, as its instance uses them.

use std::fmt;

use crate::driver::Driver;
use crate::error::Error;
use crate::invocation::argument::Invocation;
use crate::invocation::call::Call;
use crate::invocation::state::StateType;
use crate::runtime_api::outgoing::Outgoing;

/// The around functions of a process. As a trait object, it keeps all of their code out of a binary without any.
pub(crate) trait Surrounding: fmt::Debug + Send + Sync {
    /// Returns whether one of the functions is async.
    fn is_async(&self) -> bool;

    /// Collects the states that the functions take. A text names each function and its place.
    fn needs(&self) -> Result<Vec<(String, Vec<StateType>)>, Error>;

    /// Calls the handler for one invocation, inside of the functions.
    fn call(&self, inner: &Inner<'_>, outgoing: &mut Outgoing) -> Result<(), Error>;
}

/// The handler for one invocation.
pub(crate) struct Inner<'a> {
    pub(crate) is_async: bool,
    pub(crate) invoke: fn(&mut Call<'_>) -> Result<(), Error>,
    pub(crate) driver: Driver<'a>,
    pub(crate) invocation: Invocation<'a>,
    /// Adds the place of the handler to its error.
    pub(crate) placed: &'a dyn Fn(Error) -> Error,
    /// Logs the durations that a call has measured.
    pub(crate) log: &'a dyn Fn([f64; 3]),
}
