//! [`Selection`]: the flags that select packages and binaries.

use clap::Args;

const PACKAGES: &str = "Package Selection";
const TARGETS: &str = "Target Selection";

/// The flags that select packages and binaries.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Selection {
    /// Select this package [default: the packages that cargo build would build in this folder]
    #[arg(long, short, value_name = "NAME", help_heading = PACKAGES)]
    pub(crate) package: Option<String>,
    /// Select all packages of the workspace
    #[arg(long, conflicts_with = "package", help_heading = PACKAGES)]
    pub(crate) workspace: bool,
    /// Select this binary, where there are several
    #[arg(long, value_name = "NAME", help_heading = TARGETS)]
    pub(crate) bin: Option<String>,
}
