//! The plan of the init phase: the inits that a handler needs, each after the inits whose states it takes.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::handler::{Description, Handler};
use super::init::{self, Init};
use crate::error::Error;
use crate::executor::Executor;
use crate::invocation::state::{Needs, StateType, Store, init_error};
use crate::panic::caught;

/// Returns the inits that a handler needs, directly or through other inits, in the order in which they must run.
///
/// Fails with `Runtime.InitError` if a state has no init or two, if inits need each other, or if the user's `needs`
/// panics. The message names each function with its file and line.
pub(crate) fn plan(handler: &Handler) -> Result<Vec<&'static Init>, Error> {
    let Description { file, line, needs, service, .. } = (handler.describe)();
    let wanted = states(needs).map_err(|error| {
        let place = format!("{}: the `needs` of a parameter panicked", with_place(handler));
        error.named("Runtime.InitError").at(&handler.path(), file, line).in_init(&place)
    })?;
    if wanted.is_empty() && service.is_none() {
        // A handler without states does not pay for a search through all inits in the binary.
        return Ok(Vec::new());
    }
    let mut planner = Planner { known: init::sorted(), open: Vec::new(), done: Vec::new() };
    for state in wanted {
        planner.visit(state, &with_place(handler))?;
    }
    planner.done.extend(service);
    Ok(planner.done)
}

/// Returns the states that one function's `needs` asks for, or its panic as an error.
pub(crate) fn states(needs: fn(&mut Needs)) -> Result<Vec<StateType>, Error> {
    let mut wanted = Needs::default();
    catch_unwind(AssertUnwindSafe(|| needs(&mut wanted))).map_err(caught::to_error)?;
    Ok(wanted.into_types())
}

/// Builds the states of a plan in order, and stops at the first init that fails.
pub(crate) fn build(plan: &[&'static Init], executor: &Executor) -> Result<Store, Error> {
    let mut store = Store::default();
    for init in plan {
        let state = init.run(&store, executor)?;
        store.add((init.provides)(), state);
    }
    Ok(store)
}

/// Returns the path and the place of a handler, for a message.
fn with_place(handler: &Handler) -> String {
    format!("the handler `{}` ({})", handler.path(), handler.place())
}

/// A depth-first search from the requested states to the inits that build them.
struct Planner {
    /// All inits of the binary.
    known: Vec<&'static Init>,
    /// The inits whose own needs are being visited.
    open: Vec<&'static Init>,
    /// The inits in the order in which they must run.
    done: Vec<&'static Init>,
}

impl Planner {
    /// Adds the init that builds `state`, after those that it needs itself.
    fn visit(&mut self, state: StateType, wanted_by: &str) -> Result<(), Error> {
        let init = self.init_of(state, wanted_by)?;
        if self.done.iter().any(|done| std::ptr::eq(*done, init)) {
            return Ok(());
        }
        if let Some(start) = self.open.iter().position(|open| std::ptr::eq(*open, init)) {
            let circle: Vec<_> = self.open[start..].iter().map(|open| open.place()).collect();
            return Err(init_error(format_args!(
                "the inits {} need each other's states in a circle; build one of them without the other",
                circle.join(" and ")
            )));
        }
        self.open.push(init);
        for needed in states(init.needs)? {
            self.visit(needed, &init.place())?;
        }
        self.open.pop();
        self.done.push(init);
        Ok(())
    }

    /// Returns the only init that builds `state`.
    fn init_of(&self, state: StateType, wanted_by: &str) -> Result<&'static Init, Error> {
        let mut inits = self.known.iter().filter(|init| (init.provides)() == state);
        match (inits.next(), inits.next()) {
            (Some(init), None) => Ok(init),
            (None, _) => Err(init_error(format_args!(
                "{wanted_by} takes `State<{name}>`, but no `#[mayfly::init]` function returns `{name}`; add one, and \
                 if it is in a library crate, name that crate in `mayfly::main!`",
                name = state.name
            ))),
            (Some(first), Some(second)) => Err(init_error(format_args!(
                "two inits return `{}`: {} and {}; keep one, or let them return types of their own",
                state.name,
                first.place(),
                second.place()
            ))),
        }
    }
}
