//! Warns about files with handlers that belong to no module and were therefore not compiled.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::list::missing::shown;
use crate::list::source::Source;
use crate::project::compile::Crate;
use crate::project::metadata::Project;

/// Finds such files beside the root files of the crates. A file whose module is named anywhere in the other files is
/// left out: it may be behind a `#[cfg]`, or belong to another binary.
pub(crate) fn warnings(project: &Project, crates: &[Crate]) -> Vec<String> {
    // Beside a root file with another name, there may be roots of other crates.
    let usual = crates.iter().filter(|krate| is_usual_root(&krate.root));
    let warnings = usual.flat_map(|krate| {
        let files = files_beside(krate);
        let strays = files.iter().filter(|(file, _)| !is_named(file, krate, &files));
        strays.filter_map(|(file, _)| warning(project, krate, file)).collect::<Vec<_>>()
    });
    // A library and a binary in the same folder find the same files.
    warnings.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Returns the Rust files in the folder of a crate's root and below, with their lines that may name a module, without
/// those in `bin`.
fn files_beside(krate: &Crate) -> Vec<(PathBuf, String)> {
    let folder = krate.root.parent().unwrap_or(Path::new(""));
    let entries = WalkDir::new(folder).into_iter().filter_entry(|entry| entry.path() != folder.join("bin"));
    let files = entries.flatten().map(walkdir::DirEntry::into_path);
    let files = files.filter(|file| file.extension().is_some_and(|extension| extension == "rs"));
    files.filter_map(|file| Some((file.clone(), naming_lines(&fs::read_to_string(file).ok()?)))).collect()
}

/// Returns the lines of a file that may name a module, since each file is compared with the lines of all others.
fn naming_lines(text: &str) -> String {
    text.lines().filter(|line| line.contains("mod ") || line.contains(".rs")).flat_map(|line| [line, "\n"]).collect()
}

/// Returns whether a file is the root of the crate, or another file has `mod name` or the file's name.
fn is_named(file: &Path, krate: &Crate, files: &[(PathBuf, String)]) -> bool {
    let is_root = *file == krate.root || is_usual_root(file);
    let module = module(file);
    let in_quotes = format!("{module}.rs");
    is_root || files.iter().any(|(other, text)| other != file && (has_mod(text, &module) || text.contains(&in_quotes)))
}

fn is_usual_root(file: &Path) -> bool {
    ["lib.rs", "main.rs"].iter().any(|root| file.ends_with(root))
}

fn module(file: &Path) -> String {
    let named = if file.ends_with("mod.rs") { file.parent() } else { Some(file) };
    named.and_then(Path::file_stem).unwrap_or_default().to_string_lossy().into_owned()
}

fn has_mod(text: &str, module: &str) -> bool {
    text.split("mod ").skip(1).any(|rest| {
        let rest = rest.trim_start().trim_start_matches("r#").strip_prefix(module);
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    })
}

fn warning(project: &Project, krate: &Crate, file: &Path) -> Option<String> {
    let alone = Crate { root: file.to_owned(), ..krate.clone() };
    let handlers = Source::of(&alone, &project.names_of_mayfly(&krate.package)).handlers;
    let lines: Vec<_> = handlers.iter().map(|handler| format!("{}:{}", shown(project, file), handler.line)).collect();
    let module = module(file);
    (!lines.is_empty()).then(|| {
        format!(
            "there are handlers at {}, but the file belongs to no module: add `mod {module};`",
            lines.join(" and at ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_can_be_named_in_many_ways() {
        for text in ["mod orders;", "pub(crate) mod orders {", "a! { mod  r#orders; }"] {
            assert!(has_mod(text, "orders"), "{text}");
        }
        for text in ["mod orders_too;", "// orders", "model orders"] {
            assert!(!has_mod(text, "orders"), "{text}");
        }
        assert_eq!(module(Path::new("src/a/mod.rs")), "a");
        assert_eq!(module(Path::new("src/a/b.rs")), "b");
    }
}
