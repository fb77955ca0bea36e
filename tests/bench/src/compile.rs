//! The contenders' binaries, each package compiled by itself, so that none changes another's features.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::contender::Contender;

/// Where the binaries of the contenders are.
#[derive(Debug)]
pub struct Binaries(HashMap<Contender, PathBuf>);

impl Binaries {
    /// Compiles the contenders, all in the profile `lambda-bench`.
    ///
    /// # Errors
    /// If cargo cannot be run, or says no.
    pub fn compile(contenders: &[Contender]) -> Result<Self> {
        let mut paths = HashMap::new();
        for &contender in contenders {
            eprintln!("compiling: {contender}");
            paths.insert(contender, compile(contender)?);
        }
        Ok(Self(paths))
    }

    /// The path of one.
    ///
    /// # Panics
    /// If it was not compiled.
    #[must_use]
    pub fn path(&self, contender: Contender) -> &Path {
        &self.0[&contender]
    }
}

fn compile(contender: Contender) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["build", "--quiet", "--profile", "lambda-bench", "--message-format", "json-render-diagnostics"])
        .args(["--package", contender.package(), "--bin", &contender.binary()])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    if let Some(feature) = contender.feature() {
        command.args(["--features", feature]);
    }
    if contender.is_static() {
        // With a target named, the flags are not for build scripts and macros, which could not be static.
        command.args(["--target", &host()?]).env("RUSTFLAGS", "-C target-feature=+crt-static");
    }
    let output = command.output().context("cargo cannot be run")?;
    ensure!(output.status.success(), "{contender} cannot be compiled: {command:?} failed");
    let messages = output.stdout.split(|&byte| byte == b'\n');
    let mut messages = messages.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let executable = messages.find_map(|message| message["executable"].as_str().map(PathBuf::from));
    executable.with_context(|| format!("cargo names no executable for {contender}"))
}

/// The target that this machine's own programs are compiled for.
fn host() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"));
    let output = Command::new(rustc).arg("-vV").output().context("rustc cannot be run")?;
    let version = String::from_utf8_lossy(&output.stdout);
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("`rustc -vV` names no host")
}
