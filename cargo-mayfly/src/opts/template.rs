//! The options of `cargo mayfly template`.

use std::path::PathBuf;

use clap::{Args, ValueEnum, value_parser};

use crate::lambda::limits;
use crate::lambda::runtime::Runtime;
use crate::opts::architecture::ArchitectureFlags;
use crate::opts::compilation::Compilation;
use crate::opts::selection::Selection;

/// What has no meaning where nothing is written.
const CHECK_EXCLUDES: [&str; 9] =
    ["format", "out", "artifact", "memory", "timeout", "arm64", "x86_64", "runtime", "env"];

/// Write infrastructure for a binary: one artifact, and a function for each handler
///
/// What the flags do not say comes from `[package.metadata.mayfly]` in Cargo.toml: artifact, memory, timeout,
/// architecture, runtime, environment, and for single handlers functions."PATH" with memory, timeout and environment,
/// which count before the flags. With --check an existing template is compared instead, and the exit code is 1 if a
/// handler in it is in no binary, or no function in it is a binary's. A warning says what only a deployment decides.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cargo mayfly template --format sam --out template.yaml\n  \
                        cargo mayfly template --check template.yaml")]
pub(crate) struct Template {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// What is written: a template of SAM, or JSON for Terraform, CDK and scripts
    #[arg(long, value_enum, required_unless_present = "check")]
    pub(crate) format: Option<Format>,
    /// Write to this file, in place of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Overwrite that file
    #[arg(long, requires = "out")]
    pub(crate) force: bool,
    /// Compare the handlers in this template, YAML or JSON, with the binaries'
    #[arg(long, value_name = "FILE", conflicts_with_all = CHECK_EXCLUDES)]
    pub(crate) check: Option<PathBuf>,
    /// Compare only the functions of that name in the template, which may have `*` and `?`; each is the binary's then
    #[arg(long, value_name = "NAME", requires = "check")]
    pub(crate) function: Vec<String>,
    #[command(flatten)]
    pub(crate) function_flags: FunctionFlags,
    #[command(flatten)]
    pub(crate) compilation: Compilation,
}

/// How the functions are configured.
#[derive(Args, Debug, Default)]
pub(crate) struct FunctionFlags {
    /// The zip, as seen from the template [default: lambda.zip]
    #[arg(long, value_name = "FILE")]
    pub(crate) artifact: Option<String>,
    /// The memory of each function [default: 128]
    #[arg(long, value_name = "MB", value_parser = value_parser!(u32).range(limits::MEMORY_MB), allow_negative_numbers = true)]
    pub(crate) memory: Option<u32>,
    /// The time-out of each function; above 900 only on Managed Instances [default: 3]
    #[arg(long, value_name = "SECONDS", value_parser = value_parser!(u32).range(limits::TIMEOUT_SECONDS), allow_negative_numbers = true)]
    pub(crate) timeout: Option<u32>,
    #[command(flatten)]
    pub(crate) architecture: ArchitectureFlags,
    /// The runtime [default: provided.al2023]
    #[arg(long, value_name = "RUNTIME", value_parser = Runtime::named)]
    pub(crate) runtime: Option<Runtime>,
    /// A variable in the environment of each function
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    pub(crate) env: Vec<(String, String)>,
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A template of AWS SAM
    Sam,
    /// JSON
    Json,
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    limits::variable(name)?;
    Ok((name.to_owned(), value.to_owned()))
}
