//! Builds binaries with cargo and keeps the executables.

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
use crate::project::running::Running;

/// A binary with its executable.
#[derive(Debug)]
pub(crate) struct CompiledBinary {
    pub(crate) binary: Binary,
    pub(crate) executable: Executable,
    /// The local crates that were compiled for this binary and those built together with it.
    pub(crate) crates: Vec<Crate>,
}

/// A local crate that was compiled for a binary.
#[derive(Clone, Debug)]
pub(crate) struct Crate {
    /// The crate's name in paths.
    pub(crate) name: String,
    /// The id of its package.
    pub(crate) package: PackageId,
    /// The root file of the crate.
    pub(crate) root: PathBuf,
    /// The features that the crate was compiled with.
    pub(crate) features: Vec<String>,
    /// Whether the crate is the binary itself.
    pub(crate) is_binary: bool,
}

/// Builds a binary with the cargo of the current folder.
pub(crate) fn program(project: &Project, binary: &Binary, how: &Compilation) -> Result<CompiledBinary> {
    Ok(programs(project, std::slice::from_ref(binary), how)?.remove(0))
}

/// Builds binaries; those with different names are built together.
pub(crate) fn programs(project: &Project, binaries: &[Binary], how: &Compilation) -> Result<Vec<CompiledBinary>> {
    run(&LinkDirectory::of(project), binaries, |binaries, linking| {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.arg("build").args(arguments(binaries, linking)).args(how.arguments());
        command
    })
}

/// Returns the arguments of a cargo command that builds binaries into a link directory.
pub(crate) fn arguments(binaries: &[&Binary], linking: &Linking) -> Vec<String> {
    let mut arguments = vec!["--message-format=json-render-diagnostics".to_owned()];
    arguments.extend(linking.arguments());
    for binary in binaries {
        // The id, since a dependency may have the same name as the package.
        arguments.extend(["--package", &binary.id.repr, "--bin", &binary.name].map(str::to_owned));
    }
    arguments
}

/// Builds binaries. Those with the same name are built one after the other, since cargo would link them to the same
/// file. Cargo's progress and the compiler's errors go to standard error.
pub(crate) fn run(
    link_directory: &LinkDirectory,
    binaries: &[Binary],
    command: impl Fn(&[&Binary], &Linking) -> Command,
) -> Result<Vec<CompiledBinary>> {
    let mut remaining: Vec<_> = binaries.iter().collect();
    let mut programs = Vec::new();
    while !remaining.is_empty() {
        let mut at_once: Vec<&Binary> = Vec::new();
        remaining.retain(|binary| {
            let is_unique = at_once.iter().all(|other| other.name != binary.name);
            at_once.extend(is_unique.then_some(*binary));
            !is_unique
        });
        let linking = link_directory.begin()?;
        let (success, artifacts) = artifacts(command(&at_once, &linking))?;
        programs.extend(compiled(success, &artifacts, &at_once, &linking)?);
    }
    // In the order of the request.
    programs.sort_by_key(|program| binaries.iter().position(|binary| *binary == program.binary));
    Ok(programs)
}

/// Separates the binaries that list handlers from helper programs, without running any. If none lists handlers, all are
/// kept, since they may be functions of another runtime.
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

/// Runs cargo and returns whether it succeeded, with the artifacts that it built.
fn artifacts(mut command: Command) -> Result<(bool, Vec<Artifact>)> {
    let cargo = Running::start(command.stdout(Stdio::piped()).stdin(Stdio::null()))?;
    let mut artifacts = Vec::new();
    if let Some(output) = cargo.output() {
        for message in Message::parse_stream(BufReader::new(output)) {
            if let Message::CompilerArtifact(artifact) = message.context("cargo's messages could not be read")? {
                artifacts.push(artifact);
            }
        }
    }
    Ok((cargo.wait().context("cargo could not be waited for")?.success(), artifacts))
}

fn compiled(
    success: bool,
    artifacts: &[Artifact],
    binaries: &[&Binary],
    linking: &Linking,
) -> Result<Vec<CompiledBinary>> {
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

/// Returns the binary's own crate and the libraries of local packages.
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
