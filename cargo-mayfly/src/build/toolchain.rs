//! [`Toolchain`]: the cargo that builds: this machine's, cargo-zigbuild, or one in a container.

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
    /// The cargo of this machine. Without a target, it uses the configured one, else this machine's.
    Plain { target: Option<String> },
    /// cargo-zigbuild.
    Zig {
        /// cargo-zigbuild and zig.
        zig: Zig,
        /// The target, with the version of glibc appended.
        target: String,
    },
    /// The cargo in a container.
    Docker(Container),
}

/// The properties of a build that decide on its toolchain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Requirements<'a> {
    /// The requested architecture, if any.
    pub(crate) architecture: Option<Architecture>,
    /// The requested target, if any, which is for that architecture.
    pub(crate) target: Option<&'a str>,
    pub(crate) runtime: Runtime,
    pub(crate) is_static: bool,
    /// The workspace's folder.
    pub(crate) workspace: &'a Path,
}

/// The Rust of this machine.
#[derive(Clone, Debug)]
pub(crate) struct Rust {
    /// The default target.
    pub(crate) host: String,
    /// The release, such as `1.90.0`, or a channel.
    pub(crate) release: String,
}

impl Rust {
    /// Asks the compiler of the current folder.
    pub(crate) fn ask() -> Result<Self> {
        let text = rustc(&["-vV"])?;
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let host = field("host:").context("`rustc -vV` names no host")?.to_owned();
        let release = field("release:").context("`rustc -vV` names no release")?;
        // A nightly release can only be installed by its channel.
        let release =
            release.split_once('-').map_or(release, |(_, channel)| channel.split('.').next().unwrap_or(channel));
        Ok(Self { host, release: release.to_owned() })
    }

    /// Returns the architecture of the default target, if Lambda has it.
    pub(crate) fn architecture(&self) -> Option<Architecture> {
        [Architecture::X86_64, Architecture::Arm64].into_iter().find(|architecture| {
            let name = architecture.triple().split('-').next();
            self.host.split('-').next() == name
        })
    }
}

impl Toolchain {
    /// Chooses a toolchain of this machine. The error says what to install.
    pub(crate) fn choose(wanted: &Requirements<'_>, rust: &Rust) -> Result<Self> {
        let architecture = wanted.architecture.or(rust.architecture());
        let architecture =
            architecture.context("Lambda does not have this machine's architecture: choose --arm64 or --x86-64")?;
        let is_native = rust.host.contains("-linux-") && rust.architecture() == Some(architecture);
        if !is_native {
            return Self::foreign(wanted, architecture);
        }
        let host = wanted.architecture.map(|_| rust.host.clone());
        Ok(Self::Plain { target: wanted.target.map(str::to_owned).or(host) })
    }

    /// Returns a toolchain with zig, which links against the runtime's older glibc; `None` if zig is not installed or
    /// was used already.
    pub(crate) fn with_older_glibc(&self, architecture: Architecture, wanted: &Requirements<'_>) -> Option<Self> {
        match self {
            Self::Plain { .. } if !wanted.is_static => {
                Some(Self::zig(Zig::find(wanted.workspace).ok()?, architecture.triple(), wanted.runtime))
            }
            _ => None,
        }
    }

    /// Returns the command with the subcommand, to which the arguments of cargo are added.
    pub(crate) fn command(&self, subcommand: &str) -> Command {
        let mut command = match self {
            Self::Plain { .. } => Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into())),
            // Its own subcommand replaces `build`.
            Self::Zig { zig, .. } => return zig.command(),
            Self::Docker(container) => container.command(),
        };
        command.arg(subcommand);
        command
    }

    /// Returns the argument of `--target`, if one is needed.
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

    /// Chooses a toolchain for another operating system or architecture than this machine's.
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
            missing.push(format!("Rust's standard library for this target: `rustup target add {triple}`"));
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

/// Runs the compiler of the current folder and returns its output.
pub(crate) fn rustc(arguments: &[&str]) -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or("rustc".into());
    let output = Command::new(rustc).args(arguments).stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.context("cannot run `rustc`: install Rust from https://rustup.rs")?;
    ensure!(output.status.success(), "`rustc {}` failed", arguments.join(" "));
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
