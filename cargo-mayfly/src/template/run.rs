//! Writes a template, or checks an existing one.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

use crate::counted::counted;
use crate::handlers::registry::Registry;
use crate::handlers::settings::Settings;
use crate::handlers::warnings;
use crate::lambda::limits;
use crate::opts::{Format, Template};
use crate::project::cargo_config::CargoConfig;
use crate::project::choose;
use crate::project::metadata::{Binary, Project};
use crate::template::comparison;
use crate::template::infrastructure::Infrastructure;
use crate::template::sam;

/// Writes a template for a binary, or compares an existing one with it.
pub(crate) fn template(options: &Template) -> Result<ExitCode> {
    let project = Project::load(&options.compilation.cargo.manifest)?;
    match &options.check {
        Some(file) => comparison::check(file, options, &project),
        None => write(options, &project),
    }
}

fn write(options: &Template, project: &Project) -> Result<ExitCode> {
    let in_the_way = options.out.as_ref().filter(|out| !options.force && out.symlink_metadata().is_ok());
    if let Some(out) = in_the_way {
        bail!("{} exists: name another file with --out, or use --force", out.display());
    }
    let settings = |binary: &Binary| Settings::new(&options.function_flags, project.settings_of(&binary.id));
    for binary in project.binaries(&options.selection, &options.compilation.cargo.features)? {
        // Wrong settings are an error before the build.
        settings(&binary)?;
    }
    let program = choose::only(project, &options.selection, &options.compilation)?;
    let settings = settings(&program.binary)?;
    let registry = Registry::of(&program.executable)?;
    if let Some(warning) = warnings::of_batches_to_abort(&registry, &CargoConfig::read(project.root())) {
        eprintln!("warning: {warning}");
    }
    let infrastructure = Infrastructure::new(&registry, &settings)?;
    for function in infrastructure.functions.iter().filter(|it| it.timeout > limits::MAX_ON_DEMAND_TIMEOUT_SECONDS) {
        eprintln!(
            "warning: `{}` has a timeout of {} s, which Lambda takes only on Managed Instances; elsewhere it takes at \
             most {}",
            function.handler,
            function.timeout,
            limits::MAX_ON_DEMAND_TIMEOUT_SECONDS
        );
    }
    let text = match options.format {
        Some(Format::Sam) => sam::text(&infrastructure, &settings),
        Some(Format::Json) | None => format!("{}\n", serde_json::to_string_pretty(&infrastructure)?),
    };
    match &options.out {
        Some(out) => {
            fs::write(out, text).with_context(|| format!("{} cannot be written", out.display()))?;
            println!("wrote {}: {}", out.display(), counted(infrastructure.functions.len(), "function"));
        }
        None => print!("{text}"),
    }
    Ok(ExitCode::SUCCESS)
}
