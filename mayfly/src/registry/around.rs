//! `Around`: a function under `#[mayfly::around]`, as the macro registers it.

use std::any::TypeId;

use super::path::without_raw;
#[cfg(feature = "async")]
use crate::around::next::AroundFuture;
use crate::around::next::Next;
use crate::around::reply::Reply;
use crate::error::Error;
use crate::invocation::argument::Invocation;
use crate::invocation::state::Needs;
use crate::json::Json;

/// A function under `#[mayfly::around]`, as the macro registers it.
#[derive(Debug)]
pub struct Around {
    /// Returns the function's own type, by which lists name it.
    pub id: fn() -> TypeId,
    /// `module_path!()` and the function's name.
    pub path: &'static str,
    /// The file that holds the function, relative to the workspace.
    pub file: &'static str,
    /// The line of the function's name.
    pub line: u32,
    /// Collects the states that the function's parameters ask for.
    pub needs: fn(&mut Needs),
    /// Calls the function.
    pub invoke: AroundInvoke,
    /// Writes all around functions into an array. Each refers to this code, so that a binary without any lacks it.
    pub list: fn(&mut Json),
}

inventory::collect!(Around);

/// The call of an around function.
#[derive(Debug)]
pub enum AroundInvoke {
    /// Calls a plain `fn`.
    Sync(for<'a> fn(&'a Invocation<'a>, Next<'a>) -> Result<Reply, Error>),
    /// Calls an `async fn`.
    #[cfg(feature = "async")]
    Async(for<'a> fn(&'a Invocation<'a>, Next<'a>) -> AroundFuture<'a>),
}

impl Around {
    /// Returns whether the function is an `async fn`.
    pub(crate) fn is_async(&self) -> bool {
        !matches!(self.invoke, AroundInvoke::Sync(_))
    }

    /// Returns the path of the function, without the `r#` of raw identifiers.
    pub(crate) fn path(&self) -> String {
        without_raw(self.path).into_owned()
    }

    /// Returns the path and the place of the function, for a message.
    pub(crate) fn with_place(&self) -> String {
        format!("the around function `{}` ({}:{})", self.path(), self.file, self.line)
    }

    /// Adds the place of the function to its error, unless the error is that of an inner function or of the handler.
    pub(crate) fn placed(&self, error: Error) -> Error {
        if error.is_placed() { error } else { error.advised().at(&self.path(), self.file, self.line) }
    }
}

/// Boxes the future of an around function.
#[cfg(feature = "async")]
pub fn around_future<'a>(future: impl Future<Output = Result<Reply, Error>> + 'a) -> AroundFuture<'a> {
    Box::pin(future)
}

/// The first parameter of an around function.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the first parameter of an around function",
    label = "write `&Invocation<'_>`, the invocation that it stands around"
)]
pub trait FirstOfAround<'a> {
    /// Takes the invocation.
    fn first(invocation: &'a Invocation<'a>) -> Self;
}

impl<'a> FirstOfAround<'a> for &'a Invocation<'a> {
    fn first(invocation: &'a Invocation<'a>) -> Self {
        invocation
    }
}

/// The second parameter of an around function.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the second parameter of an around function",
    label = "write `Next<'_>`, by which the function runs the handler"
)]
pub trait SecondOfAround<'a> {
    /// Takes the rest of the invocation.
    fn second(next: Next<'a>) -> Self;
}

impl<'a> SecondOfAround<'a> for Next<'a> {
    fn second(next: Next<'a>) -> Self {
        next
    }
}

/// Makes the first argument of an around function.
pub fn first_of_around<'a, T: FirstOfAround<'a>>(invocation: &'a Invocation<'a>) -> T {
    T::first(invocation)
}

/// Makes the second argument of an around function.
pub fn second_of_around<'a, T: SecondOfAround<'a>>(next: Next<'a>) -> T {
    T::second(next)
}

/// The value that an around function returns.
#[diagnostic::on_unimplemented(
    message = "an around function cannot return `{Self}`",
    label = "not an `around::Reply`",
    note = "return what `next.run()` returns, or make a reply by `around::Reply::new(value)?`"
)]
pub trait AroundReply {
    /// Returns the reply as it is.
    fn into_reply(self) -> Reply;
}

impl AroundReply for Reply {
    fn into_reply(self) -> Reply {
        self
    }
}

/// Takes the value that an around function returns.
pub fn around_reply<T: AroundReply>(value: T) -> Reply {
    value.into_reply()
}
