//! The flags that say where a new package gets mayfly from.

use std::path::PathBuf;

use clap::Args;

/// Where mayfly comes from.
#[derive(Args, Debug)]
pub(crate) struct MayflySource {
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
