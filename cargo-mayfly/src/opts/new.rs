//! The options of `cargo mayfly new` and `cargo mayfly init`.

use std::path::PathBuf;

use clap::Args;

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
    pub(crate) mayfly: Mayfly,
}

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
    pub(crate) mayfly: Mayfly,
    /// Overwrite what is in the way
    #[arg(long)]
    pub(crate) force: bool,
}

/// Where mayfly comes from.
#[derive(Args, Debug)]
pub(crate) struct Mayfly {
    /// Take mayfly from this folder [default: the checkout that this command was compiled in]
    #[arg(long = "mayfly-path", value_name = "FOLDER", conflicts_with = "git")]
    pub(crate) path: Option<PathBuf>,
    /// Take mayfly from this git repository
    #[arg(long = "mayfly-git", value_name = "URL")]
    pub(crate) git: Option<String>,
    /// The branch of that repository
    #[arg(long = "mayfly-branch", value_name = "NAME", requires = "git", conflicts_with = "rev")]
    pub(crate) branch: Option<String>,
    /// The commit of that repository
    #[arg(long = "mayfly-rev", value_name = "COMMIT", requires = "git")]
    pub(crate) rev: Option<String>,
}
