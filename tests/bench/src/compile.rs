//! `Binaries`: the compiled contenders, each package by itself so that none changes the features of another.

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

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
        let alike = |a: &Contender, b: &Contender| Build::of(*a) == Build::of(*b);
        for contenders in contenders.chunk_by(alike) {
            let names: Vec<_> = contenders.iter().map(ToString::to_string).collect();
            eprintln!("compiling: {}", names.join("; "));
            let executables = Build::of(contenders[0]).run(contenders)?;
            for &contender in contenders {
                let executable = executables.get(&contender.binary());
                let executable = executable.with_context(|| format!("cargo names no executable for {contender}"))?;
                paths.insert(contender, executable.clone());
            }
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

/// A build of one package, whose binaries are linked side by side.
#[derive(PartialEq)]
struct Build {
    package: &'static str,
    feature: Option<&'static str>,
    is_static: bool,
}

impl Build {
    fn of(contender: Contender) -> Self {
        Self { package: contender.package(), feature: contender.feature(), is_static: contender.is_static() }
    }

    /// Compiles the binaries of these contenders, and returns their paths by name.
    fn run(&self, contenders: &[Contender]) -> Result<HashMap<String, PathBuf>> {
        let mut command = self.command(contenders)?;
        let output = command.output().context("cargo cannot be run")?;
        ensure!(output.status.success(), "{} cannot be compiled: {command:?} failed", self.package);
        let messages = output.stdout.split(|&byte| byte == b'\n');
        let messages = messages.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
        let executable = |message: Value| {
            let path = message["executable"].as_str().map(PathBuf::from)?;
            Some((message["target"]["name"].as_str()?.to_owned(), path))
        };
        Ok(messages.filter_map(executable).collect())
    }

    fn command(&self, contenders: &[Contender]) -> Result<Command> {
        let mut command = cargo();
        command
            .args(["build", "--quiet", "--profile", "lambda-bench", "--message-format", "json-render-diagnostics"])
            .args(["--package", self.package])
            .stdin(Stdio::null())
            .stderr(Stdio::inherit());
        for contender in contenders {
            command.args(["--bin", &contender.binary()]);
        }
        if let Some(feature) = self.feature {
            command.args(["--features", feature]);
        }
        if self.is_static {
            // Naming a target keeps the flags from build scripts and macros, which cannot be static.
            command.args(["--target", &host()?]).env("RUSTFLAGS", "-C target-feature=+crt-static");
        }
        Ok(command)
    }
}

/// Counts the crates that a contender is compiled from, itself included, without those of build scripts and macros.
///
/// # Errors
/// If cargo cannot be run or fails.
pub fn crates(contender: Contender) -> Result<usize> {
    let mut command = cargo();
    command.args(["tree", "--quiet", "--edges", "normal", "--prefix", "none", "--no-dedupe"]);
    let output = command.args(["--package", contender.package()]).output().context("cargo cannot be run")?;
    ensure!(output.status.success(), "the crates of {contender} cannot be listed: {command:?} failed");
    let tree = String::from_utf8_lossy(&output.stdout);
    Ok(tree.lines().filter(|line| !line.is_empty()).collect::<BTreeSet<_>>().len())
}

/// Compiles a contender with all of its crates into a new folder, and returns the time.
///
/// # Errors
/// If cargo cannot be run or fails.
pub fn clean_build(contender: Contender, folder: &Path) -> Result<Duration> {
    let start = Instant::now();
    let mut command = Build::of(contender).command(&[contender])?;
    let output = command.arg("--target-dir").arg(folder).output().context("cargo cannot be run")?;
    let took = start.elapsed();
    ensure!(output.status.success(), "{contender} cannot be compiled: {command:?} failed");
    fs::remove_dir_all(folder)?;
    Ok(took)
}

/// Prepares a run of cargo in the workspace.
fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// Returns the target of this machine.
fn host() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"));
    let output = Command::new(rustc).arg("-vV").output().context("rustc cannot be run")?;
    let version = String::from_utf8_lossy(&output.stdout);
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("`rustc -vV` names no host")
}
