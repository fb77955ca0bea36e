//! The flags of `cargo mayfly new`.

use std::path::PathBuf;

use clap::Args;

use crate::opts::mayfly::MayflySource;

/// Create a package with two handlers, tests and a release profile for Lambda
///
/// Inside a workspace the package becomes a member, and inherits mayfly from the workspace's dependencies if it is
/// there.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cargo mayfly new my-app --mayfly-path ../mayfly")]
pub(crate) struct New {
    /// Create this folder; its name becomes the name of the package
    #[arg(value_name = "NAME")]
    pub(crate) folder: PathBuf,
    /// Set the name of the package [default: the name of the folder]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Start with HTTP routes on axum instead of handlers of events
    #[arg(long)]
    pub(crate) http: bool,
    #[command(flatten)]
    pub(crate) mayfly: MayflySource,
}
