//! An emulator of the Lambda Runtime API for one function, which serves one invocation at a time.
//!
//! [`Function`] starts a program as Lambda would, sends it events and returns the outcomes. The process is killed when
//! an invocation times out, and started again for the next event. [`Emulator`] is the server alone, for a process that
//! is started elsewhere, or for a client that sends requests of its own.
//!
//! ```no_run
//! use cargo_mayfly::emulator::{Configuration, Function, Invocation, Outcome, Program};
//!
//! # async fn example() -> std::io::Result<()> {
//! let configuration = Configuration::new("my_app::handler::process");
//! let function = Function::start(Program::new("target/debug/bootstrap"), configuration).await?;
//! match function.invoke(Invocation::new(r#"{"id":1}"#)).await {
//!     Outcome::Reply(bytes) => println!("{}", String::from_utf8_lossy(&bytes)),
//!     other => eprintln!("{:?}", other.error()),
//! }
//! function.stop().await;
//! # Ok(())
//! # }
//! ```

mod api;
mod body;
mod configuration;
mod delivery;
mod extensions;
mod function;
mod invocation;
mod limits;
mod logs;
mod machine;
mod measures;
mod outcome;
mod pending;
mod process;
mod rejection;
mod report;
mod route;
mod server;
mod service;
mod stream;

pub use hyper::header::{HeaderName, HeaderValue};

pub use self::body::HTTP_RESPONSE;
pub use self::configuration::Configuration;
pub use self::function::Function;
pub use self::invocation::Invocation;
pub use self::limits::{DEFAULT_MEMORY_MB, MAX_PAYLOAD, MAX_STREAM};
pub use self::machine::Phase;
pub use self::outcome::{ErrorReport, Exit, Outcome, PostedError};
pub use self::process::Program;
pub use self::report::Report;
pub use self::server::Emulator;
pub use self::stream::{StreamSink, StreamedReply};
