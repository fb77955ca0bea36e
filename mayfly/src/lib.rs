//! AWS Lambda functions in Rust with no boilerplate. Annotate a function and point Lambda's **Handler** setting at it.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Deserialize)]
//! pub struct Order {
//!     id: u64,
//! }
//!
//! #[derive(Serialize)]
//! pub struct Receipt {
//!     id: u64,
//! }
//!
//! // In the module `handler` of the crate `my_app`, the handler's path is `my_app::handler::process`.
//! #[mayfly::handler]
//! pub async fn process(order: Order) -> Result<Receipt, mayfly::Error> {
//!     Ok(Receipt { id: order.id })
//! }
//!
//! // In src/main.rs of the same package, `mayfly::main!(my_app);` writes this function and links `my_app` in.
//! fn main() -> std::process::ExitCode {
//! # return std::process::ExitCode::SUCCESS;
//!     mayfly::run()
//! }
//! ```
//!
//! One binary holds any number of handlers. At startup, [`run`] selects the handler whose full path is the value of
//! `_HANDLER` and builds the [`State`]s that it needs. Then it handles one invocation after another: it decodes the
//! event, calls the function and encodes the reply. Errors and panics are always reported to the caller, even under
//! `panic = "abort"`.
//!
//! One rule surprises newcomers: **handlers in a library crate must be linked in.** The linker drops a crate that
//! `main.rs` never names, together with its handlers; [`main!`] names it.
//!
//! # Handler signatures
//! - A handler is a `fn` or an `async fn`; [`handler`] lists the rules. A process that runs no async code builds no
//!   tokio runtime.
//! - The first parameter is the event: any type that [deserializes](Event), including types that borrow from the
//!   payload. A handler without parameters ignores the event.
//! - Further parameters are [`Context`], [`State`] or types of your own that implement [`FromInvocation`].
//! - The return type is any type that [serializes](Reply), `()`, or a `Result` of such a type with almost any error
//!   type; see [`Error`]. A [`Stream`] is a reply of raw bytes that is sent while it is made.
//!
//! The attribute leaves the function as it is, so a unit test can call it directly.
//!
//! # Features
//! - `async` (on by default): `async fn` handlers and inits, on tokio.
//! - `axum`: [routes](macro@get), functions that take axum's extractors, and `Routes`, which puts all of them behind the
//!   layers of a service; with it comes `http`.
//! - `shutdown`: [functions](macro@shutdown) that run when Lambda ends the process.
//! - `stream`: `Stream::chunks`, which streams the items of a `futures_core::Stream`; with it comes `async`.
//! - `testing`: the module `testing`, which runs registered handlers inside a test.
//! - `trace-env`: writes the X-Ray trace id to the process environment (`_X_AMZN_TRACE_ID`) before each invocation,
//!   where the AWS SDK's recursion detection reads it. If several threads run handlers or their tasks (several
//!   invocations at once, or `run_on` with worker threads), Mayfly logs a warning and writes nothing. With this
//!   feature, none of your own threads may read the environment through C between two invocations, and glibc never
//!   frees the old values.
#![cfg_attr(all(doc, not(doctest)), doc = "\n# Guide\n[`guide`] has a page on each of these subjects, and more.")]

pub mod around;
pub mod batch;
mod counted;
mod current;
mod driver;
mod ending;
mod env;
mod error;
mod executor;
mod hooks;
#[cfg(feature = "http")]
pub mod http;
mod in_flight;
mod instance;
mod invocation;
mod json;
mod logging;
mod panic;
mod plain;
mod registry;
mod run;
mod runtime_api;
#[cfg(all(feature = "shutdown", unix))]
mod shutdown;
mod snapshot;
mod stage;
pub mod stream;
#[cfg(feature = "trace-env")]
mod trace_env;

#[cfg(all(doc, not(doctest)))]
pub mod guide;
#[doc(hidden)]
pub mod private;
// Public for the targets of cargo-fuzz, which sets `fuzzing`.
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod properties;
#[cfg(feature = "testing")]
pub mod testing;

pub use around::next::Next;
pub use env::Function;
pub use error::{Error, ResultExt};
#[cfg(feature = "axum")]
pub use http::routes::Routes;
pub use invocation::argument::{FromInvocation, Invocation};
pub use invocation::context::{Context, Identity};
pub use invocation::decode::Event;
pub use invocation::encode::Reply;
pub use invocation::state::{Needs, State};
pub use mayfly_macros::{
    after_restore, around, batch, before_snapshot, delete, get, handler, head, init, options, patch, post, put, route,
    service, shutdown,
};
pub use run::{run, run_around};
#[cfg(feature = "async")]
pub use run::{run_on, run_on_around};
pub use stream::reply::Stream;

/// Writes the `main` function of a Lambda binary.
///
/// `mayfly::main!(my_app);` expands to
///
/// ```no_run
/// # extern crate std as my_app;
/// use my_app as _; // links the library's handlers in: without it the linker drops them
///
/// fn main() -> std::process::ExitCode {
///     mayfly::run()
/// }
/// ```
///
/// Separate several crates with commas. If all handlers are in the binary crate itself, `mayfly::main!();` is enough.
///
/// `around = […]` comes last. It names [functions around every invocation](macro@around) of all handlers, the outermost
/// first: `mayfly::main!(my_app, around = [my_app::trace, my_app::timed]);`. It also takes a single function or a list
/// that [`arounds!`] has made.
#[macro_export]
macro_rules! main {
    (crate) => {
        $crate::private::core::compile_error!(
            "name the library, as in `mayfly::main!(my_app);`; for handlers in the binary itself, `mayfly::main!();`"
        );

        fn main() {}
    };
    ($first:ident - $($rest:tt)*) => {
        $crate::private::core::compile_error!(
            "in code the name of a crate has `_` in place of `-`, as in `mayfly::main!(my_app);`"
        );

        fn main() {}
    };
    ($($krate:ident),* $(,)?) => {
        $(
            use $krate as _;
        )*

        fn main() -> $crate::private::ExitCode {
            $crate::run()
        }
    };
    ($($tokens:tt)*) => {
        $crate::__main! { [] $($tokens)* }
    };
}

/// Takes the names of crates off one by one, up to `around`.
#[doc(hidden)]
#[macro_export]
macro_rules! __main {
    ([$($krate:ident)*] around = [$($arounds:tt)*] $(,)?) => {
        $(
            use $krate as _;
        )*

        fn main() -> $crate::private::ExitCode {
            $crate::run_around($crate::arounds![$($arounds)*])
        }
    };
    ([$($krate:ident)*] around = $around:path $(,)?) => {
        $(
            use $krate as _;
        )*

        fn main() -> $crate::private::ExitCode {
            $crate::run_around($crate::private::Listed::of(&$around).list($around))
        }
    };
    ([$($krate:ident)*] $next:ident, $($rest:tt)+) => {
        $crate::__main! { [$($krate)* $next] $($rest)+ }
    };
    ($($other:tt)*) => {
        $crate::private::core::compile_error!(
            "name the crates, then the functions around all handlers, as in \
             `mayfly::main!(my_app, around = [my_app::trace, my_app::timed]);`"
        );

        fn main() {}
    };
}
