//! `cargo mayfly template`.

mod check;
mod document;
mod infrastructure;
mod sam;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

use self::check::Declared;
use self::infrastructure::Infrastructure;
use crate::choose;
use crate::opts::{Format, Template};
use crate::project::{Binary, Project};
use crate::registry::Registry;
use crate::settings::Settings;

/// A template has a handler that the binary has not.
const MISSING: u8 = 1;

/// Writes infrastructure for a binary, or compares what there is with it.
///
/// # Errors
/// When it is not clear which binary, it does not build, the settings are wrong, or a file is in the way.
pub(crate) fn template(options: &Template) -> Result<ExitCode> {
    let project = Project::load(&options.compilation.cargo.manifest)?;
    match &options.check {
        Some(file) => check(file, options, &project),
        None => write(options, &project),
    }
}

fn write(options: &Template, project: &Project) -> Result<ExitCode> {
    let in_the_way = options.out.as_ref().filter(|out| !options.force && out.symlink_metadata().is_ok());
    if let Some(out) = in_the_way {
        bail!("{} exists: name another file with --out, or use --force", out.display());
    }
    let settings = |binary: &Binary| Settings::new(&options.configuration, project.settings_of(&binary.id));
    for binary in project.binaries(&options.selection, &options.compilation.cargo.features)? {
        // It need not be built to know what is wrong.
        settings(&binary)?;
    }
    let (binary, registry) = ask(options, project)?;
    let settings = settings(&binary)?;
    let infrastructure = Infrastructure::new(&registry, &settings)?;
    let text = match options.format {
        Some(Format::Sam) => sam::text(&infrastructure, &settings),
        Some(Format::Json) | None => format!("{}\n", serde_json::to_string_pretty(&infrastructure)?),
    };
    match &options.out {
        Some(out) => {
            fs::write(out, text).with_context(|| format!("{} cannot be written", out.display()))?;
            println!("wrote {}: {} functions", out.display(), infrastructure.functions.len());
        }
        None => print!("{text}"),
    }
    Ok(ExitCode::SUCCESS)
}

fn check(file: &Path, options: &Template, project: &Project) -> Result<ExitCode> {
    let shown = file.display();
    let text = fs::read_to_string(file).with_context(|| format!("{shown} cannot be read"))?;
    let declared = document::read(&text).and_then(|document| Declared::all(&document));
    let declared = declared.with_context(|| format!("{shown} cannot be compared"))?;
    let (binary, registry) = ask(options, project)?;
    for computed in declared.iter().filter(|function| !function.is_known()) {
        eprintln!("warning: {shown}: the Handler of {} is computed, and not compared", computed.place());
    }
    let missing: Vec<_> = declared.iter().filter_map(|function| function.check(&registry).err()).collect();
    for wrong in &missing {
        eprintln!("error: {shown}: {wrong}");
    }
    if !missing.is_empty() {
        return Ok(ExitCode::from(MISSING));
    }
    let compared = declared.iter().filter(|function| function.is_known()).count();
    println!("{shown}: {compared} handlers, all in the binary `{}` of package `{}`", binary.name, binary.package);
    Ok(ExitCode::SUCCESS)
}

fn ask(options: &Template, project: &Project) -> Result<(Binary, Registry)> {
    let program = choose::only(project, &options.selection, &options.compilation)?;
    let registry = Registry::of(&program.executable)?;
    Ok((program.binary, registry))
}
