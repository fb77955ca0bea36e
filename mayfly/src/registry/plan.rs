//! The plan of a start: the inits that a handler needs, each after those whose states it takes.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::handler::{Description, Handler};
use super::init::{self, Init};
use crate::error::Error;
use crate::executor::Executor;
use crate::invocation::state::{Needs, StateType, Store, init_error};
use crate::panic::caught;

/// Orders the inits that a handler needs, directly or through other inits.
///
/// Fails with `Runtime.InitError`, which names every function by `file:line`, if a state has no init, has two, or needs
/// itself, or if the user's `needs` panics.
pub(crate) fn plan(handler: &Handler) -> Result<Vec<&'static Init>, Error> {
    let Description { file, line, needs, service, .. } = (handler.describe)();
    let wanted = states(needs).map_err(|error| {
        let place = format!("{}: the `needs` of a parameter panicked", named(handler));
        error.named("Runtime.InitError").at(&handler.path(), file, line).in_init(&place)
    })?;
    if wanted.is_empty() && service.is_none() {
        // A handler without states does not pay for looking at every init in the binary.
        return Ok(Vec::new());
    }
    let mut planner = Planner { known: init::sorted(), open: Vec::new(), done: Vec::new() };
    for state in wanted {
        planner.visit(state, &named(handler))?;
    }
    planner.done.extend(service);
    Ok(planner.done)
}

/// Collects the states that one function's `needs` asks for; a panic of the user's code in it is the error.
pub(crate) fn states(needs: fn(&mut Needs)) -> Result<Vec<StateType>, Error> {
    let mut wanted = Needs::default();
    catch_unwind(AssertUnwindSafe(|| needs(&mut wanted))).map_err(caught::to_error)?;
    Ok(wanted.into_types())
}

/// Builds the states of a plan, one after the other, up to the first init that fails.
pub(crate) fn build(plan: &[&'static Init], executor: &Executor) -> Result<Store, Error> {
    let mut store = Store::default();
    for init in plan {
        let state = init.run(&store, executor)?;
        store.add((init.provides)(), state);
    }
    Ok(store)
}

/// Names a handler with its place.
fn named(handler: &Handler) -> String {
    format!("the handler `{}` ({})", handler.path(), handler.place())
}

/// A depth-first walk from the wanted states to the inits that make them.
struct Planner {
    known: Vec<&'static Init>,
    open: Vec<&'static Init>,
    done: Vec<&'static Init>,
}

impl Planner {
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

    fn init_of(&self, state: StateType, wanted_by: &str) -> Result<&'static Init, Error> {
        let mut makers = self.known.iter().filter(|init| (init.provides)() == state);
        match (makers.next(), makers.next()) {
            (Some(init), None) => Ok(init),
            (None, _) => Err(init_error(format_args!(
                "{wanted_by} takes `State<{name}>`, but no `#[mayfly::init]` function returns `{name}`; add one, and \
                 if it stands in a library crate, name that crate in `mayfly::main!`",
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
