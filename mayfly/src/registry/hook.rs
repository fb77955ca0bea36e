//! `Hook`: a function under `#[mayfly::shutdown]`, `#[mayfly::before_snapshot]` or `#[mayfly::after_restore]`, as the
//! macro registers it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::needs::states;
use super::path::{in_order, without_raw};
use crate::env::Env;
use crate::error::Error;
use crate::executor::Executor;
use crate::invocation::state::{Needs, Shared, State, Store};
use crate::json::Json;
use crate::panic::{self, caught};
use crate::runtime_api::endpoint::Endpoint;
use crate::stage::Stage;

/// A function that runs outside of invocations, as the macro registers it.
#[derive(Debug)]
pub struct Hook {
    /// The time at which the function runs.
    pub moment: Moment,
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
    /// The code that runs hooks. Each hook refers to it, so that a binary without hooks does not contain it.
    pub machinery: &'static Machinery,
}

inventory::collect!(Hook);

/// The time at which a hook runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// `#[mayfly::shutdown]`: at SIGTERM.
    Shutdown,
    /// `#[mayfly::before_snapshot]`: before `SnapStart`'s snapshot is taken.
    BeforeSnapshot,
    /// `#[mayfly::after_restore]`: after the process is restored from the snapshot.
    AfterRestore,
}

impl Moment {
    /// Returns the name of the attribute.
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Self::Shutdown => "shutdown",
            Self::BeforeSnapshot => "before_snapshot",
            Self::AfterRestore => "after_restore",
        }
    }
}

/// The code that runs and lists the hooks of a binary.
#[derive(Debug)]
pub struct Machinery {
    /// Prepares for SIGTERM, and passes the snapshot.
    pub(crate) start: fn(Start<'_>) -> Result<(), Failure>,
    /// Writes the hooks into an array.
    pub(crate) list: fn(&mut Json),
}

/// A process whose states are built, before its first event.
#[derive(Debug)]
pub(crate) struct Start<'a> {
    pub(crate) env: &'a Env,
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) states: &'a Store,
    /// The runtime of the handler.
    pub(crate) executor: &'a mut Executor,
    pub(crate) pollers: usize,
}

/// The reason why a process cannot serve events, with the stage that failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) stage: &'static Stage,
    pub(crate) error: Error,
}

impl Hook {
    /// Returns the path of the function, without the `r#` of raw identifiers.
    pub(crate) fn path(&self) -> String {
        without_raw(self.path).into_owned()
    }

    /// Returns the path and the place of the function, such as `` `my_app::flush` (src/metrics.rs:7) ``.
    pub(crate) fn place(&self) -> String {
        format!("`{}` ({}:{})", self.path(), self.file, self.line)
    }

    /// Calls the function. Its error has the place of the function, and a panic the given error type.
    pub(crate) fn run(&self, built: &Store, executor: &Executor, panic: &'static str) -> Result<(), Error> {
        let run = || (self.run)(built, executor);
        // An async function enters the runtime by itself.
        let entered = || if self.is_async { run() } else { executor.enter(run) };
        let outcome = catch_unwind(AssertUnwindSafe(entered));
        panic::hook::renew();
        outcome
            .unwrap_or_else(|payload| Err(caught::to_error(payload).named(panic)))
            .map_err(|error| error.advised().at(&self.path(), self.file, self.line))
    }
}

/// Returns the machinery of the hooks, if the binary has any.
pub(crate) fn machinery() -> Option<&'static Machinery> {
    inventory::iter::<Hook>().next().map(|hook| hook.machinery)
}

/// Returns the hooks of one moment, sorted by path.
pub(crate) fn of(moment: Moment) -> Vec<&'static Hook> {
    let hooks = inventory::iter::<Hook>().filter(|hook| hook.moment == moment);
    in_order(hooks, |hook| (hook.path(), hook.file, hook.line))
}

/// Returns the hooks of one moment whose states are all built, sorted by path.
pub(crate) fn applicable(moment: Moment, built: &Store) -> Vec<&'static Hook> {
    of(moment).into_iter().filter(|hook| rank(hook, built).is_some()).collect()
}

/// Returns the same hooks in the order in which the last of their states was built, those without a state first, and
/// equal ones sorted by path.
pub(crate) fn in_order_of_states(moment: Moment, built: &Store) -> Vec<&'static Hook> {
    in_order(applicable(moment, built).into_iter(), |hook| rank(hook, built))
}

/// Returns the number of states that were built when the last state of a hook was built, or `None` if one was not.
fn rank(hook: &Hook, built: &Store) -> Option<usize> {
    let needed = states(hook.needs).ok()?;
    needed.into_iter().map(|state| built.position(state)).try_fold(0, |last, position| Some(last.max(position? + 1)))
}

/// A parameter of a hook.
#[diagnostic::on_unimplemented(
    message = "a hook cannot take `{Self}`",
    label = "not a state",
    note = "a hook runs outside of invocations; it takes nothing, or `State<T>` made by an `#[mayfly::init]`"
)]
pub trait HookParameter: Sized {
    /// Takes the state from the store.
    ///
    /// # Errors
    /// Returns `Runtime.InitError` if it was not built.
    fn from_states(states: &Store) -> Result<Self, Error>;
}

impl<T: Shared> HookParameter for State<T> {
    fn from_states(states: &Store) -> Result<Self, Error> {
        states.get()
    }
}

/// The value that a hook returns.
#[diagnostic::on_unimplemented(
    message = "a hook cannot return `{Self}`",
    label = "this value would be lost",
    note = "return nothing, or `Result<(), E>`"
)]
pub trait HookDone {}

impl HookDone for () {}

/// Takes the value that a hook returns.
pub fn hook_done<T: HookDone>(_: T) {}
