//! The flags of `cargo mayfly list`.

use clap::Args;

use crate::opts::compilation::Compilation;
use crate::opts::selection::Selection;

/// List the handlers in the binaries of a package or workspace
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cargo mayfly list --package my-app")]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) compilation: Compilation,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
