//! [`Selection`]: the flags that select packages and binaries.

use clap::Args;

const PACKAGES: &str = "Package Selection";
const TARGETS: &str = "Target Selection";

/// Which binary is meant.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Selection {
    /// The package whose binary is meant [default: as for `cargo build` in this folder]
    #[arg(long, short, value_name = "NAME", help_heading = PACKAGES)]
    pub(crate) package: Option<String>,
    /// All packages of the workspace
    #[arg(long, conflicts_with = "package", help_heading = PACKAGES)]
    pub(crate) workspace: bool,
    /// The binary, where the package has several
    #[arg(long, value_name = "NAME", help_heading = TARGETS)]
    pub(crate) bin: Option<String>,
}
