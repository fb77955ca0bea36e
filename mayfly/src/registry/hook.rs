//! `Shutdown`: a function under `#[mayfly::shutdown]`, as the macro registers it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::needs::states;
use super::path::{in_order, without_raw};
use crate::error::Error;
use crate::executor::Executor;
use crate::invocation::state::{Needs, Shared, State, Store};
use crate::panic::caught;

/// A function under `#[mayfly::shutdown]`, as the macro registers it.
#[derive(Debug)]
pub struct Shutdown {
    /// `module_path!()` and the function's name.
    pub path: &'static str,
    /// The file that holds the function, relative to the workspace.
    pub file: &'static str,
    /// The line of the function's name.
    pub line: u32,
    /// Whether the function is an `async fn`.
    pub is_async: bool,
    /// Collects the states that the function's parameters ask for.
    pub needs: fn(&mut Needs),
    /// Calls the function.
    pub run: fn(&Store, &Executor) -> Result<(), Error>,
}

inventory::collect!(Shutdown);

impl Shutdown {
    /// Returns the path of the function, without the `r#` of raw identifiers.
    pub(crate) fn path(&self) -> String {
        without_raw(self.path).into_owned()
    }

    /// Calls the function. Its error has the place of the function.
    pub(crate) fn run(&self, built: &Store, executor: &Executor) -> Result<(), Error> {
        catch_unwind(AssertUnwindSafe(|| (self.run)(built, executor)))
            .unwrap_or_else(|payload| Err(caught::to_error(payload)))
            .map_err(|error| error.advised().at(&self.path(), self.file, self.line))
    }
}

/// Returns the shutdown functions whose states are all built, sorted by path.
pub(crate) fn applicable(built: &Store) -> Vec<&'static Shutdown> {
    let mut all = in_order(inventory::iter::<Shutdown>(), |shutdown| (shutdown.path(), shutdown.file, shutdown.line));
    all.retain(|shutdown| states(shutdown.needs).is_ok_and(|needed| needed.into_iter().all(|state| built.has(state))));
    all
}

/// A parameter of a function under `#[mayfly::shutdown]`.
#[diagnostic::on_unimplemented(
    message = "a shutdown function cannot take `{Self}`",
    label = "not a state",
    note = "a shutdown function runs after the last event; it takes nothing, or `State<T>` made by an \
            `#[mayfly::init]`"
)]
pub trait ShutdownParameter: Sized {
    /// Takes the state from the store.
    ///
    /// # Errors
    /// Returns `Runtime.InitError` if it was not built.
    fn from_states(states: &Store) -> Result<Self, Error>;
}

impl<T: Shared> ShutdownParameter for State<T> {
    fn from_states(states: &Store) -> Result<Self, Error> {
        states.get()
    }
}

/// The value that a shutdown function returns.
#[diagnostic::on_unimplemented(
    message = "a shutdown function cannot return `{Self}`",
    label = "this value would be lost",
    note = "return nothing, or `Result<(), E>`"
)]
pub trait ShutdownDone {}

impl ShutdownDone for () {}

/// Takes the value that a shutdown function returns.
pub fn shutdown_done<T: ShutdownDone>(_: T) {}
