//! `Binaries`: the compiled contenders, each package by itself so that none changes the features of another.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::contender::Contender;

/// The paths of the contenders' binaries.
#[derive(Debug)]
pub struct Binaries(HashMap<Contender, PathBuf>);

impl Binaries {
    /// Compiles the contenders in the profile `lambda-bench`.
    ///
    /// # Errors
    /// If cargo cannot be run or fails.
    pub fn compile(contenders: &[Contender]) -> Result<Self> {
        let mut paths = HashMap::new();
        for &contender in contenders {
            eprintln!("compiling: {contender}");
            paths.insert(contender, compile(contender)?);
        }
        Ok(Self(paths))
    }

    /// Returns the binary of a contender.
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
        // Naming a target keeps the flags from build scripts and macros, which cannot be static.
        command.args(["--target", &host()?]).env("RUSTFLAGS", "-C target-feature=+crt-static");
    }
    let output = command.output().context("cargo cannot be run")?;
    ensure!(output.status.success(), "{contender} cannot be compiled: {command:?} failed");
    let messages = output.stdout.split(|&byte| byte == b'\n');
    let mut messages = messages.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let executable = messages.find_map(|message| message["executable"].as_str().map(PathBuf::from));
    executable.with_context(|| format!("cargo names no executable for {contender}"))
}

/// Returns the target of this machine.
fn host() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"));
    let output = Command::new(rustc).arg("-vV").output().context("rustc cannot be run")?;
    let version = String::from_utf8_lossy(&output.stdout);
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("`rustc -vV` names no host")
}
