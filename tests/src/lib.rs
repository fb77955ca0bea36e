//! What the tests of Mayfly share: a Runtime API that does as it is told, real processes, and the binaries they run.
//!
//! ```no_run
//! use mayfly_tests::{Api, Event, Function, Profile, greeter};
//!
//! let api = Api::start();
//! let function = Function::of(&greeter(Profile::Debug)).handler("greeter::greet").api(&api).start();
//! let reply = api.invoke(&Event::json(r#"{"name":"Ada"}"#));
//! assert_eq!(reply.json()["message"], "Hello, Ada!");
//! drop(function); // ends the process
//! ```

#![expect(clippy::missing_panics_doc, reason = "a test fails by a panic, in these helpers too")]

mod api;
mod binaries;
mod event;
mod function;
mod request;
mod source;
mod wait;

pub use api::Api;
pub use binaries::{
    Profile, cargo, greeter, odd, odd_unwinding, odd_with_trace_env, plain, plain_with_line_tables, raw, routes,
};
pub use event::{Event, REQUEST_ID, chunk};
pub use function::{Exit, Function, Launch};
pub use request::Request;
pub use source::{line_of, place};
pub use wait::{PATIENCE, until};

/// The path of `/next`.
pub const NEXT: &str = "/2018-06-01/runtime/invocation/next";
/// The path of an error that keeps a function from starting.
pub const INIT_ERROR: &str = "/2018-06-01/runtime/init/error";
