//! `State`, a value built once and shared by all invocations; `Needs`, which asks for states; `Store`, which holds
//! them.

use std::any::{Any, TypeId, type_name};
use std::fmt;
use std::ops::Deref;

use crate::error::Error;

/// A value that a `#[mayfly::init]` function builds once for the whole process, shared by all invocations.
///
/// A handler, an init or a [`FromInvocation`](crate::FromInvocation) type takes it by value: it is a `Copy` reference
/// that dereferences to `T`. There must be exactly one init that returns `T` or `Result<T, E>`. It runs before the
/// first event, and only if the selected handler needs the state.
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
    /// The value, which lives as long as the process.
    pub &'static T,
);

impl<T> State<T> {
    /// Creates a state from a value, for a test that calls a handler directly. The value is never dropped.
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

/// The type of a state, which the registry compares and names.
#[derive(Clone, Copy, Debug)]
pub struct StateType {
    id: TypeId,
    /// The full path of the type.
    pub name: &'static str,
}

impl StateType {
    /// Returns the value for the type `T`.
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
    /// Asks for the state `T`, so that it is built before the first event.
    pub fn state<T: Send + Sync + 'static>(&mut self) {
        let wanted = StateType::of::<T>();
        if !self.0.contains(&wanted) {
            self.0.push(wanted);
        }
    }

    /// Returns the types of the states.
    pub(crate) fn into_types(self) -> Vec<StateType> {
        self.0
    }
}

/// A state whose type is erased.
pub type Erased = &'static (dyn Any + Send + Sync);

/// A type that all invocations of a process can share.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is shared by all invocations: it must be `Send + Sync + 'static`",
    label = "cannot be shared",
    note = "use a `Mutex` in place of a `RefCell` or `Cell`, and an `Arc` in place of an `Rc`"
)]
pub trait Shared: Any + Send + Sync {}

#[diagnostic::do_not_recommend]
impl<T: Any + Send + Sync> Shared for T {}

/// Keeps a state for the life of the process.
pub fn keep<T: Shared>(state: T) -> Erased {
    Box::leak(Box::new(state))
}

/// The states of this process.
#[derive(Clone, Debug, Default)]
pub struct Store(Vec<(StateType, Erased)>);

impl Store {
    /// Adds a state that an init has built.
    pub(crate) fn add(&mut self, state_type: StateType, state: Erased) {
        self.0.push((state_type, state));
    }

    /// Returns the state `T`.
    ///
    /// # Errors
    /// Returns `Runtime.InitError` if it was not built, since a [`FromInvocation`](crate::FromInvocation) type that
    /// takes a state must ask for it in `needs`.
    pub fn get<T: Send + Sync + 'static>(&self) -> Result<State<T>, Error> {
        self.find().ok_or_else(|| {
            init_error(format_args!(
                "the state `{}` was not built; the `FromInvocation` type that takes it must ask for it in `needs`",
                type_name::<T>()
            ))
        })
    }

    /// Returns the number of states that were built before a state, or `None` if it was not built.
    pub(crate) fn position(&self, wanted: StateType) -> Option<usize> {
        self.0.iter().position(|(built, _)| *built == wanted)
    }

    /// Finds the state `T`, if it was built.
    pub(crate) fn find<T: Send + Sync + 'static>(&self) -> Option<State<T>> {
        let wanted = StateType::of::<T>();
        let (_, state) = self.0.iter().find(|(built, _)| *built == wanted)?;
        state.downcast_ref().map(State)
    }
}

/// Creates a `Runtime.InitError` for a state that is not available.
pub(crate) fn init_error(what: fmt::Arguments<'_>) -> Error {
    Error::runtime("Runtime.InitError", format!("Initialization error: {what}"))
}
