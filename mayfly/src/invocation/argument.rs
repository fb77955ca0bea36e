//! `FromInvocation`, for the arguments of a handler beside its event, and the `Invocation` that they are made from.

use std::borrow::Cow;
use std::sync::Arc;

use super::state::{Needs, Shared, State, Store};
use crate::env::Function;
use crate::error::Error;
use crate::runtime_api::headers::Headers;

/// One invocation as it came from the Runtime API: the payload's bytes and the headers, nothing parsed.
///
/// Only [`FromInvocation`] implementations see it.
#[derive(Clone, Copy, Debug)]
pub struct Invocation<'a> {
    pub(crate) headers: Headers<'a>,
    pub(crate) payload: &'a [u8],
    pub(crate) store: &'a Store,
    pub(crate) function: &'a Arc<Function>,
}

impl<'a> Invocation<'a> {
    /// The event's bytes.
    #[must_use]
    pub fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// A header of the Runtime API's response, by its case-insensitive name: the first of several, none if it is empty.
    /// Bytes that are not UTF-8 are replaced.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<Cow<'a, str>> {
        self.headers.text(name)
    }

    /// The state `T`, which the caller's [`FromInvocation::needs`] must have asked for.
    ///
    /// # Errors
    /// `Runtime.InitError` if it was not asked for.
    pub fn state<T: Send + Sync + 'static>(&self) -> Result<State<T>, Error> {
        self.store.get()
    }
}

/// A type that a handler can take beside its event.
///
/// [`Context`] and [`State`] are such types. Implement it for what your handlers would otherwise repeat: reading a
/// tenant, checking a caller, starting a timer.
///
/// ```
/// use mayfly::{Context, Error, FromInvocation, Invocation};
///
/// struct Tenant(String);
///
/// impl FromInvocation for Tenant {
///     fn from_invocation(invocation: &Invocation<'_>) -> Result<Self, Error> {
///         let context = Context::from_invocation(invocation)?;
///         context.tenant_id.map(Tenant).ok_or_else(|| Error::new("NoTenant", "the invocation names no tenant"))
///     }
/// }
///
/// #[mayfly::handler]
/// fn greet(name: String, Tenant(tenant): Tenant) -> String {
///     format!("{tenant} greets {name}")
/// }
///
/// fn main() {
///     assert_eq!(greet("Ada".into(), Tenant("acme".into())), "acme greets Ada");
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be taken from an invocation",
    label = "not taken from an invocation",
    note = "only the first parameter is the event; the others are `Context`, `State<T>` or implement `mayfly::FromInvocation`"
)]
pub trait FromInvocation: Sized {
    /// Makes the value for one invocation.
    ///
    /// # Errors
    /// An ordinary function error: the handler is not called and the caller sees it.
    fn from_invocation(invocation: &Invocation<'_>) -> Result<Self, Error>;

    /// Says which states the value is made from, so that they are built at init.
    fn needs(needs: &mut Needs) {
        let _ = needs;
    }
}

impl<T: Shared> FromInvocation for State<T> {
    fn from_invocation(invocation: &Invocation<'_>) -> Result<Self, Error> {
        invocation.state()
    }

    fn needs(needs: &mut Needs) {
        needs.state::<T>();
    }
}
