//! `cargo mayfly build`: compile, check that it starts on Lambda, write what is uploaded, and say what is in it.

mod archive;
mod artifact;
mod cargo;
mod check;
mod contents;
mod docker;
mod excluded;
mod glibc;
mod output;
pub(crate) mod runtime;
pub(crate) mod settings;
mod summary;
mod toolchain;
mod zig;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

use self::artifact::Artifact;
use self::cargo::Cargo;
use self::contents::{BOOTSTRAP, Contents};
use self::excluded::Excluded;
use self::output::Output;
use self::summary::Summary;
use crate::opts;
use crate::project::{Binary, Project};

/// An executable that would start on Lambda.
struct Built<'a> {
    binary: &'a Binary,
    executable: PathBuf,
    artifact: Artifact,
    contents: Contents,
}

/// Runs the command.
///
/// # Errors
/// When the options fit nothing in the project, something is missing, the build fails, or what it made would not start
/// on Lambda. Then nothing was written.
pub(crate) fn build(options: &opts::Build) -> Result<ExitCode> {
    let project = Project::load()?;
    let binaries = project.binaries(&options.selection)?;
    let outputs = outputs(options, &binaries)?;
    for output in &outputs {
        output.check(options.force)?;
    }
    let excluded = Excluded::new(project.target_directory(), &options.outdir);
    let included = Contents::included(&options.include, &excluded)?;

    let cargo = Cargo::choose(options, &project, &binaries)?;
    let built = compile(options, &cargo, &binaries, &included)?;
    for (built, output) in built.iter().zip(&outputs) {
        let size = output.write(&built.contents, &built.executable)?;
        Summary { built, output, size, options, profile: cargo.profile() }.print();
    }
    if options.is_static {
        eprintln!(
            "warning: no host name may be resolved through glibc in a static executable (as `std::net` does): it looks \
             for shared libraries of the very glibc that it was linked with; resolve names in Rust"
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// The file that each binary goes to.
fn outputs(options: &opts::Build, binaries: &[Binary]) -> Result<Vec<Output>> {
    if let [_] = binaries {
        let output = if options.zip { Output::Zip } else { Output::Executable };
        let name = if options.zip { "lambda.zip" } else { BOOTSTRAP };
        return Ok(vec![output(options.outdir.join(name))]);
    }
    let mut names: Vec<_> = binaries.iter().map(|binary| binary.name.as_str()).collect();
    if !options.zip {
        bail!(
            "there are several binaries, {}: choose one with --bin, or use --zip, which makes a zip of each",
            names.join(", ")
        );
    }
    names.sort_unstable();
    if let Some([same, _]) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        bail!("several packages have a binary `{same}`: choose one with --package");
    }
    Ok(binaries.iter().map(|binary| Output::Zip(options.outdir.join(format!("{}.zip", binary.name)))).collect())
}

/// Compiles the binaries and checks what came of it.
fn compile<'a>(
    options: &opts::Build,
    cargo: &Cargo<'_>,
    binaries: &'a [Binary],
    included: &Contents,
) -> Result<Vec<Built<'a>>> {
    let executables = cargo.compile(binaries)?;
    let check = |(binary, executable): (&'a Binary, PathBuf)| -> Result<Built<'a>> {
        let (executable, artifact) = with_fitting_glibc(options, cargo, binary, executable)?;
        check::starts_on(&artifact, options.runtime, options.architecture.wanted())?;
        let contents = included.with_bootstrap(&executable)?;
        Ok(Built { binary, executable, artifact, contents })
    };
    let checked = binaries.iter().zip(executables).map(|(binary, executable)| {
        check((binary, executable)).with_context(|| format!("`{}` would not start on Lambda", binary.name))
    });
    checked.collect()
}

/// The executable itself, or one that zig linked against the runtime's glibc, if it needs that and there is a zig.
fn with_fitting_glibc(
    options: &opts::Build,
    cargo: &Cargo<'_>,
    binary: &Binary,
    executable: PathBuf,
) -> Result<(PathBuf, Artifact)> {
    let artifact = read(&executable)?;
    if !check::needs_too_new(&artifact, options.runtime) {
        return Ok((executable, artifact));
    }
    let Some(zig) = cargo.with_older_glibc(artifact.architecture) else { return Ok((executable, artifact)) };
    eprintln!("`{}` needs a newer glibc than {} has: once more with zig", binary.name, options.runtime);
    let executable = zig.compile(std::slice::from_ref(binary))?.remove(0);
    let artifact = read(&executable)?;
    Ok((executable, artifact))
}

fn read(executable: &std::path::Path) -> Result<Artifact> {
    let bytes = std::fs::read(executable).with_context(|| format!("cannot read {}", executable.display()))?;
    Artifact::read(&bytes)
}
