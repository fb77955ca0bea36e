//! A small shop with functions around its handlers, which measure and trace each invocation and store replies.
//!
//! | Function | Kind | Around | Task |
//! |---|---|---|---|
//! | `traced` | sync | all handlers | an `OpenTelemetry` span, exported before the reply is sent |
//! | `measured` | async | all handlers | metrics in `CloudWatch`'s embedded format, and a line before a time-out |
//! | `idempotent` | async | `observed::orders::place` | stores the reply to an order, and returns it to a retry |
//!
//! | Handler | Kind | Task |
//! |---|---|---|
//! | `observed::orders::place` | async | charges an order, once for each `orderId` |
//! | `observed::orders::price` | sync | returns the price of an item |

#[cfg(test)]
mod emf;
mod idempotent;
mod measured;
mod orders;
mod store;
#[cfg(test)]
mod tests;
mod traced;

use mayfly::around::Arounds;

use crate::measured::measured;
use crate::traced::traced;

/// The functions around every handler, for `main!` and the tests. The first is the outermost.
pub const AROUND_ALL: Arounds = mayfly::arounds![traced, measured];
