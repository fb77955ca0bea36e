//! [`Options`]: the command line.

use clap::{Parser, Subcommand};

use crate::opts::build::Build;
use crate::opts::dev::Dev;
use crate::opts::init::Init;
use crate::opts::invoke::Invoke;
use crate::opts::list::List;
use crate::opts::new::New;
use crate::opts::template::Template;

/// Create, run, build and describe AWS Lambda functions written in Rust with Mayfly
#[derive(Debug, Parser)]
#[command(name = "cargo mayfly", bin_name = "cargo mayfly", version, arg_required_else_help = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    New(New),
    Init(Init),
    List(List),
    Invoke(Invoke),
    Build(Build),
    Template(Template),
    Dev(Dev),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn options_are_consistent() {
        Options::command().debug_assert();
    }
}
