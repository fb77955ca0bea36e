//! Warns about handlers that are in the sources but not in the binary.

use std::path::Path;

use crate::handlers::registry::Registry;
use crate::list::source::{Found, Source};
use crate::project::compile::Crate;
use crate::project::metadata::Project;

/// Compares the handlers in the sources of a binary's crates with its registry.
pub(crate) fn warnings(project: &Project, crates: &[Crate], registry: &Registry) -> Vec<String> {
    let Some(main) = crates.iter().find(|krate| krate.is_binary) else { return Vec::new() };
    let read =
        |krate| CrateComparison::new(krate, Source::of(krate, &project.names_of_mayfly(&krate.package)), registry);
    let compared: Vec<_> = crates.iter().map(read).collect();
    let linked = compared.iter().filter(|other| other.is_linked && !other.krate.is_binary);
    let linked: Vec<_> = linked.map(|other| other.krate.name.as_str()).collect();
    let mayfly = project.names_of_mayfly(&main.package).into_iter().next().unwrap_or_default();

    let mut warnings = Vec::new();
    for CrateComparison { krate, source, missing, is_linked } in &compared {
        warnings.extend(source.unread.iter().map(|(file, error)| {
            let (file, at) = (shown(project, file), error.span().start());
            format!("{file}:{}:{} cannot be read, so its handlers are not compared: {error}", at.line, at.column + 1)
        }));
        if missing.is_empty() {
            continue;
        }
        let places: Vec<_> =
            missing.iter().map(|it| format!("`{}` ({}:{})", it.path, shown(project, &it.file), it.line)).collect();
        let places = format!("the sources have {}, but the binary does not", places.join(", "));
        warnings.push(if *is_linked || krate.is_binary {
            format!("{places}, although it has others of that crate: is a `#[cfg]` in the way?")
        } else {
            format!(
                "{places}: the linker leaves out a library that {} does not name; write `{mayfly}::main!({});` there",
                shown(project, &main.root),
                [linked.as_slice(), &[&krate.name]].concat().join(", ")
            )
        });
    }
    warnings
}

/// The handlers in a crate's sources, compared with those of the binary.
struct CrateComparison<'a> {
    krate: &'a Crate,
    source: Source,
    missing: Vec<Found>,
    /// Whether the binary has any handler of the crate.
    is_linked: bool,
}

impl<'a> CrateComparison<'a> {
    fn new(krate: &'a Crate, source: Source, registry: &Registry) -> Self {
        let is_missing = |found: &&Found| !registry.handlers.iter().any(|handler| handler.path == found.path);
        let missing: Vec<_> = source.handlers.iter().filter(is_missing).cloned().collect();
        let is_linked = missing.len() < source.handlers.len();
        Self { krate, source, missing, is_linked }
    }
}

/// Shows a file relative to the workspace, as the registry does.
pub(crate) fn shown(project: &Project, file: &Path) -> String {
    file.strip_prefix(project.root()).unwrap_or(file).display().to_string()
}
