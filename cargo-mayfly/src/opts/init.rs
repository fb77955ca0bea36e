//! The flags of `cargo mayfly init`.

use std::path::PathBuf;

use clap::Args;

use crate::opts::mayfly::MayflySource;

/// Make a project of a folder: add what a crate lacks for Lambda, or everything if there is none
///
/// Nothing in Cargo.toml is changed, what is missing is added. A library that is there stays as it is.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cargo mayfly init --mayfly-path ../mayfly")]
pub(crate) struct Init {
    /// The folder
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) folder: PathBuf,
    /// The package's name, if it is not the folder's
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) mayfly: MayflySource,
    /// Overwrite what is in the way
    #[arg(long)]
    pub(crate) force: bool,
}
