//! Which cargo builds, and for which target: the one of this machine, cargo-zigbuild, or one in a container.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::build::docker::Container;
use crate::build::zig::Zig;
use crate::lambda::runtime::{Architecture, Runtime};
use crate::project::cargo_config;

/// The cargo that builds.
#[derive(Clone, Debug)]
pub(crate) enum Toolchain {
    /// Cargo itself; without a target for whatever the user's configuration says, else for this machine.
    Plain {
        /// The target.
        target: Option<String>,
    },
    /// cargo-zigbuild.
    Zig {
        /// The programs.
        zig: Zig,
        /// The target, with the version of glibc behind it.
        target: String,
    },
    /// Cargo in a container.
    Docker(Container),
}

/// What is to be built, as far as it decides on the toolchain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Requirements<'a> {
    /// The architecture, if one was asked for.
    pub(crate) architecture: Option<Architecture>,
    /// The target, if one was asked for; it is for that architecture.
    pub(crate) target: Option<&'a str>,
    pub(crate) runtime: Runtime,
    pub(crate) is_static: bool,
    /// The workspace's folder.
    pub(crate) workspace: &'a Path,
}

/// The Rust of this machine.
#[derive(Clone, Debug)]
pub(crate) struct Rust {
    /// The target that it builds for unasked.
    pub(crate) host: String,
    /// Its release: `1.90.0`, or a channel.
    pub(crate) release: String,
}

impl Rust {
    /// Asks the compiler that holds in the current folder.
    pub(crate) fn ask() -> Result<Self> {
        let text = rustc(&["-vV"])?;
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let host = field("host:").context("`rustc -vV` names no host")?.to_owned();
        let release = field("release:").context("`rustc -vV` names no release")?;
        // A nightly has no name of its own that can be installed.
        let release =
            release.split_once('-').map_or(release, |(_, channel)| channel.split('.').next().unwrap_or(channel));
        Ok(Self { host, release: release.to_owned() })
    }

    /// The architecture that it builds for unasked, if Lambda has it.
    pub(crate) fn architecture(&self) -> Option<Architecture> {
        [Architecture::X86_64, Architecture::Arm64].into_iter().find(|architecture| {
            let name = architecture.triple().split('-').next();
            self.host.split('-').next() == name
        })
    }
}

impl Toolchain {
    /// Chooses among those of this machine.
    pub(crate) fn choose(wanted: &Requirements<'_>, rust: &Rust) -> Result<Self> {
        let architecture = wanted.architecture.or(rust.architecture());
        let architecture =
            architecture.context("Lambda does not have this machine's architecture: say --arm64 or --x86-64")?;
        let is_native = rust.host.contains("-linux-") && rust.architecture() == Some(architecture);
        if !is_native {
            return Self::foreign(wanted, architecture);
        }
        let unasked = wanted.architecture.map(|_| rust.host.clone());
        Ok(Self::Plain { target: wanted.target.map(str::to_owned).or(unasked) })
    }

    /// Zig's way to the same end, for an executable that needs a newer glibc than the runtime's; `None` if there is no
    /// zig, or it was zig that linked it.
    pub(crate) fn with_older_glibc(&self, architecture: Architecture, wanted: &Requirements<'_>) -> Option<Self> {
        match self {
            Self::Plain { .. } if !wanted.is_static => {
                Some(Self::zig(Zig::find(wanted.workspace).ok()?, architecture.triple(), wanted.runtime))
            }
            _ => None,
        }
    }

    /// The command up to where the arguments of cargo begin, the subcommand included.
    pub(crate) fn command(&self, subcommand: &str) -> Command {
        let mut command = match self {
            Self::Plain { .. } => Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into())),
            // It stands for the whole of `cargo build`.
            Self::Zig { zig, .. } => return zig.command(),
            Self::Docker(container) => container.command(),
        };
        command.arg(subcommand);
        command
    }

    /// The argument of `--target`, if there has to be one.
    pub(crate) fn target(&self) -> Option<&str> {
        match self {
            Self::Plain { target } => target.as_deref(),
            Self::Zig { target, .. } => Some(target),
            Self::Docker(_) => None,
        }
    }

    fn zig(zig: Zig, triple: &str, runtime: Runtime) -> Self {
        let version = if has_glibc(triple) { format!(".{}", runtime.glibc()) } else { String::new() };
        Self::Zig { zig, target: format!("{triple}{version}") }
    }

    /// For another system or architecture than this machine's.
    fn foreign(wanted: &Requirements<'_>, architecture: Architecture) -> Result<Self> {
        let triple = wanted.target.unwrap_or(architecture.triple());
        let has_linker = cargo_config::has_linker(triple);
        if wanted.is_static && !has_linker {
            bail!(
                "--static for {architecture} needs a linker for {triple} (set `target.{triple}.linker` in your cargo \
                 configuration), as zig does not link glibc statically; or use --docker"
            );
        }
        let zig = (!has_linker).then(|| Zig::find(wanted.workspace)).transpose();
        let mut missing: Vec<String> =
            zig.as_ref().err().map(|missing| missing.remedy().to_owned()).into_iter().collect();
        if !has_std(triple)? {
            missing.push(format!("Rust's standard library for it: `rustup target add {triple}`"));
        }
        ensure!(
            missing.is_empty(),
            "to build for {architecture} on this machine, install {}; or use --docker",
            missing.join(", and ")
        );
        Ok(match zig.ok().flatten() {
            Some(zig) => Self::zig(zig, triple, wanted.runtime),
            None => Self::Plain { target: Some(triple.to_owned()) },
        })
    }
}

fn has_glibc(triple: &str) -> bool {
    triple.ends_with("-gnu")
}

fn has_std(triple: &str) -> Result<bool> {
    let libraries = rustc(&["--print", "target-libdir", "--target", triple])?;
    let entries = std::fs::read_dir(libraries.trim());
    Ok(entries.is_ok_and(|mut entries| {
        entries.any(|entry| entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("libstd-")))
    }))
}

/// Asks the compiler that holds in the current folder.
pub(crate) fn rustc(arguments: &[&str]) -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or("rustc".into());
    let output = Command::new(rustc).args(arguments).stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.context("cannot run `rustc`: install Rust from https://rustup.rs")?;
    ensure!(output.status.success(), "`rustc {}` failed", arguments.join(" "));
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
