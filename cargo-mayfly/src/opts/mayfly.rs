//! [`MayflySource`]: the flags that select where a new package gets mayfly from.

use std::path::PathBuf;

use clap::Args;

/// The flags that select the source of the dependency on mayfly.
#[derive(Args, Debug)]
pub(crate) struct MayflySource {
    /// Depend on the mayfly in this folder [default: the checkout that cargo-mayfly was built from]
    #[arg(long = "mayfly-path", value_name = "FOLDER", conflicts_with = "git")]
    pub(crate) path: Option<PathBuf>,
    /// Depend on the mayfly in this git repository
    #[arg(long = "mayfly-git", value_name = "URL")]
    pub(crate) git: Option<String>,
    /// Use this branch of the repository
    #[arg(long = "mayfly-branch", value_name = "NAME", requires = "git", conflicts_with = "rev")]
    pub(crate) branch: Option<String>,
    /// Use this commit of the repository
    #[arg(long = "mayfly-rev", value_name = "COMMIT", requires = "git")]
    pub(crate) rev: Option<String>,
}
