//! `MACHINERY`, which each registered hook refers to: the code that runs hooks is in a binary only if a hook is.

use crate::registry::hook::{Failure, Machinery, Start};
use crate::registry::list;
#[cfg(all(feature = "shutdown", unix))]
use crate::shutdown;
use crate::snapshot;

/// The code that runs and lists the hooks of a binary.
pub static MACHINERY: Machinery = Machinery { start, list: list::write_hooks };

/// Prepares for SIGTERM and passes the snapshot. The extension is registered before the snapshot, which ends the init
/// phase.
fn start(start: Start<'_>) -> Result<(), Failure> {
    #[cfg(all(feature = "shutdown", unix))]
    shutdown::prepare(&start);
    snapshot::pass(start)
}
