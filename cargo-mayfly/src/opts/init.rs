//! The flags of `cargo mayfly init`.

use std::path::PathBuf;

use clap::Args;

use crate::opts::mayfly::MayflySource;

/// Prepare an existing folder: add what its package lacks for Lambda, or create a package
///
/// Missing entries are added to Cargo.toml, existing ones are not changed. An existing library stays as it is.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cargo mayfly init --mayfly-path ../mayfly")]
pub(crate) struct Init {
    /// Prepare this folder
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) folder: PathBuf,
    /// Set the name of a new package [default: the name of the folder]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Start with HTTP routes on axum instead of handlers of events
    #[arg(long)]
    pub(crate) http: bool,
    #[command(flatten)]
    pub(crate) mayfly: MayflySource,
    /// Overwrite existing files
    #[arg(long)]
    pub(crate) force: bool,
}
