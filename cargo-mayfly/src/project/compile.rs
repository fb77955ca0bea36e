//! Calls cargo to build binaries, and keeps what it made.

use std::collections::HashMap;
use std::env;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use cargo_metadata::{Artifact, Message, PackageId, Target, TargetKind};

use crate::handlers::registry::Registry;
use crate::opts::Compilation;
use crate::project::link_directory::{Executable, LinkDirectory, Linking};
use crate::project::metadata::{Binary, Project};

/// A binary and what was built of it.
#[derive(Debug)]
pub(crate) struct CompiledBinary {
    pub(crate) binary: Binary,
    pub(crate) executable: Executable,
    /// The crates of this machine that were compiled for it, and for those that were built at once with it.
    pub(crate) crates: Vec<Crate>,
}

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

/// Builds a binary with cargo as it is in the current folder.
pub(crate) fn program(project: &Project, binary: &Binary, how: &Compilation) -> Result<CompiledBinary> {
    Ok(programs(project, std::slice::from_ref(binary), how)?.remove(0))
}

/// Builds binaries, all at once whose names differ.
pub(crate) fn programs(project: &Project, binaries: &[Binary], how: &Compilation) -> Result<Vec<CompiledBinary>> {
    run(&LinkDirectory::of(project), binaries, |binaries, linking| {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.arg("build").args(arguments(binaries, linking)).args(how.arguments());
        command
    })
}

/// The arguments of a cargo command that builds binaries into a folder of their own.
pub(crate) fn arguments(binaries: &[&Binary], linking: &Linking) -> Vec<String> {
    let mut arguments = vec!["--message-format=json-render-diagnostics".to_owned()];
    arguments.extend(linking.arguments());
    for binary in binaries {
        // A dependency may have the package's name.
        arguments.extend(["--package", &binary.id.repr, "--bin", &binary.name].map(str::to_owned));
    }
    arguments
}

/// Builds binaries, those of one name one after the other: cargo would link them to one file. Cargo's progress and the
/// compiler's errors go to standard error as they come.
pub(crate) fn run(
    link_directory: &LinkDirectory,
    binaries: &[Binary],
    command: impl Fn(&[&Binary], &Linking) -> Command,
) -> Result<Vec<CompiledBinary>> {
    let mut waiting: Vec<_> = binaries.iter().collect();
    let mut programs = Vec::new();
    while !waiting.is_empty() {
        let mut at_once: Vec<&Binary> = Vec::new();
        waiting.retain(|binary| {
            let is_alone = at_once.iter().all(|other| other.name != binary.name);
            at_once.extend(is_alone.then_some(*binary));
            !is_alone
        });
        let linking = link_directory.begin()?;
        let (success, artifacts) = artifacts(command(&at_once, &linking))?;
        programs.extend(made(success, &artifacts, &at_once, &linking)?);
    }
    // As they were asked for.
    programs.sort_by_key(|program| binaries.iter().position(|binary| *binary == program.binary));
    Ok(programs)
}

/// Parts the programs that list handlers from helper programs, without running any. Where none lists handlers, helpers
/// cannot be told from functions of another runtime, and all stay.
pub(crate) fn with_handlers(programs: Vec<CompiledBinary>) -> Result<(Vec<CompiledBinary>, Vec<Binary>)> {
    let mut has_handlers = Vec::new();
    for program in &programs {
        has_handlers.push(Registry::is_in(&program.executable)?);
    }
    if !has_handlers.contains(&true) {
        return Ok((programs, Vec::new()));
    }
    let (with, without): (Vec<_>, Vec<_>) = programs.into_iter().zip(has_handlers).partition(|(_, has)| *has);
    Ok((
        with.into_iter().map(|(program, _)| program).collect(),
        without.into_iter().map(|(program, _)| program.binary).collect(),
    ))
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

fn made(success: bool, artifacts: &[Artifact], binaries: &[&Binary], linking: &Linking) -> Result<Vec<CompiledBinary>> {
    let executables = artifacts.iter().filter(|artifact| artifact.target.is_bin());
    let executables: HashMap<_, _> = executables
        .filter_map(|artifact| Some(((&artifact.package_id, &artifact.target.name), artifact.executable.as_ref()?)))
        .collect();
    let program = |binary: &&Binary| match executables.get(&(&binary.id, &binary.name)) {
        Some(executable) if success => Ok(CompiledBinary {
            binary: (*binary).clone(),
            executable: linking.keep(executable.as_std_path())?,
            crates: crates(artifacts, binary),
        }),
        _ => bail!("the binary `{}` of package `{}` does not build", binary.name, binary.package),
    };
    binaries.iter().map(program).collect()
}

/// The binary itself and the libraries, those from elsewhere than this machine left out.
fn crates(artifacts: &[Artifact], binary: &Binary) -> Vec<Crate> {
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
    crates.collect()
}

fn is_library(target: &Target) -> bool {
    target.kind.iter().any(|kind| matches!(kind, TargetKind::Lib | TargetKind::RLib))
}
