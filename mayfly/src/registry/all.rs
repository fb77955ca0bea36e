//! Every handler of the binary, sorted.

use super::handler::{self, Description, Handler};
use super::path::{in_order, without_raw};
#[cfg(feature = "axum")]
use super::routes;

/// Collects every handler, sorted by path: those that are registered, and `mayfly::routes` where it exists.
pub(crate) fn sorted() -> Vec<&'static Handler> {
    let handlers = handler::all();
    #[cfg(feature = "axum")]
    let handlers = handlers.chain(routes::built_in());
    in_order(handlers, |handler| {
        let Description { path, file, line, .. } = (handler.describe)();
        (without_raw(path), file, line)
    })
}
