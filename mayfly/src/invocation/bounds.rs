//! The bounds on the parameters of handlers and inits, which exist for the sake of the compiler's messages.

use std::marker::PhantomData;
use std::ops::Deref;

use super::argument::FromInvocation;
use super::call::Call;
use super::decode::Event;
use super::state::{Needs, Shared, State, Store};
use crate::error::Error;

/// The bound on a first parameter whose type is named like `Context` or `State`, which cannot be an event.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a Lambda event",
    label = "the first parameter is the event",
    note = "write `_: serde::de::IgnoredAny` before it, or move it behind the event"
)]
pub trait FirstParameter<'a>: Event<'a> {}

#[diagnostic::do_not_recommend]
impl<'a, T: Event<'a>> FirstParameter<'a> for T {}

/// Reads the event into a type whose name is that of a type which cannot be an event.
///
/// # Errors
/// Returns `Runtime.InvalidEvent` if the payload is not the JSON of a `T`.
pub fn event_first<'a, T: FirstParameter<'a>>(call: &mut Call<'a>) -> Result<T, Error> {
    call.event()
}

/// The bound on a first parameter whose type is named like a record of a batch, which cannot be an event.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a Lambda event",
    label = "not an event",
    note = "for a record of `mayfly::batch`, write `#[mayfly::batch]` in place of `#[mayfly::handler]`; for a type of \
            your own, derive `serde::Deserialize`"
)]
pub trait WholeEvent<'a>: Event<'a> {}

#[diagnostic::do_not_recommend]
impl<'a, T: Event<'a>> WholeEvent<'a> for T {}

/// Reads the event into a type whose name is that of a record of a batch.
///
/// # Errors
/// Returns `Runtime.InvalidEvent` if the payload is not the JSON of a `T`.
pub fn whole_event<'a, T: WholeEvent<'a>>(call: &mut Call<'a>) -> Result<T, Error> {
    call.event()
}

/// A type that an init can take as a parameter.
#[diagnostic::on_unimplemented(
    message = "an init cannot take `{Self}`",
    label = "not a state",
    note = "an init runs before the first event; it takes nothing, or `State<T>` made by another `#[mayfly::init]`"
)]
pub trait FromStates: Sized {
    /// Takes the state from the store.
    ///
    /// # Errors
    /// Returns `Runtime.InitError` if it was not built.
    fn from_states(states: &Store) -> Result<Self, Error>;
}

impl<T: Shared> FromStates for State<T> {
    fn from_states(states: &Store) -> Result<Self, Error> {
        states.get()
    }
}

/// A tag for a parameter's type, whose `needs` asks [`FromInvocation::needs`]; it works like the tags in `returned.rs`.
#[derive(Debug)]
pub struct Asked<T>(PhantomData<T>);

impl<T> Deref for Asked<T> {
    type Target = Silent<T>;

    fn deref(&self) -> &Silent<T> {
        &Silent(PhantomData)
    }
}

/// The tag for a parameter's type that does not implement [`FromInvocation`].
#[derive(Debug)]
pub struct Silent<T>(PhantomData<T>);

impl<T> Asked<T> {
    /// A tag whose type is inferred later.
    pub const TAG: Self = Self(PhantomData);

    /// Infers the tag's type from a value.
    pub fn is(&self, _: &T) {}
}

/// A parameter that can say which states it is built from.
pub trait Asks {
    /// Collects the states that the parameter is built from.
    fn ask(needs: &mut Needs);
}

impl<T: FromInvocation> Asks for T {
    fn ask(needs: &mut Needs) {
        T::needs(needs);
    }
}

impl<T: Asks> Asked<T> {
    /// Collects the states that the parameter is built from.
    pub fn needs(&self, needs: &mut Needs) {
        T::ask(needs);
    }
}

impl<T> Silent<T> {
    /// Collects nothing. The compile error comes from the code that builds the parameter.
    #[expect(clippy::unused_self, reason = "the receiver selects the method")]
    pub fn needs(&self, _: &mut Needs) {}
}
