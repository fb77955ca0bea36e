//! `Arounds`: a list of around functions.

use std::any::{TypeId, type_name};
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use super::choose::choose;
use super::named::{AroundFunction, Named};
use super::surrounding::Surrounding;
use crate::error::Error;

/// A list of around functions, the outermost first. [`arounds!`](crate::arounds) makes it.
///
/// A list in a `const` of the library serves `main!` and the tests alike:
///
/// ```
/// # mod my_app {
/// use mayfly::around::{self, Arounds};
/// use mayfly::{Error, Invocation, Next};
///
/// #[mayfly::around]
/// pub fn trace(_: &Invocation<'_>, next: Next<'_>) -> Result<around::Reply, Error> {
///     next.run_blocking()
/// }
///
/// pub const AROUND_ALL: Arounds = mayfly::arounds![trace];
/// # }
/// # use my_app as _;
/// // In src/main.rs: mayfly::main!(my_app, around = my_app::AROUND_ALL);
/// # fn main() { let _ = my_app::AROUND_ALL; }
/// ```
#[derive(Clone, Copy)]
pub struct Arounds(&'static List);

/// The functions of a list, and the code of arounds.
pub struct List {
    named: &'static [Named],
    /// The only way to the code of arounds, so that a binary without a list has none of it.
    choose: Choose,
}

/// The search for the functions of two lists.
type Choose = fn([&[Named]; 2]) -> Result<&'static dyn Surrounding, Error>;

impl List {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(named: &'static [Named]) -> Self {
        Self { named, choose }
    }
}

impl Arounds {
    #[doc(hidden)]
    #[must_use]
    pub const fn __new(list: &'static List) -> Self {
        Self(list)
    }

    /// Returns the functions of this list.
    pub(crate) fn named(self) -> &'static [Named] {
        self.0.named
    }

    /// Finds the functions of this list and of an inner one.
    #[cold]
    pub(crate) fn choose(self, inner: Option<Self>) -> Result<&'static dyn Surrounding, Error> {
        (self.0.choose)([self.0.named, inner.map_or(&[], |inner| inner.0.named)])
    }
}

impl fmt::Debug for Arounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.named).finish()
    }
}

/// Lists the functions that run around every invocation, the outermost first, for
/// [`run_around`](crate::run_around) and for tests. [`main!`](crate::main) takes such a list in brackets.
///
/// ```
/// # use mayfly::{Error, Invocation, Next, around};
/// # #[mayfly::around]
/// # fn trace(_: &Invocation<'_>, next: Next<'_>) -> Result<around::Reply, Error> { next.run_blocking() }
/// # #[mayfly::around]
/// # async fn timed(_: &Invocation<'_>, next: Next<'_>) -> Result<around::Reply, Error> { next.run().await }
/// const ALL: around::Arounds = mayfly::arounds![trace, timed];
/// # fn main() { let _ = ALL; }
/// ```
#[macro_export]
macro_rules! arounds {
    ($($around:path),* $(,)?) => {
        $crate::around::Arounds::__new(const {
            &$crate::private::List::new(const { &[$($crate::private::Named::of($around)),*] })
        })
    };
}

/// A tag of the value of `around = …`, which is a list or a single function; it works like the tags in `returned.rs`.
#[derive(Debug)]
pub struct Listed<T>(PhantomData<T>);

/// The tag of a value that is no list.
#[derive(Debug)]
pub struct Single<T>(PhantomData<T>);

impl<T> Deref for Listed<T> {
    type Target = Single<T>;

    fn deref(&self) -> &Single<T> {
        &Single(PhantomData)
    }
}

impl<T> Listed<T> {
    /// Returns the tag of a value.
    #[must_use]
    pub fn of(_: &T) -> Self {
        Self(PhantomData)
    }
}

impl Listed<Arounds> {
    /// Returns the list as it is.
    #[must_use]
    pub fn list(&self, list: Arounds) -> Arounds {
        list
    }
}

impl<F> Single<F> {
    /// Returns a list of one function.
    #[expect(clippy::unused_self, reason = "the receiver selects the method")]
    pub fn list<M>(&self, _: F) -> Arounds
    where
        F: AroundFunction<M>,
    {
        Arounds::__new(const { &List::new(&[Named { id: TypeId::of::<F>, name: type_name::<F> }]) })
    }
}
