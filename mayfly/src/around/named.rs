//! `Named`: a function that a list of arounds names.

use std::any::{TypeId, type_name};
use std::fmt;

use super::next::Next;
use super::reply::Reply;
use crate::invocation::argument::Invocation;

/// A function that a list of arounds names. Each function has a type of its own, by which its registration is found,
/// also where it is named through a `pub use`.
#[derive(Clone, Copy)]
pub struct Named {
    pub(crate) id: fn() -> TypeId,
    pub(crate) name: fn() -> &'static str,
}

impl Named {
    /// Names a function.
    #[must_use]
    pub const fn of<F: AroundFunction<M>, M>(_: F) -> Self {
        Self { id: TypeId::of::<F>, name: type_name::<F> }
    }
}

impl fmt::Debug for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str((self.name)())
    }
}

/// Returns the type of a function.
pub fn function_id<F: 'static>(_: &F) -> TypeId {
    TypeId::of::<F>()
}

/// A function with the signature of an around function; `M` tells which.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand around an invocation",
    label = "not a function under `#[mayfly::around]`",
    note = "an around function takes `&Invocation<'_>`, `Next<'_>` and up to ten parameters that a handler may take \
            after its event, and returns `Result<around::Reply, E>`"
)]
pub trait AroundFunction<M>: Copy + 'static {}

/// The mark of an `async fn`.
#[derive(Debug)]
pub struct IsAsync;

/// The mark of a plain `fn`.
#[derive(Debug)]
pub struct IsSync;

/// Implements the trait for functions with these further parameters.
macro_rules! around_function {
    ($($parameter:ident)*) => {
        #[diagnostic::do_not_recommend]
        impl<F, E, $($parameter),*> AroundFunction<(IsAsync, E, $($parameter,)*)> for F where
            F: AsyncFn(&Invocation<'_>, Next<'_>, $($parameter),*) -> Result<Reply, E> + Copy + 'static
        {
        }

        #[diagnostic::do_not_recommend]
        impl<F, E, $($parameter),*> AroundFunction<(IsSync, E, $($parameter,)*)> for F where
            F: Fn(&Invocation<'_>, Next<'_>, $($parameter),*) -> Result<Reply, E> + Copy + 'static
        {
        }
    };
}

around_function!();
around_function!(A);
around_function!(A B);
around_function!(A B C);
around_function!(A B C D);
around_function!(A B C D G);
around_function!(A B C D G H);
around_function!(A B C D G H I);
around_function!(A B C D G H I J);
around_function!(A B C D G H I J K);
around_function!(A B C D G H I J K L);
