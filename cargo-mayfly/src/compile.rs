//! Calls cargo to build binaries, and finds what it made.

use std::collections::HashMap;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::{env, slice};

use anyhow::{Context, Result, bail};
use cargo_metadata::{Artifact, Message, PackageId, Target, TargetKind};

use crate::opts::Compilation;
use crate::project::Binary;

/// A crate of this machine that was compiled for a binary.
#[derive(Clone, Debug)]
pub(crate) struct Crate {
    /// Its name in paths.
    pub(crate) name: String,
    /// Its package, as cargo tells packages apart.
    pub(crate) package: PackageId,
    /// The file that it begins with.
    pub(crate) root: PathBuf,
    /// The features that it was compiled with.
    pub(crate) features: Vec<String>,
    /// Whether it is the binary itself.
    pub(crate) is_binary: bool,
}

/// Builds a binary, and says where it is.
///
/// # Errors
/// If it does not build.
pub(crate) fn executable(binary: &Binary, how: &Compilation) -> Result<PathBuf> {
    Ok(executables(slice::from_ref(binary), how)?.remove(0))
}

/// The same, and the crates that it is made of, those from elsewhere than this machine left out.
///
/// # Errors
/// If it does not build.
pub(crate) fn executable_and_crates(binary: &Binary, how: &Compilation) -> Result<(PathBuf, Vec<Crate>)> {
    let (success, artifacts) = artifacts(build(slice::from_ref(binary), how))?;
    let crates = artifacts.iter().filter_map(|artifact| {
        let target = &artifact.target;
        let is_binary = target.is_bin() && target.name == binary.name && artifact.package_id == binary.id;
        let is_local = artifact.package_id.repr.starts_with("path+");
        (is_binary || is_library(target) && is_local).then(|| Crate {
            name: target.name.replace('-', "_"),
            package: artifact.package_id.clone(),
            root: target.src_path.clone().into(),
            features: artifact.features.clone(),
            is_binary,
        })
    });
    let crates = crates.collect();
    Ok((made(success, artifacts, slice::from_ref(binary))?.remove(0), crates))
}

fn is_library(target: &Target) -> bool {
    target.kind.iter().any(|kind| matches!(kind, TargetKind::Lib | TargetKind::RLib))
}

/// Builds binaries at once, and says where each is.
///
/// # Errors
/// If one of them does not build.
pub(crate) fn executables(binaries: &[Binary], how: &Compilation) -> Result<Vec<PathBuf>> {
    run(build(binaries, how), binaries)
}

/// Runs a build whose messages are JSON, and says where each of the binaries is. Cargo's progress and the compiler's
/// errors go to standard error as they come.
///
/// # Errors
/// If one of them does not build.
pub(crate) fn run(command: Command, binaries: &[Binary]) -> Result<Vec<PathBuf>> {
    let (success, artifacts) = artifacts(command)?;
    made(success, artifacts, binaries)
}

fn build(binaries: &[Binary], how: &Compilation) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["build", "--message-format=json-render-diagnostics"]);
    for binary in binaries {
        command.args(["--package", &binary.package, "--bin", &binary.name]);
    }
    command.args(how.features.arguments());
    if how.release {
        command.arg("--release");
    }
    command
}

/// Whether a build went well, and all that it made.
fn artifacts(mut command: Command) -> Result<(bool, Vec<Artifact>)> {
    let mut cargo = command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn().context("cargo could not be run")?;
    let mut artifacts = Vec::new();
    if let Some(output) = cargo.stdout.take() {
        for message in Message::parse_stream(BufReader::new(output)) {
            if let Message::CompilerArtifact(artifact) = message.context("cargo's messages could not be read")? {
                artifacts.push(artifact);
            }
        }
    }
    Ok((cargo.wait().context("cargo could not be waited for")?.success(), artifacts))
}

fn made(success: bool, artifacts: Vec<Artifact>, binaries: &[Binary]) -> Result<Vec<PathBuf>> {
    let executables = artifacts.into_iter().filter(|artifact| artifact.target.is_bin());
    let mut executables: HashMap<_, PathBuf> = executables
        .filter_map(|artifact| Some(((artifact.package_id, artifact.target.name), artifact.executable?.into())))
        .collect();
    let find = |binary: &Binary| match executables.remove(&(binary.id.clone(), binary.name.clone())) {
        Some(executable) if success => Ok(executable),
        _ => bail!("the binary `{}` of package `{}` does not build", binary.name, binary.package),
    };
    binaries.iter().map(find).collect()
}
