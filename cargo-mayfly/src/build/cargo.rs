//! The cargo commands of a build: profile, target and linking.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::build::docker::{Container, Request};
use crate::build::runtime::Architecture;
use crate::build::settings::Settings;
use crate::build::toolchain::{Rust, Toolchain, Wanted};
use crate::compile;
use crate::opts;
use crate::project::{Binary, Project};

/// The release profile for who has none: small, quick to start, and still able to name functions in a stack trace.
const LAMBDA_PROFILE: [&str; 4] = ["lto=true", "codegen-units=1", "panic=\"abort\"", "strip=\"debuginfo\""];

/// How the binaries of a build are compiled.
#[derive(Clone, Debug)]
pub(crate) struct Cargo<'a> {
    toolchain: Toolchain,
    profile: Profile,
    features: &'a opts::FeatureFlags,
    wanted: Wanted<'a>,
}

/// The profile of a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Cargo's dev profile.
    Dev,
    /// The user's release profile.
    Own,
    /// The release profile with our settings.
    Lambda,
}

impl<'a> Cargo<'a> {
    /// Chooses a toolchain and a profile; the image of a container is built here.
    ///
    /// # Errors
    /// When something is missing; the message says what to install.
    pub(crate) fn choose(options: &'a opts::Build, project: &'a Project, binaries: &[Binary]) -> Result<Self> {
        let workspace = project.root();
        let rust = Rust::ask(workspace)?;
        let wanted = Wanted {
            architecture: options.architecture.wanted(),
            runtime: options.runtime,
            is_static: options.is_static,
            workspace,
        };
        let toolchain = if options.docker {
            Toolchain::Docker(container(&wanted, &rust, project, binaries)?)
        } else {
            Toolchain::choose(&wanted, &rust)?
        };
        let has_profile = Settings::read(workspace).has_release_profile();
        let profile = match options.debug {
            true => Profile::Dev,
            false if has_profile => Profile::Own,
            false => Profile::Lambda,
        };
        Ok(Self { toolchain, profile, features: &options.features, wanted })
    }

    /// The profile that is built with.
    pub(crate) fn profile(&self) -> Profile {
        self.profile
    }

    /// The same for an executable that came out too new for the runtime's glibc, if there is a way.
    pub(crate) fn with_older_glibc(&self, architecture: Architecture) -> Option<Self> {
        let toolchain = self.toolchain.with_older_glibc(architecture, &self.wanted)?;
        Some(Self { toolchain, ..self.clone() })
    }

    /// Compiles the binaries and says where each executable is.
    ///
    /// # Errors
    /// When cargo fails.
    pub(crate) fn compile(&self, binaries: &[Binary]) -> Result<Vec<PathBuf>> {
        // Only the executables themselves are linked statically: with RUSTFLAGS the flag would reach macros and build
        // scripts too, and take the place of the user's own flags. `cargo rustc` takes one at a time.
        let at_once = if self.wanted.is_static { 1 } else { binaries.len() };
        let mut executables = Vec::new();
        for binaries in binaries.chunks(at_once) {
            executables.extend(compile::run(self.command(binaries), binaries)?);
        }
        Ok(executables)
    }

    fn command(&self, binaries: &[Binary]) -> Command {
        let mut command = self.toolchain.command(if self.wanted.is_static { "rustc" } else { "build" });
        command.current_dir(self.wanted.workspace).args(["--message-format", "json-render-diagnostics"]);
        for binary in binaries {
            command.args(["--package", &binary.package, "--bin", &binary.name]);
        }
        command.args(self.features.arguments());
        if let Some(target) = self.toolchain.target() {
            command.args(["--target", target]);
        }
        if self.profile != Profile::Dev {
            command.arg("--release");
        }
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

fn container(wanted: &Wanted<'_>, rust: &Rust, project: &Project, binaries: &[Binary]) -> Result<Container> {
    let architecture = wanted.architecture.or(rust.architecture()).unwrap_or(Architecture::X86_64);
    Container::prepare(&Request {
        folders: [&binaries[0].folder, wanted.workspace],
        sources: &sources(project),
        target: &project.target_directory().join("docker"),
        architecture,
        runtime: wanted.runtime,
        rust: &rust.release,
    })
}

/// The folders that a build reads: of every package that is not from a registry, the outermost with a manifest, where
/// its workspace is.
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
