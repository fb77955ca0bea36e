//! Everything that generated code may name: it names the crate `core`, too, since another may have that name where the
//! code goes.

pub use crate::__drive as drive;
pub use crate::error::Error;
pub use crate::executor::Executor;
pub use crate::invocation::bounds::{Asked, FromStates, event_first};
pub use crate::invocation::call::Call;
pub use crate::invocation::returned::{Failed, Returned, keep};
pub use crate::invocation::state::{Erased, Needs, Provider, StateType, Store};
pub use crate::registry::copies::mark;
pub use crate::registry::handler::{Description, Handler, hash};
pub use core;
pub use inventory;
pub use std::process::ExitCode;

/// Counts the characters of a path, at compile time, without the `r#` of raw identifiers.
#[must_use]
pub const fn characters(path: &str) -> usize {
    let bytes = path.as_bytes();
    let (mut at, mut characters) = (0, 0);
    while at < bytes.len() {
        let continues_character = bytes[at] & 0b1100_0000 == 0b1000_0000;
        if bytes[at] == b'#' {
            characters -= 1; // the `r` before it
        } else if !continues_character {
            characters += 1;
        }
        at += 1;
    }
    characters
}

/// Runs a future to its end.
#[cfg(feature = "async")]
#[doc(hidden)]
#[macro_export]
macro_rules! __drive {
    ($executor:expr, $future:expr) => {
        $executor.block_on($crate::private::core::pin::pin!($future))
    };
}

/// Names the feature that is missing.
#[cfg(not(feature = "async"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __drive {
    ($executor:expr, $future:expr) => {
        $crate::private::core::compile_error!("an `async fn` handler or init needs the feature `async` of mayfly")
    };
}
