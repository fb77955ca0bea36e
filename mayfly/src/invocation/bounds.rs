//! What a function may take, as the compiler asks for it.

use std::marker::PhantomData;
use std::ops::Deref;

use crate::error::Error;
use crate::invocation::argument::FromInvocation;
use crate::invocation::call::Call;
use crate::invocation::decode::Event;
use crate::invocation::state::{Needs, Shared, State, Store};

/// What looks like a `Context` or a `State`, where the event goes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a Lambda event",
    label = "the first parameter is the event",
    note = "write `_: serde::de::IgnoredAny` before it, or move it behind the event"
)]
pub trait FirstParameter<'a>: Event<'a> {}

#[diagnostic::do_not_recommend]
impl<'a, T: Event<'a>> FirstParameter<'a> for T {}

/// Reads the event into a type whose name is that of one which is no event.
///
/// # Errors
/// `Runtime.InvalidEvent` if the payload is not the JSON of a `T`.
pub fn event_first<'a, T: FirstParameter<'a>>(call: &mut Call<'a>) -> Result<T, Error> {
    call.event()
}

/// A parameter of an init.
#[diagnostic::on_unimplemented(
    message = "an init cannot take `{Self}`",
    label = "not a state",
    note = "an init runs before the first event; it takes nothing, or `State<T>` made by another `#[mayfly::init]`"
)]
pub trait FromStates: Sized {
    /// Takes the state.
    ///
    /// # Errors
    /// `Runtime.InitError` if it was not built.
    fn from_states(states: &Store) -> Result<Self, Error>;
}

impl<T: Shared> FromStates for State<T> {
    fn from_states(states: &Store) -> Result<Self, Error> {
        states.get()
    }
}

/// A parameter of a function, if it can say which states it is made from: a tag, as in `outcome.rs`.
#[derive(Debug)]
pub struct Asked<T>(PhantomData<T>);

impl<T> Deref for Asked<T> {
    type Target = Silent<T>;

    fn deref(&self) -> &Silent<T> {
        &Silent(PhantomData)
    }
}

/// A parameter of a function, if it cannot be made at all.
#[derive(Debug)]
pub struct Silent<T>(PhantomData<T>);

impl<T> Asked<T> {
    /// A tag whose type is yet to be inferred.
    pub const TAG: Self = Self(PhantomData);

    /// Infers the tag's type from a value.
    pub fn is(&self, _: &T) {}
}

/// A parameter that can say which states it is made from.
pub trait Asks {
    /// Collects the states that the parameter is made from.
    fn ask(needs: &mut Needs);
}

impl<T: FromInvocation> Asks for T {
    fn ask(needs: &mut Needs) {
        T::needs(needs);
    }
}

impl<T: Asks> Asked<T> {
    /// Collects the states that the parameter is made from.
    pub fn needs(&self, needs: &mut Needs) {
        T::ask(needs);
    }
}

impl<T> Silent<T> {
    /// Collects nothing: where the parameter is made, the compiler says that it cannot be.
    #[expect(clippy::unused_self, reason = "the receiver is what the method is chosen by")]
    pub fn needs(&self, _: &mut Needs) {}
}
