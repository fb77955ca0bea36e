//! `Init`: a function under `#[mayfly::init]`, as the macro registers it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::path::{in_order, without_raw};
use crate::error::Error;
use crate::executor::Executor;
use crate::invocation::state::{Erased, Needs, StateType, Store};
use crate::panic::{self, caught};
use crate::stage::INIT;

/// A function under `#[mayfly::init]`, as the macro registers it.
#[derive(Debug)]
pub struct Init {
    /// `module_path!()` and the function's name.
    pub path: &'static str,
    /// The file that holds the function, relative to the workspace.
    pub file: &'static str,
    /// The line of the function's name.
    pub line: u32,
    /// Whether the function is an `async fn`.
    pub is_async: bool,
    /// Returns the type of the state that the function builds.
    pub provides: fn() -> StateType,
    /// Collects the states that the function's own parameters ask for.
    pub needs: fn(&mut Needs),
    /// Calls the function.
    pub build: fn(&Store, &Executor) -> Result<Erased, Error>,
}

inventory::collect!(Init);

impl Init {
    /// Returns the path of the function, without the `r#` of raw identifiers.
    pub(crate) fn path(&self) -> String {
        without_raw(self.path).into_owned()
    }

    /// Returns the path and the place of the function, such as `` `my_app::connect` (src/db.rs:7) ``.
    pub(crate) fn place(&self) -> String {
        format!("`{}` ({}:{})", self.path(), self.file, self.line)
    }

    /// Calls the function, once in the life of a process. Its error keeps its own name and gets a message that starts
    /// with "Initialization error".
    pub(crate) fn run(&self, store: &Store, executor: &Executor) -> Result<Erased, Error> {
        let build = || (self.build)(store, executor);
        // An async init enters the runtime by itself.
        let entered = || if self.is_async { build() } else { executor.enter(build) };
        let outcome = catch_unwind(AssertUnwindSafe(entered));
        panic::hook::renew();
        outcome
            .unwrap_or_else(|payload| Err(caught::to_error(payload).named(INIT.error_type)))
            .map_err(|error| error.advised().at(&self.path(), self.file, self.line).in_stage(&INIT, &self.place()))
    }
}

/// Returns all registered inits, sorted by path.
pub(crate) fn sorted() -> Vec<&'static Init> {
    in_order(inventory::iter::<Init>(), |init| (init.path(), init.file, init.line))
}
