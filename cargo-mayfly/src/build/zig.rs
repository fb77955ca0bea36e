//! [`Zig`]: cargo-zigbuild and zig, which link for another architecture or an older glibc.

use std::env;
use std::env::consts::EXE_SUFFIX;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::project::cargo_config;

/// The variable in which cargo-zigbuild expects the path of zig.
const ZIG: &str = "CARGO_ZIGBUILD_ZIG_PATH";

/// The paths of both programs.
#[derive(Clone, Debug)]
pub(crate) struct Zig {
    zigbuild: PathBuf,
    /// The variable that passes the path of `program` to cargo-zigbuild.
    variable: &'static str,
    program: PathBuf,
}

/// A program that is not installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MissingTool {
    /// cargo-zigbuild, whose Python package includes zig.
    Zigbuild,
    /// zig alone.
    Zig,
}

impl MissingTool {
    /// Returns how to install it.
    pub(crate) fn remedy(self) -> &'static str {
        match self {
            Self::Zigbuild => "cargo-zigbuild and zig: `pip install cargo-zigbuild` installs both",
            Self::Zig => "zig: `pip install ziglang`",
        }
    }
}

impl Zig {
    /// Looks for both on the path, in cargo's folder, and in a Python environment: the active one or the project's.
    pub(crate) fn find(project: &Path) -> Result<Self, MissingTool> {
        let folders = folders(project);
        let find = |name: &str| {
            folders.iter().map(|folder| folder.join(format!("{name}{EXE_SUFFIX}"))).find(|file| file.is_file())
        };
        let zigbuild = find("cargo-zigbuild").ok_or(MissingTool::Zigbuild)?;
        let of_python = ["python3", "python"].into_iter().filter_map(find).find(|python| has_ziglang(python));
        let found = |variable, program| Ok(Self { zigbuild: zigbuild.clone(), variable, program });
        if let Some(python) = of_python {
            return found("CARGO_ZIGBUILD_PYTHON_PATH", python);
        }
        found(ZIG, env::var_os(ZIG).map(PathBuf::from).or_else(|| find("zig")).ok_or(MissingTool::Zig)?)
    }

    /// Returns the command, to which the arguments of `cargo build` are added.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.zigbuild);
        // Cargo passes the name of the subcommand as the first argument.
        command.arg("zigbuild").env(self.variable, &self.program);
        command
    }
}

fn folders(project: &Path) -> Vec<PathBuf> {
    let scripts = if cfg!(windows) { "Scripts" } else { "bin" };
    let environments = ["VIRTUAL_ENV", "CONDA_PREFIX"].into_iter().filter_map(env::var_os).map(PathBuf::from);
    let mut folders: Vec<_> = environments.chain([project.join(".venv")]).map(|folder| folder.join(scripts)).collect();
    folders.extend(env::var_os("PATH").iter().flat_map(env::split_paths));
    folders.extend(cargo_config::home().map(|home| home.join("bin")));
    folders.extend(env::home_dir().map(|home| home.join(".local").join("bin")));
    folders
}

fn has_ziglang(python: &Path) -> bool {
    let mut version = Command::new(python);
    version.args(["-m", "ziglang", "version"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    version.status().is_ok_and(|status| status.success())
}
