//! [`Cargo`]: the cargo commands of a build, with their profile, target and linking.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::build::docker::{Container, ImageRequest};
use crate::build::instructions::Instructions;
use crate::build::toolchain::{Requirements, Rust, Toolchain};
use crate::lambda::runtime::Architecture;
use crate::opts;
use crate::project::cargo_config::CargoConfig;
use crate::project::compile::{self, CompiledBinary};
use crate::project::link_directory::{LinkDirectory, Linking};
use crate::project::metadata::{Binary, Project};

/// The release profile of projects that configure none: small and quick to start, and stack traces still name
/// functions.
const LAMBDA_PROFILE: [&str; 4] = ["lto=true", "codegen-units=1", "panic=\"abort\"", "strip=\"debuginfo\""];

/// The configuration with which binaries are compiled.
#[derive(Clone, Debug)]
pub(crate) struct Cargo<'a> {
    toolchain: Toolchain,
    profile: Profile<'a>,
    flags: &'a opts::CargoFlags,
    wanted: Requirements<'a>,
    config: CargoConfig,
    link_directory: LinkDirectory,
}

/// The profile of a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile<'a> {
    /// Cargo's dev profile.
    Dev,
    /// The user's release profile.
    Own,
    /// The release profile with the settings of [`LAMBDA_PROFILE`].
    Lambda,
    /// Another profile, which the user configures.
    Named(&'a str),
}

impl<'a> Profile<'a> {
    fn choose(options: &'a opts::Build, config: &CargoConfig) -> Self {
        match (options.debug, options.cargo.profile.as_deref()) {
            (true, _) | (_, Some("dev")) => Self::Dev,
            (_, None | Some("release")) if config.has_release_profile() => Self::Own,
            (_, None | Some("release")) => Self::Lambda,
            (_, Some(name)) => Self::Named(name),
        }
    }

    /// Returns cargo's name of the profile.
    pub(crate) fn name(self) -> &'a str {
        match self {
            Self::Dev => "dev",
            Self::Own | Self::Lambda => "release",
            Self::Named(name) => name,
        }
    }
}

impl<'a> Cargo<'a> {
    /// Chooses a toolchain and a profile, and builds the container image if there is to be one.
    pub(crate) fn choose(options: &'a opts::Build, project: &'a Project, binaries: &[Binary]) -> Result<Self> {
        let workspace = project.root();
        let wanted = Requirements {
            architecture: architecture(options)?,
            target: options.cargo.target.as_deref(),
            runtime: options.runtime,
            is_static: options.is_static,
            workspace,
        };
        let rust = Rust::ask()?;
        let (toolchain, link_directory) = if options.docker {
            let target = project.target_directory().join("docker");
            let container = container(options, &wanted, &rust, project, binaries)?;
            (Toolchain::Docker(container), LinkDirectory::in_container(project, &target))
        } else {
            (Toolchain::choose(&wanted, &rust)?, LinkDirectory::of(project))
        };
        let config = CargoConfig::read(workspace);
        let profile = Profile::choose(options, &config);
        Ok(Self { toolchain, profile, flags: &options.cargo, wanted, config, link_directory })
    }

    pub(crate) fn profile(&self) -> Profile<'a> {
        self.profile
    }

    /// Returns the requested architecture, if any.
    pub(crate) fn wanted(&self) -> Option<Architecture> {
        self.wanted.architecture
    }

    /// Warns if the compiler's flags allow instructions that machines of Lambda may not have.
    pub(crate) fn warning_of_instructions(&self) -> Option<String> {
        // A target of zig has a version of glibc appended.
        let target = self.target().map(|target| target.split('.').next().unwrap_or(target));
        match Instructions::of(target, self.profile.name(), &self.config) {
            Ok(instructions) => instructions.warning(),
            Err(error) => Some(format!("the instruction sets of the executable are unknown: {error:#}")),
        }
    }

    /// Returns a configuration that links against an older glibc, if there is one.
    pub(crate) fn with_older_glibc(&self, architecture: Architecture) -> Option<Self> {
        let toolchain = self.toolchain.with_older_glibc(architecture, &self.wanted)?;
        Some(Self { toolchain, ..self.clone() })
    }

    pub(crate) fn compile(&self, binaries: &[Binary]) -> Result<Vec<CompiledBinary>> {
        // `cargo rustc`, which builds one binary at a time, links only the executable statically. RUSTFLAGS would also
        // apply to macros and build scripts, and replace the user's own flags.
        let at_once = if self.wanted.is_static { 1 } else { binaries.len() };
        let mut programs = Vec::new();
        for binaries in binaries.chunks(at_once) {
            programs.extend(compile::run(&self.link_directory, binaries, |binaries, linking| {
                self.command(binaries, linking)
            })?);
        }
        Ok(programs)
    }

    fn target(&self) -> Option<&str> {
        self.toolchain.target().or(self.wanted.target)
    }

    fn command(&self, binaries: &[&Binary], linking: &Linking) -> Command {
        let mut command = self.toolchain.command(if self.wanted.is_static { "rustc" } else { "build" });
        command.args(compile::arguments(binaries, linking)).args(self.flags.arguments());
        if let Some(target) = self.target() {
            command.args(["--target", target]);
        }
        command.args(["--profile", self.profile.name()]);
        if self.profile == Profile::Lambda {
            command.args(
                LAMBDA_PROFILE.iter().flat_map(|setting| ["--config".to_owned(), format!("profile.release.{setting}")]),
            );
        }
        if self.wanted.is_static {
            command.args(["--", "-C", "target-feature=+crt-static"]);
        }
        command
    }
}

/// Returns the architecture that a flag or the target requests.
fn architecture(options: &opts::Build) -> Result<Option<Architecture>> {
    let wanted = options.architecture.wanted();
    let Some(target) = &options.cargo.target else { return Ok(wanted) };
    let of_target = Architecture::of_target(target).with_context(|| {
        format!("--target is `{target}`, and Lambda runs x86_64-unknown-linux-gnu and aarch64-unknown-linux-gnu")
    })?;
    if let Some(wanted) = wanted {
        ensure!(
            wanted == of_target,
            "--target {target} is for {of_target}, but a flag asks for {wanted}: remove one of them"
        );
    }
    Ok(Some(of_target))
}

fn container(
    options: &opts::Build,
    wanted: &Requirements<'_>,
    rust: &Rust,
    project: &Project,
    binaries: &[Binary],
) -> Result<Container> {
    let architecture = wanted.architecture.or(rust.architecture()).unwrap_or(Architecture::X86_64);
    Container::prepare(&ImageRequest {
        folders: [&binaries[0].folder, wanted.workspace],
        sources: &sources(project),
        target: &project.target_directory().join("docker"),
        is_quiet: options.cargo.quiet,
        architecture,
        runtime: wanted.runtime,
        rust: &rust.release,
    })
}

/// Returns the folders that a build reads: for every local package the outermost folder with a manifest, which is that
/// of its workspace.
fn sources(project: &Project) -> Vec<PathBuf> {
    let outermost = project.local_folders().filter_map(|folder| {
        let with_manifest = folder.ancestors().filter(|folder| folder.join("Cargo.toml").is_file());
        with_manifest.last().map(PathBuf::from)
    });
    let mut sources: Vec<_> = outermost.collect();
    sources.sort();
    sources.dedup();
    sources
}
