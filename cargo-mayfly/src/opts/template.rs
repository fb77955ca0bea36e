//! The flags of `cargo mayfly template`.

use std::path::PathBuf;

use clap::{Args, ValueEnum, value_parser};

use crate::lambda::limits;
use crate::lambda::runtime::Runtime;
use crate::opts::architecture::ArchitectureFlags;
use crate::opts::compilation::Compilation;
use crate::opts::selection::Selection;

/// The flags that have no meaning with `--check`, where nothing is written.
const CHECK_EXCLUDES: [&str; 9] =
    ["format", "out", "artifact", "memory", "timeout", "arm64", "x86_64", "runtime", "env"];

/// Write a template with a function for each handler, or check an existing template
///
/// Values that no flag sets come from `[package.metadata.mayfly]` in Cargo.toml: artifact, memory, timeout,
/// architecture, runtime and environment. The tables functions."PATH" in it set memory, timeout and environment of
/// single handlers and take precedence over the flags. With --check, the handlers of an existing template are compared
/// with the binaries instead: the exit code is 1 if the template names a handler that no binary has, or has no function
/// of the binaries. Values that are known only at deployment give a warning.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cargo mayfly template --format sam --out template.yaml\n  \
                        cargo mayfly template --check template.yaml")]
pub(crate) struct Template {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// Write this format (required without --check): an AWS SAM template, or JSON for Terraform, CDK and scripts
    #[arg(long, value_enum, required_unless_present = "check")]
    pub(crate) format: Option<Format>,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Overwrite the file of --out
    #[arg(long, requires = "out")]
    pub(crate) force: bool,
    /// Compare the handlers in this template, YAML or JSON, with those of the binaries
    #[arg(long, value_name = "FILE", conflicts_with_all = CHECK_EXCLUDES)]
    pub(crate) check: Option<PathBuf>,
    /// Check only functions of this name (`*` and `?` are wildcards), and assume that they run the binary
    #[arg(long, value_name = "NAME", requires = "check")]
    pub(crate) function: Vec<String>,
    #[command(flatten)]
    pub(crate) function_flags: FunctionFlags,
    #[command(flatten)]
    pub(crate) compilation: Compilation,
}

/// The flags that configure the functions.
#[derive(Args, Debug, Default)]
pub(crate) struct FunctionFlags {
    /// Set the path of the zip, relative to the template [default: lambda.zip]
    #[arg(long, value_name = "FILE")]
    pub(crate) artifact: Option<String>,
    /// Set the memory of each function [default: 128]
    #[arg(long, value_name = "MB", value_parser = value_parser!(u32).range(limits::MEMORY_MB), allow_negative_numbers = true)]
    pub(crate) memory: Option<u32>,
    /// Set the timeout of each function; above 900 only on Managed Instances [default: 3]
    #[arg(long, value_name = "SECONDS", value_parser = value_parser!(u32).range(limits::TIMEOUT_SECONDS), allow_negative_numbers = true)]
    pub(crate) timeout: Option<u32>,
    #[command(flatten)]
    pub(crate) architecture: ArchitectureFlags,
    /// Set the runtime [default: provided.al2023]
    #[arg(long, value_name = "RUNTIME", value_parser = Runtime::named)]
    pub(crate) runtime: Option<Runtime>,
    /// Set an environment variable of each function
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    pub(crate) env: Vec<(String, String)>,
}

/// The format of a written template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// An AWS SAM template
    Sam,
    /// JSON for Terraform, CDK and scripts
    Json,
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    limits::variable(name)?;
    Ok((name.to_owned(), value.to_owned()))
}
