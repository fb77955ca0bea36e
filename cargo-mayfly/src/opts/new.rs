//! The flags of `cargo mayfly new`.

use std::path::PathBuf;

use clap::Args;

use crate::opts::mayfly::MayflySource;

/// Make a project: two handlers, their tests, and the release profile for Lambda
///
/// Inside a workspace the package becomes a member, and takes mayfly from the workspace's dependencies if it is there.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cargo mayfly new my-app --mayfly-path ../mayfly")]
pub(crate) struct New {
    /// The folder to make, whose name is the package's
    #[arg(value_name = "NAME")]
    pub(crate) folder: PathBuf,
    /// The package's name, if it is not the folder's
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) mayfly: MayflySource,
}
