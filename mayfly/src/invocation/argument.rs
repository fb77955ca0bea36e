//! `FromInvocation`, the trait of a handler's arguments after the event, and `Invocation`, which they are built from.

use std::borrow::Cow;
use std::sync::Arc;

use super::state::{Needs, Shared, State, Store};
use crate::env::Function;
use crate::error::Error;
use crate::runtime_api::headers::Headers;

/// An invocation as the Runtime API delivers it: the payload's bytes and the headers, both unparsed.
///
/// Implementations of [`FromInvocation`] build their values from it.
#[derive(Clone, Copy, Debug)]
pub struct Invocation<'a> {
    pub(crate) headers: Headers<'a>,
    pub(crate) payload: &'a [u8],
    pub(crate) store: &'a Store,
    pub(crate) function: &'a Arc<Function>,
}

impl<'a> Invocation<'a> {
    /// Returns the bytes of the event.
    #[must_use]
    pub fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// Returns the first value of a header of the Runtime API's response; `None` if it is absent or empty.
    ///
    /// `name` is case-insensitive. Bytes of the value that are not UTF-8 are replaced.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<Cow<'a, str>> {
        self.headers.text(name)
    }

    /// Returns the state `T`, which the caller's [`FromInvocation::needs`] must ask for.
    ///
    /// # Errors
    /// Returns `Runtime.InitError` if `needs` does not ask for it.
    pub fn state<T: Send + Sync + 'static>(&self) -> Result<State<T>, Error> {
        self.store.get()
    }
}

/// A type that a handler can take as a parameter after the event.
///
/// [`Context`](crate::Context) and [`State`] implement it. Implement it for code that your handlers would otherwise
/// repeat, such as reading a tenant, checking a caller or starting a timer.
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
    note = "only the first parameter is the event; the others are `Context`, `State<T>` or implement \
            `mayfly::FromInvocation`"
)]
pub trait FromInvocation: Sized {
    /// Builds the value for one invocation.
    ///
    /// # Errors
    /// Returns an error to report to the caller; the handler is then not called.
    fn from_invocation(invocation: &Invocation<'_>) -> Result<Self, Error>;

    /// Asks for the states that the value is built from, so that they are built before the first event. The default
    /// asks for none.
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
