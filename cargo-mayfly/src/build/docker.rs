//! [`Container`]: builds on the operating system of the runtime, in Docker.

use std::env;
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::lambda::runtime::{Architecture, Runtime};

/// The project's own Dockerfile.
const DOCKERFILE: &str = "lambda.Dockerfile";
/// The Dockerfile of projects that have none.
const DEFAULT_DOCKERFILE: &str = include_str!("lambda.Dockerfile");

/// The requirements of an image and its container.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ImageRequest<'a> {
    /// The folders of the package and of its workspace, either of which may have a `lambda.Dockerfile`.
    pub(crate) folders: [&'a Path; 2],
    /// The folders that the build reads. They have the same paths in the container.
    pub(crate) sources: &'a [PathBuf],
    /// The folder that the build writes to.
    pub(crate) target: &'a Path,
    /// Whether docker's progress is hidden.
    pub(crate) is_quiet: bool,
    pub(crate) architecture: Architecture,
    pub(crate) runtime: Runtime,
    /// The release of Rust on this machine, which is installed in the image.
    pub(crate) rust: &'a str,
}

/// The arguments of docker that run cargo in a container.
#[derive(Clone, Debug)]
pub(crate) struct Container {
    arguments: Vec<OsString>,
}

impl Container {
    /// Builds the image.
    pub(crate) fn prepare(request: &ImageRequest<'_>) -> Result<Self> {
        let is_rootless = ask_daemon()?.contains("rootless");
        let image = build_image(request)?;
        fs::create_dir_all(request.target).with_context(|| format!("cannot write {}", request.target.display()))?;
        let mut arguments: Vec<OsString> =
            ["run", "--rm", "--platform", request.architecture.platform()].map(Into::into).to_vec();
        // A rootless daemon maps root to the user. With any other, root would own the files that the build writes.
        let owner =
            (!is_rootless).then(|| fs::metadata(request.folders[1]).ok().and_then(|folder| owner(&folder))).flatten();
        arguments.extend(owner.into_iter().flat_map(|owner| ["--user".into(), owner.into()]));
        for folder in request.sources.iter().map(PathBuf::as_path).chain([request.target]) {
            arguments.extend(["--volume".into(), pair(folder, ":", folder)]);
        }
        let registry = request.target.join("cargo-home");
        for (name, value) in [("CARGO_TARGET_DIR", request.target), ("CARGO_HOME", &registry)] {
            arguments.extend(["--env".into(), pair(Path::new(name), "=", value)]);
        }
        // The user's settings in environment variables; configuration files are in the source folders.
        let settings = env::vars_os().filter_map(|(name, _)| name.into_string().ok()).filter(|name| is_setting(name));
        arguments.extend(settings.flat_map(|name| ["--env".into(), name.into()]));
        arguments.extend(["--workdir".into(), request.workdir().into(), image.into(), "cargo".into()]);
        Ok(Self { arguments })
    }

    /// Returns the command, to which the arguments of cargo are added.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new("docker");
        command.args(&self.arguments);
        command
    }
}

impl ImageRequest<'_> {
    /// Returns the current folder, so that its cargo configuration applies, or the workspace's if the current folder is
    /// not in the container.
    fn workdir(&self) -> PathBuf {
        let here = env::current_dir().ok();
        let here = here.filter(|here| self.sources.iter().any(|folder| here.starts_with(folder)));
        here.unwrap_or_else(|| self.folders[1].to_owned())
    }
}

/// Returns whether a variable sets a profile or compiler flags.
fn is_setting(name: &str) -> bool {
    ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS"].contains(&name)
        || name.starts_with("CARGO_PROFILE_")
}

/// Returns the security options of the daemon, if it is running.
fn ask_daemon() -> Result<String> {
    let output =
        Command::new("docker").args(["info", "--format", "{{.SecurityOptions}}"]).stdin(Stdio::null()).output();
    let output = match output {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            bail!("there is no `docker` on the path: install Docker, or build without --docker")
        }
        output => output.context("cannot run `docker`")?,
    };
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("no message");
    ensure!(output.status.success(), "the docker daemon does not answer: start it, or build without --docker ({said})");
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Builds the image and returns its name.
fn build_image(request: &ImageRequest<'_>) -> Result<String> {
    let own = request.folders.map(|folder| folder.join(DOCKERFILE)).into_iter().find(|file| file.is_file());
    let mut build = Command::new("docker");
    // Standard output is reserved for the summary of the build.
    build.args(["build", "--platform", request.architecture.platform()]).stdout(io::stderr());
    if request.is_quiet {
        build.arg("--quiet").stdout(Stdio::null());
    }
    let image = match &own {
        Some(file) => {
            let folder = file.parent().unwrap_or(Path::new("."));
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let image = format!("mayfly-build:{}-{}", tag(&name), request.architecture);
            build.args(["--tag", &image, "--file"]).arg(file).arg(folder).stdin(Stdio::null());
            image
        }
        None => {
            let image = format!("mayfly-build:{}-{}", request.runtime, request.architecture);
            build.args(["--tag", &image, "--build-arg"]).arg(format!("BASE={}", request.runtime.image()));
            build.arg("--build-arg").arg(format!("RUST={}", request.rust)).arg("-").stdin(Stdio::piped());
            image
        }
    };
    let mut running = build.spawn().context("cannot run `docker`")?;
    if let Some(mut input) = running.stdin.take() {
        // A failure shows in docker's exit code.
        let _ = input.write_all(DEFAULT_DOCKERFILE.as_bytes());
    }
    let status = running.wait().context("cannot run `docker`")?;
    let file = own.map_or_else(|| "the image".to_owned(), |file| file.display().to_string());
    ensure!(status.success(), "docker could not build {file}: see its messages above");
    Ok(image)
}

/// Replaces the characters that an image's tag may not have.
fn tag(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

fn pair(first: &Path, between: &str, second: &Path) -> OsString {
    let mut text = first.as_os_str().to_owned();
    text.push(between);
    text.push(second);
    text
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "the other implementation returns none")]
fn owner(folder: &Metadata) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    Some(format!("{}:{}", folder.uid(), folder.gid()))
}

#[cfg(not(unix))]
fn owner(_: &Metadata) -> Option<String> {
    None
}
