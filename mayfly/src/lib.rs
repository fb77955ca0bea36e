//! AWS Lambda functions in Rust with no boilerplate: annotate a function, name it in the function's **Handler** setting.
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
//! // In the module `handler` of the crate `my_app` this is `my_app::handler::process`.
//! #[mayfly::handler]
//! pub async fn process(order: Order) -> Result<Receipt, mayfly::Error> {
//!     Ok(Receipt { id: order.id })
//! }
//!
//! // In src/main.rs of the same package: `mayfly::main!(my_app);`, which is short for this and for naming `my_app`.
//! fn main() -> std::process::ExitCode {
//! # return std::process::ExitCode::SUCCESS;
//!     mayfly::run()
//! }
//! ```
//!
//! One binary holds as many handlers as you like. At startup [`run`] picks the one whose full path stands in
//! `_HANDLER`, builds the [`State`]s that it needs, and then answers one invocation after the other: event decoded,
//! function called, reply encoded. Errors and panics are always reported to the caller, also under `panic = "abort"`.
//!
//! The surprising rule: **handlers in a library crate must be linked in.** The linker drops a crate that `main.rs` never
//! names, and its handlers with it; [`main!`] names it.
//!
//! # What a handler may look like
//! - `fn` or `async fn` ([`handler`] lists the rules). Without async code no tokio runtime is built.
//! - First parameter: the event, any type that [deserializes](Event), also one that borrows from the payload. No
//!   parameter: the event is ignored.
//! - Further parameters: [`Context`], [`State`], or types of your own, see [`FromInvocation`].
//! - The result: anything that [serializes](Reply), `()`, or a `Result` of it with nearly any error type, see [`Error`].
//!
//! The function stays as it is written: a unit test calls it directly.
//!
//! # Features
//! - `async` (on by default): `async fn` handlers and inits, on tokio.
//! - `axum`: [routes](macro@get), functions that take axum's extractors, and `Routes`, which puts all of them behind the
//!   layers of a service; with it comes `http`.
//! - `testing`: the module of that name, which runs handlers inside a test.
//! - `trace-env`: writes the X-Ray trace id to the process environment (`_X_AMZN_TRACE_ID`) before each invocation, for
//!   the AWS SDK's recursion detection. Where several threads run handlers or their tasks (several invocations at once, or
//!   `run_on` with worker threads) it warns, and writes nothing. Code of yours that reads the environment through C in a
//!   thread of its own must then not run between two invocations, and glibc keeps every value for ever.

mod current;
mod ending;
mod env;
mod error;
mod executor;
#[cfg(feature = "http")]
pub mod http;
mod in_flight;
mod instance;
mod invocation;
mod json;
mod logging;
mod panic;
mod registry;
mod run;
mod runtime_api;
#[cfg(feature = "trace-env")]
mod trace_env;

#[doc(hidden)]
pub mod private;
// The targets of cargo-fuzz, which sets `fuzzing`, come in here.
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod properties;
#[cfg(feature = "testing")]
pub mod testing;

pub use env::Function;
pub use error::{Error, ResultExt};
#[cfg(feature = "axum")]
pub use http::routes::Routes;
pub use invocation::argument::{FromInvocation, Invocation};
pub use invocation::context::{Context, Identity};
pub use invocation::decode::Event;
pub use invocation::encode::Reply;
pub use invocation::state::{Needs, State};
pub use mayfly_macros::{delete, get, handler, head, init, options, patch, post, put, route, service};
pub use run::run;
#[cfg(feature = "async")]
pub use run::run_on;

/// Writes the `main` of a function's binary.
///
/// `mayfly::main!(my_app);` is short for
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
/// Several crates go with commas between them. `mayfly::main!();` is enough where all handlers stand in the binary
/// itself.
#[macro_export]
macro_rules! main {
    (crate) => {
        $crate::private::core::compile_error!("name the library, as in `mayfly::main!(my_app);`; for handlers in the binary itself, `mayfly::main!();`");

        fn main() {}
    };
    ($first:ident - $($rest:tt)*) => {
        $crate::private::core::compile_error!("in code the name of a crate has `_` in place of `-`, as in `mayfly::main!(my_app);`");

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
}
