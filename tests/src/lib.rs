//! The harness of Mayfly's tests: a Runtime API in the test's hands, real processes, and the binaries that they run.
//!
//! ```no_run
//! use mayfly_tests::{Delivery, Process, Profile, RuntimeApi, greeter};
//!
//! let api = RuntimeApi::start();
//! let process = Process::of(&greeter(Profile::Debug)).handler("greeter::greet").api(&api).start();
//! let reply = api.invoke(&Delivery::json(r#"{"name":"Ada"}"#));
//! assert_eq!(reply.json()["message"], "Hello, Ada!");
//! drop(process); // ends it
//! ```

#![expect(clippy::missing_panics_doc, reason = "a test fails by a panic, in these helpers too")]

mod binaries;
mod delivery;
mod posted;
mod process;
mod request;
mod runtime_api;
mod source;
mod streamed;
mod wait;

pub use binaries::{
    Profile, around, batches, cargo, cargo_mayfly, greeter, hooks, lone_hook, odd, odd_unwinding, odd_with_trace_env,
    plain, plain_with_line_tables, raw, routes, snapshots, streaming, streams,
};
pub use delivery::{Delivery, REQUEST_ID, chunk};
pub use posted::Posted;
pub use process::{Exit, Launch, Process};
pub use request::Request;
pub use runtime_api::RuntimeApi;
pub use source::{line_of, place};
pub use streamed::{Piece, Streamed};
pub use wait::{PATIENCE, until};

/// The path of `/next`.
pub const NEXT: &str = "/2018-06-01/runtime/invocation/next";
/// The path of an error that keeps a function from starting.
pub const INIT_ERROR: &str = "/2018-06-01/runtime/init/error";
