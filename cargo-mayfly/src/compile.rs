//! Calls cargo to build binaries, and finds what it made.

use std::collections::HashMap;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::{env, slice};

use anyhow::{Context, Result, bail};
use cargo_metadata::{Message, PackageId};

use crate::project::Binary;

/// Builds a binary with the dev or the release profile, and says where it is.
///
/// # Errors
/// If it does not build.
pub(crate) fn executable(binary: &Binary, release: bool) -> Result<PathBuf> {
    Ok(executables(slice::from_ref(binary), release)?.remove(0))
}

/// Builds binaries at once with the dev or the release profile, and says where each is.
///
/// # Errors
/// If one of them does not build.
pub(crate) fn executables(binaries: &[Binary], release: bool) -> Result<Vec<PathBuf>> {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["build", "--message-format=json-render-diagnostics"]);
    for binary in binaries {
        command.args(["--package", &binary.package, "--bin", &binary.name]);
    }
    if release {
        command.arg("--release");
    }
    run(command, binaries)
}

/// Runs a build whose messages are JSON, and says where each of the binaries is. Cargo's progress and the compiler's
/// errors go to standard error as they come.
///
/// # Errors
/// If one of them does not build.
pub(crate) fn run(mut command: Command, binaries: &[Binary]) -> Result<Vec<PathBuf>> {
    let mut cargo = command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn().context("cargo could not be run")?;
    let mut made: HashMap<(PackageId, String), PathBuf> = HashMap::new();
    if let Some(output) = cargo.stdout.take() {
        for message in Message::parse_stream(BufReader::new(output)) {
            let message = message.context("cargo's messages could not be read")?;
            let Message::CompilerArtifact(artifact) = message else { continue };
            if let (true, Some(executable)) = (artifact.target.is_bin(), artifact.executable) {
                made.insert((artifact.package_id, artifact.target.name), executable.into());
            }
        }
    }
    let status = cargo.wait().context("cargo could not be waited for")?;
    let find = |binary: &Binary| match made.remove(&(binary.id.clone(), binary.name.clone())) {
        Some(executable) if status.success() => Ok(executable),
        _ => bail!("the binary `{}` of package `{}` does not build", binary.name, binary.package),
    };
    binaries.iter().map(find).collect()
}
