//! Functions around every invocation: what [`#[mayfly::around]`](macro@crate::around) functions take and return.
//!
//! ```
//! use std::time::Instant;
//!
//! use mayfly::{Error, Invocation, Next, around};
//!
//! #[mayfly::around]
//! async fn timed(invocation: &Invocation<'_>, next: Next<'_>) -> Result<around::Reply, Error> {
//!     let start = Instant::now();
//!     let outcome = next.run().await;
//!     println!("{} bytes took {:?}", invocation.payload().len(), start.elapsed());
//!     outcome
//! }
//!
//! #[mayfly::handler]
//! fn greet(name: String) -> String {
//!     format!("Hello, {name}!")
//! }
//!
//! // In src/main.rs, `mayfly::main!(my_app, around = timed);` names the functions for all handlers.
//! fn main() -> std::process::ExitCode {
//! # return std::process::ExitCode::SUCCESS;
//!     mayfly::run_around(mayfly::arounds![timed])
//! }
//! ```

mod chain;
mod choose;
pub(crate) mod list;
pub(crate) mod named;
pub(crate) mod next;
pub(crate) mod reply;
pub(crate) mod surrounding;

pub use list::Arounds;
pub use next::Next;
pub use reply::Reply;
