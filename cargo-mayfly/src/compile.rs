//! Calls cargo to build a binary, and finds what it made.

use std::ffi::OsString;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use cargo_metadata::Message;

use crate::project::Binary;

/// A build to be.
#[derive(Clone, Debug)]
pub(crate) struct Build<'a> {
    pub(crate) binary: &'a Binary,
    /// With the release profile.
    pub(crate) release: bool,
    /// What goes to cargo beside: `--target …`, `--config …`.
    pub(crate) arguments: Vec<OsString>,
    /// Variables for cargo: `RUSTFLAGS`.
    pub(crate) variables: Vec<(OsString, OsString)>,
    /// The cargo subcommand: `build`, or another that takes the same flags, such as `zigbuild`.
    pub(crate) subcommand: &'static str,
}

impl<'a> Build<'a> {
    /// A plain `cargo build`.
    pub(crate) fn new(binary: &'a Binary, release: bool) -> Self {
        Self { binary, release, arguments: Vec::new(), variables: Vec::new(), subcommand: "build" }
    }

    /// Builds the binary; cargo's progress and the compiler's errors go to standard error as they come.
    ///
    /// # Errors
    /// If it does not build.
    pub(crate) fn run(&self) -> Result<PathBuf> {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args([self.subcommand, "--message-format=json-render-diagnostics"]);
        command.args(["--package", &self.binary.package, "--bin", &self.binary.name]);
        if self.release {
            command.arg("--release");
        }
        command.args(&self.arguments).envs(self.variables.iter().cloned());
        let mut cargo =
            command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn().context("cargo could not be run")?;
        let mut executable = None;
        if let Some(output) = cargo.stdout.take() {
            for message in Message::parse_stream(BufReader::new(output)) {
                if let Message::CompilerArtifact(artifact) = message.context("cargo's messages could not be read")? {
                    let is_ours = artifact.target.is_bin() && artifact.target.name == self.binary.name;
                    executable = artifact.executable.filter(|_| is_ours).or(executable);
                }
            }
        }
        let status = cargo.wait().context("cargo could not be waited for")?;
        match executable {
            Some(executable) if status.success() => Ok(executable.into_std_path_buf()),
            _ => bail!("the binary `{}` of package `{}` does not build", self.binary.name, self.binary.package),
        }
    }
}
