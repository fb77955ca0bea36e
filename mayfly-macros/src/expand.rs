//! The expansion of an attribute: the user's function, unchanged, and beside it a constant that registers it.
//!
//! - Each emitted token has a span of the macro's own, so that neither a name nor a lint of the user's crate applies
//!   to it. The generated code therefore needs no `allow`, which a `forbid` of that crate would reject.
//! - Names of libraries start at `__mayfly`, even those of `core`: the user may depend on a crate called `core`.
//! - No type that the user wrote is repeated. All types are inferred from the call of the function, so that an event
//!   may borrow and a misspelt type is a single error.
//! - The tokens that fail to compile where a type does not fit are *located* at that type.

mod around;
mod arounds;
mod batch;
mod deprecated;
mod emitter;
mod handler;
mod hook;
mod init;
mod route;
mod service;
mod text;
mod tokens;

pub(crate) use around::around;
pub(crate) use batch::batch;
pub(crate) use handler::handler;
pub(crate) use hook::{after_restore, before_snapshot, shutdown};
pub(crate) use init::init;
pub(crate) use route::route;
pub(crate) use service::service;
