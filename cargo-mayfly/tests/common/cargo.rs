//! [`CARGO`], the cargo for commands in this workspace.

/// A script that runs cargo with the dependencies that `cargo test --workspace` has compiled. The tests of projects show
/// which packages and flags the command hands to cargo itself.
pub(crate) const CARGO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/cargo.sh");
