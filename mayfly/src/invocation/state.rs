//! `#[mayfly::init]`: the states of a process, built once, in the order of their needs.

use std::any::{Any, TypeId, type_name};
use std::fmt;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::Error;
use crate::executor::Executor;
use crate::panic::hook;
use crate::registry::handler::{Description, Handler, in_order, without_raw};

/// A value that `#[mayfly::init]` made once for the whole process, shared by all invocations.
///
/// A handler, an init or a [`FromInvocation`](crate::FromInvocation) type takes it by value: it is only a reference,
/// `Copy`, and dereferences to `T`. The one init that returns `T` (or `Result<T, E>`) runs before the first event, and
/// only if the selected handler needs it.
///
/// ```
/// use mayfly::State;
///
/// struct Prices {
///     currency: &'static str,
/// }
///
/// #[mayfly::init]
/// fn prices() -> Prices {
///     Prices { currency: "EUR" }
/// }
///
/// #[mayfly::handler]
/// fn quote(pieces: u32, prices: State<Prices>) -> String {
///     format!("{} {}", pieces * 3, prices.currency)
/// }
///
/// // A unit test calls the function directly, with a state of its own.
/// fn main() {
///     assert_eq!(quote(2, State::new(Prices { currency: "USD" })), "6 USD");
/// }
/// ```
pub struct State<T: 'static>(
    /// The value itself, which lives as long as the process.
    pub &'static T,
);

impl<T> State<T> {
    /// Makes a state from a value, for a test that calls a handler directly. The value is never dropped.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self(Box::leak(Box::new(value)))
    }
}

impl<T> Clone for State<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for State<T> {}

impl<T> Deref for State<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for State<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The type of a state, as the registry compares and names it.
#[derive(Clone, Copy, Debug)]
pub struct StateType {
    id: TypeId,
    /// The full path of the type.
    pub name: &'static str,
}

impl StateType {
    /// Names the type `T`.
    #[must_use]
    pub fn of<T: 'static>() -> Self {
        Self { id: TypeId::of::<T>(), name: type_name::<T>() }
    }
}

impl PartialEq for StateType {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// The states that a handler, an init or a [`FromInvocation`](crate::FromInvocation) type asks for.
#[derive(Debug, Default)]
pub struct Needs(Vec<StateType>);

impl Needs {
    /// Asks that the state `T` be built at init.
    pub fn state<T: Send + Sync + 'static>(&mut self) {
        let wanted = StateType::of::<T>();
        if !self.0.contains(&wanted) {
            self.0.push(wanted);
        }
    }

    /// Collects what one function's `needs` asks for.
    ///
    /// # Errors
    /// The panic of the user's code in it.
    pub(crate) fn of(needs: fn(&mut Needs)) -> Result<Vec<StateType>, Error> {
        let mut wanted = Self::default();
        catch_unwind(AssertUnwindSafe(|| needs(&mut wanted))).map_err(hook::caught)?;
        Ok(wanted.0)
    }
}

/// A state without its type.
pub type Erased = &'static (dyn Any + Send + Sync);

/// One function under `#[mayfly::init]`, as the macro registers it.
#[derive(Debug)]
pub struct Provider {
    /// `module_path!()` and the function's name.
    pub path: &'static str,
    /// Where the function stands, relative to the workspace.
    pub file: &'static str,
    /// The line of the function's name.
    pub line: u32,
    /// Whether it is an `async fn`.
    pub is_async: bool,
    /// The state it makes.
    pub provides: fn() -> StateType,
    /// Collects the states that its own parameters want.
    pub needs: fn(&mut Needs),
    /// Calls the function.
    pub build: fn(&Store, &Executor) -> Result<Erased, Error>,
}

inventory::collect!(Provider);

impl Provider {
    /// The path of the function, without raw marks.
    pub(crate) fn path(&self) -> String {
        without_raw(self.path).into_owned()
    }

    /// Calls the function, once in the life of a process.
    fn run(&self, store: &Store, executor: &Executor) -> Result<Erased, Error> {
        let build = || (self.build)(store, executor);
        // An async init enters the runtime itself.
        let entered = || if self.is_async { build() } else { executor.enter(build) };
        catch_unwind(AssertUnwindSafe(entered))
            .unwrap_or_else(|payload| Err(hook::caught(payload).named("Runtime.InitError")))
            .map_err(|error| error.advised().at(&self.path(), self.file, self.line).in_init(&self.place()))
    }

    /// Where and what it is: `` `my_app::connect` (src/db.rs:7) ``.
    fn place(&self) -> String {
        format!("`{}` ({}:{})", self.path(), self.file, self.line)
    }
}

/// Collects every registered init, sorted by path.
pub(crate) fn providers() -> Vec<&'static Provider> {
    in_order(inventory::iter::<Provider>(), |provider| (provider.path(), provider.file, provider.line))
}

/// The states of this process.
#[derive(Debug, Default)]
pub struct Store(Vec<(StateType, Erased)>);

impl Store {
    /// Hands out the state `T`.
    ///
    /// # Errors
    /// `Runtime.InitError` if it was not built: a [`FromInvocation`](crate::FromInvocation) type that takes a state
    /// must name it in its `needs`.
    pub fn get<T: Send + Sync + 'static>(&self) -> Result<State<T>, Error> {
        let wanted = StateType::of::<T>();
        self.0
            .iter()
            .find(|(built, _)| *built == wanted)
            .and_then(|(_, state)| state.downcast_ref())
            .map(State)
            .ok_or_else(|| {
                init_error(format_args!(
                    "the state `{}` was not built; the `FromInvocation` type that takes it must ask for it in `needs`",
                    wanted.name
                ))
            })
    }

    /// Builds `plan`'s states, one after the other.
    ///
    /// # Errors
    /// The first init's error, under its own type, with a message that starts "Initialization error".
    pub(crate) fn build(plan: &[&'static Provider], executor: &Executor) -> Result<Self, Error> {
        let mut store = Self::default();
        for provider in plan {
            let state = provider.run(&store, executor)?;
            store.0.push(((provider.provides)(), state));
        }
        Ok(store)
    }
}

/// Orders the inits that a handler needs, transitively: each stands after those it takes a state from.
///
/// # Errors
/// `Runtime.InitError`, naming every function by `file:line`, if a state has no init, has two, or needs itself, or if
/// the user's `needs` panics.
pub(crate) fn plan(handler: &Handler) -> Result<Vec<&'static Provider>, Error> {
    let Description { file, line, needs, .. } = (handler.describe)();
    let wanted = Needs::of(needs).map_err(|error| {
        let place = format!("{}: the `needs` of a parameter panicked", named(handler));
        error.named("Runtime.InitError").at(&handler.path(), file, line).in_init(&place)
    })?;
    if wanted.is_empty() {
        // A handler without states does not pay for looking at every init in the binary.
        return Ok(Vec::new());
    }
    let mut planner = Planner { known: providers(), open: Vec::new(), done: Vec::new() };
    for state in wanted {
        planner.visit(state, &named(handler))?;
    }
    Ok(planner.done)
}

/// Names a handler and where it stands.
fn named(handler: &Handler) -> String {
    format!("the handler `{}` ({})", handler.path(), handler.place())
}

/// A depth-first walk from the wanted states to the inits that make them.
struct Planner {
    known: Vec<&'static Provider>,
    open: Vec<&'static Provider>,
    done: Vec<&'static Provider>,
}

impl Planner {
    fn visit(&mut self, state: StateType, wanted_by: &str) -> Result<(), Error> {
        let provider = self.provider(state, wanted_by)?;
        if self.done.iter().any(|done| std::ptr::eq(*done, provider)) {
            return Ok(());
        }
        if let Some(start) = self.open.iter().position(|open| std::ptr::eq(*open, provider)) {
            let circle: Vec<_> = self.open[start..].iter().map(|open| open.place()).collect();
            return Err(init_error(format_args!(
                "the inits {} need each other's states in a circle; build one of them without the other",
                circle.join(" and ")
            )));
        }
        self.open.push(provider);
        for needed in Needs::of(provider.needs)? {
            self.visit(needed, &provider.place())?;
        }
        self.open.pop();
        self.done.push(provider);
        Ok(())
    }

    fn provider(&self, state: StateType, wanted_by: &str) -> Result<&'static Provider, Error> {
        let mut makers = self.known.iter().filter(|provider| (provider.provides)() == state);
        match (makers.next(), makers.next()) {
            (Some(provider), None) => Ok(provider),
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

fn init_error(what: fmt::Arguments<'_>) -> Error {
    Error::runtime("Runtime.InitError", format!("Initialization error: {what}"))
}
