//! The plan of the init phase: the inits that a handler needs, each after the inits whose states it takes.

#[cfg(feature = "axum")]
use super::chosen::Chosen;
#[cfg(feature = "http")]
use super::handler::Http;
use super::handler::{Description, Handler};
use super::init::{self, Init};
use super::needs::states;
#[cfg(feature = "axum")]
use super::routes::{self, Served};
use crate::around::list::Arounds;
use crate::around::surrounding::Surrounding;
use crate::error::Error;
use crate::executor::Executor;
#[cfg(feature = "axum")]
use crate::invocation::state::keep;
use crate::invocation::state::{StateType, Store, init_error};
use crate::stage::INIT;

/// The inits of a start, in their order.
#[derive(Default)]
pub(crate) struct Plan {
    pub(crate) inits: Vec<&'static Init>,
    /// The routes that the service takes.
    #[cfg(feature = "axum")]
    routes: Option<Vec<&'static Handler>>,
    /// The handler is a route that runs without the layers of any service though there are services.
    #[cfg(feature = "axum")]
    is_without_layers: bool,
}

impl Plan {
    fn of(inits: Vec<&'static Init>) -> Self {
        Self {
            inits,
            #[cfg(feature = "axum")]
            routes: None,
            #[cfg(feature = "axum")]
            is_without_layers: false,
        }
    }
}

/// Returns the inits that a handler needs, directly or through other inits, in the order in which they must run.
///
/// Fails with `Runtime.InitError` if a state has no init or two, if inits need each other, if the user's `needs` panics,
/// or if routes are in conflict. The message names each function with its file and line.
pub(crate) fn plan(handler: &'static Handler, arounds: Option<&dyn Surrounding>) -> Result<Plan, Error> {
    let wanted = wanted(handler)?;
    #[cfg(feature = "http")]
    if let Some(http) = (handler.describe)().http {
        return plan_http(handler, http, wanted, arounds);
    }
    // A handler without states does not pay for looking at every init in the binary.
    if wanted.is_empty() && arounds.is_none() {
        return Ok(Plan::default());
    }
    Ok(Plan::of(ordered(arounds, &[(handler, wanted)])?))
}

/// Finds the functions around a handler: those of `arounds`, and inside of them its own. A route that is selected alone
/// runs inside of those of its service, as it runs inside of its layers.
pub(crate) fn surrounding(
    handler: &'static Handler,
    arounds: Option<Arounds>,
) -> Result<Option<&'static dyn Surrounding>, Error> {
    #[cfg(feature = "axum")]
    let handler = routes::service_of(handler)?;
    let own = (handler.describe)().arounds.map(|list| list());
    arounds.or(own).map(|list| list.choose(arounds.and(own))).transpose()
}

/// Plans a service with the states of its routes, or a route with those of its service.
#[cfg(feature = "axum")]
fn plan_http(
    handler: &'static Handler,
    http: &'static Http,
    wanted: Vec<StateType>,
    arounds: Option<&dyn Surrounding>,
) -> Result<Plan, Error> {
    let Served { init, others, routes, is_without_layers } = routes::served(handler, http)?;
    let mut seen = wanted.clone();
    let mut parts = vec![(handler, wanted)];
    for other in others {
        let mut wanted = self::wanted(other)?;
        wanted.retain(|state| !seen.contains(state));
        seen.extend(&wanted);
        parts.push((other, wanted));
    }
    let mut inits = ordered(arounds, &parts)?;
    inits.push(init);
    Ok(Plan { inits, routes, is_without_layers })
}

/// Plans a service.
#[cfg(all(feature = "http", not(feature = "axum")))]
fn plan_http(
    handler: &'static Handler,
    http: &'static Http,
    wanted: Vec<StateType>,
    arounds: Option<&dyn Surrounding>,
) -> Result<Plan, Error> {
    let Http::Service(service) = http;
    let mut inits = ordered(arounds, &[(handler, wanted)])?;
    inits.push(service.init);
    Ok(Plan::of(inits))
}

/// Collects the states of the parameters of a handler.
fn wanted(handler: &Handler) -> Result<Vec<StateType>, Error> {
    let Description { file, line, needs, .. } = (handler.describe)();
    let wanted = states(needs).map_err(|error| {
        let place = format!("{}: the `needs` of a parameter panicked", with_place(handler));
        error.named("Runtime.InitError").at(&handler.path(), file, line).in_stage(&INIT, &place)
    })?;
    // No init makes the routes.
    #[cfg(feature = "axum")]
    let wanted = wanted.into_iter().filter(|state| *state != Chosen::state_type()).collect();
    Ok(wanted)
}

/// Orders the inits of the states that the around functions and some handlers take.
fn ordered(
    arounds: Option<&dyn Surrounding>,
    parts: &[(&'static Handler, Vec<StateType>)],
) -> Result<Vec<&'static Init>, Error> {
    let mut planner = Planner { known: init::sorted(), open: Vec::new(), done: Vec::new() };
    if let Some(arounds) = arounds {
        arounds.needs(&mut |state, function| planner.visit(state, function))?;
    }
    for (handler, wanted) in parts {
        for &state in wanted {
            planner.visit(state, &with_place(handler))?;
        }
    }
    Ok(planner.done)
}

/// Builds the states of a plan in order, and stops at the first init that fails.
pub(crate) fn build(plan: Plan, executor: &Executor) -> Result<Store, Error> {
    let mut store = Store::default();
    #[cfg(feature = "axum")]
    if let Some(routes) = plan.routes {
        if plan.is_without_layers {
            log::warn!("{WITHOUT_LAYERS}");
        }
        store.add(Chosen::state_type(), keep(Chosen(routes)));
    }
    for init in plan.inits {
        let state = init.run(&store, executor)?;
        store.add((init.provides)(), state);
    }
    Ok(store)
}

#[cfg(feature = "axum")]
const WITHOUT_LAYERS: &str = "this route runs without the layers of any service: no `#[mayfly::service]` function takes \
                              `mayfly::Routes`; let the one whose layers are meant for it take them";

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
