//! Chooses the one binary that a command needs.

use anyhow::{Result, bail};

use crate::handlers::nearest;
use crate::handlers::registry::{Handler, Registry};
use crate::handlers::select;
use crate::opts::{Compilation, Selection};
use crate::project::compile::{self, CompiledBinary};
use crate::project::metadata::{Binary, Project};

/// Builds the only binary of the selection that has handlers; several are an error.
pub(crate) fn only(project: &Project, selection: &Selection, how: &Compilation) -> Result<CompiledBinary> {
    let binaries = project.binaries(selection, &how.cargo.features)?;
    let several = |binaries: &[&Binary]| format!("there are several binaries; choose with one of: {}", flags(binaries));
    if binaries.len() > 1 && !are_of_one_package(&binaries) {
        bail!("{}", several(&binaries.iter().collect::<Vec<_>>()));
    }
    let (mut programs, _) = compile::with_handlers(compile::programs(project, &binaries, how)?)?;
    if programs.len() > 1 {
        bail!("{}", several(&programs.iter().map(|program| &program.binary).collect::<Vec<_>>()));
    }
    Ok(programs.remove(0))
}

/// Builds the binary of the selection that has the handler with this path or name: the one that the path names, else
/// the only one that has handlers, else the only one that has this handler.
pub(crate) fn holding(
    project: &Project,
    selection: &Selection,
    how: &Compilation,
    handler: &str,
) -> Result<CompiledBinary> {
    let binaries = project.binaries(selection, &how.cargo.features)?;
    let several = |binaries: &[&Binary]| {
        format!("several binaries could hold `{handler}`; choose with one of: {}", flags(binaries))
    };
    let first_segment = handler.split("::").next().unwrap_or_default();
    let named: Vec<_> = binaries.iter().filter(|binary| binary.holds(first_segment)).cloned().collect();
    if named.is_empty() && binaries.len() > 1 && !are_of_one_package(&binaries) {
        bail!("{}", several(&binaries.iter().collect::<Vec<_>>()));
    }
    let candidates = if named.is_empty() { binaries } else { named };
    let (mut programs, _) = compile::with_handlers(compile::programs(project, &candidates, how)?)?;
    if programs.len() == 1 {
        return Ok(programs.remove(0));
    }
    // An executable that does not list its handlers may still have this one.
    let has = |program: &CompiledBinary| {
        Registry::of(&program.executable).is_ok_and(|registry| select::is_named(&registry, handler))
    };
    let (mut matching, others): (Vec<_>, Vec<_>) = programs.into_iter().partition(has);
    if matching.len() == 1 {
        return Ok(matching.remove(0));
    }
    let left = if matching.is_empty() { &others } else { &matching };
    let registries: Result<Vec<_>> = left.iter().map(|program| Registry::of(&program.executable)).collect();
    match registries {
        Ok(registries) if matching.is_empty() => bail!("{}", no_binary_has(left, &registries, handler)),
        // A binary that does not list its handlers may be a function of another runtime.
        _ => bail!("{}", several(&left.iter().map(|program| &program.binary).collect::<Vec<_>>())),
    }
}

fn no_binary_has(programs: &[CompiledBinary], registries: &[Registry], handler: &str) -> String {
    let names = registries.iter().flat_map(|registry| &registry.handlers).flat_map(Handler::names);
    let nearest = nearest::of(handler, names.map(String::as_str));
    let nearest = if nearest.is_empty() { String::new() } else { format!("; closest: {}", nearest.join(", ")) };
    let binaries: Vec<_> = programs.iter().map(|program| &program.binary).collect();
    format!("no binary has a handler `{handler}`{nearest}; the binaries are: {}", flags(&binaries))
}

fn are_of_one_package(binaries: &[Binary]) -> bool {
    binaries.windows(2).all(|pair| pair[0].id == pair[1].id)
}

fn flags(binaries: &[&Binary]) -> String {
    binaries.iter().map(|binary| binary.flags()).collect::<Vec<_>>().join(", ")
}
