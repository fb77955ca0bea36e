//! Compiles binaries, checks that they would start on Lambda, writes their deployment packages and prints a summary.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

use crate::build::built::Built;
use crate::build::cargo::Cargo;
use crate::build::check;
use crate::build::contents::Contents;
use crate::build::elf::Elf;
use crate::build::excluded::Excluded;
use crate::build::output::Output;
use crate::build::summary::Summary;
use crate::build::write;
use crate::lambda::runtime::BOOTSTRAP;
use crate::opts;
use crate::project::compile::{self, CompiledBinary};
use crate::project::metadata::{Binary, Project};

/// Builds the selected binaries. Nothing is written unless all of them would start on Lambda.
pub(crate) fn build(options: &opts::Build) -> Result<ExitCode> {
    let project = Project::load(&options.cargo.manifest)?;
    let binaries = project.binaries(&options.selection, &options.cargo.features)?;
    if let [_] = binaries.as_slice() {
        // With one binary, an output that may not be overwritten is known before the build.
        outputs(options, &[&binaries[0]])?;
    }
    let excluded = Excluded::new(project.target_directory(), &options.outdir);
    let included = Contents::included(&options.include, &excluded)?;

    let cargo = Cargo::choose(options, &project, &binaries)?;
    let programs = with_handlers(options, cargo.compile(&binaries)?)?;
    let outputs = outputs(options, &programs.iter().map(|program| &program.binary).collect::<Vec<_>>())?;
    let built: Result<Vec<_>> =
        programs.into_iter().map(|program| check(options, &cargo, program, &included)).collect();
    for (built, output) in built?.iter().zip(&outputs) {
        let size = write::write(output, &built.contents, &built.program.executable)?;
        Summary { built, output, size, options, profile: cargo.profile() }.print();
    }
    if let Some(warning) = cargo.warning_of_instructions() {
        eprintln!("warning: {warning}");
    }
    if options.is_static {
        eprintln!(
            "warning: a static executable cannot resolve host names through glibc (as `std::net` does), which would \
             need the shared libraries of the same glibc; resolve them in Rust"
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Leaves out helper programs, which do not list handlers.
fn with_handlers(options: &opts::Build, programs: Vec<CompiledBinary>) -> Result<Vec<CompiledBinary>> {
    let (programs, helpers) = compile::with_handlers(programs)?;
    for helper in helpers.iter().filter(|_| !options.cargo.quiet) {
        eprintln!("skipped: {}, whose `main` is not written by `mayfly::main!`", helper.flags());
    }
    Ok(programs)
}

/// Returns the output of each binary, after checking that it may be written.
fn outputs(options: &opts::Build, binaries: &[&Binary]) -> Result<Vec<Output>> {
    let outputs = names(options, binaries)?;
    for output in &outputs {
        output.check(options.force)?;
    }
    Ok(outputs)
}

fn names(options: &opts::Build, binaries: &[&Binary]) -> Result<Vec<Output>> {
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

/// Checks that a binary would start on Lambda.
fn check(options: &opts::Build, cargo: &Cargo<'_>, program: CompiledBinary, included: &Contents) -> Result<Built> {
    let name = program.binary.name.clone();
    let check = || -> Result<Built> {
        let (program, elf) = with_fitting_glibc(options, cargo, program)?;
        check::starts_on(&elf, options.runtime, cargo.wanted())?;
        let contents = included.with_bootstrap(&program.executable)?;
        Ok(Built { program, elf, contents })
    };
    check().with_context(|| format!("`{name}` would not start on Lambda"))
}

/// Returns the binary, or, if it needs a newer glibc than the runtime's and zig is installed, one that zig linked
/// against the older glibc.
fn with_fitting_glibc(
    options: &opts::Build,
    cargo: &Cargo<'_>,
    program: CompiledBinary,
) -> Result<(CompiledBinary, Elf)> {
    let elf = read(&program.executable)?;
    if !check::needs_too_new(&elf, options.runtime) {
        return Ok((program, elf));
    }
    let Some(zig) = cargo.with_older_glibc(elf.architecture) else { return Ok((program, elf)) };
    if !options.cargo.quiet {
        let name = &program.binary.name;
        eprintln!("`{name}` needs a newer glibc than {} has: building again with zig", options.runtime);
    }
    let program = zig.compile(std::slice::from_ref(&program.binary))?.remove(0);
    let elf = read(&program.executable)?;
    Ok((program, elf))
}

fn read(executable: &Path) -> Result<Elf> {
    let bytes = std::fs::read(executable).with_context(|| format!("cannot read {}", executable.display()))?;
    Elf::read(&bytes)
}
