//! Cargo's dep-info: the files that a build has read, as cargo and rustc note them beside what they built.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::project::{Binary, Project};

/// Finds the files that were read for a binary: sources of all local crates, what they include, and what build scripts
/// named.
pub(crate) fn files_of(project: &Project, binary: &Binary) -> BTreeSet<PathBuf> {
    let profiles = profiles(project.target_directory());
    let folder = binary.folder.canonicalize().unwrap_or_default();
    let is_own = |files: &Vec<PathBuf>| files.iter().any(|file| package_of(file) == Some(&*folder));
    let noted = profiles.iter().map(|profile| noted(&profile.join(format!("{}.d", binary.name)), project.root()));
    let own: BTreeSet<_> = noted.filter(is_own).flatten().collect();
    // Cargo's notes have the binary's name alone, and so may be those of another package's.
    if own.is_empty() { files_of_crates(project, &profiles) } else { own }
}

/// The folder with the nearest manifest around a file.
pub(crate) fn package_of(file: &Path) -> Option<&Path> {
    file.ancestors().skip(1).find(|folder| folder.join("Cargo.toml").is_file())
}

/// The path as the system reports changes of it: without detours, a link at its end kept.
pub(crate) fn real(path: &Path) -> PathBuf {
    let real = path.parent().and_then(|folder| folder.canonicalize().ok());
    match (real, path.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

/// What rustc noted of the crates of local packages.
fn files_of_crates(project: &Project, profiles: &[PathBuf]) -> BTreeSet<PathBuf> {
    let folders: BTreeSet<_> = project.local_folders().filter_map(|folder| folder.canonicalize().ok()).collect();
    let is_local = |files: &Vec<PathBuf>| {
        let package = files.first().and_then(|root| Some((root, package_of(root)?)));
        package.is_some_and(|(root, package)| {
            let is_beside =
                ["tests", "benches", "examples"].iter().any(|beside| root.starts_with(package.join(beside)));
            folders.contains(package) && !is_beside
        })
    };
    let notes = profiles.iter().flat_map(|profile| fs::read_dir(profile.join("deps")).into_iter().flatten().flatten());
    let notes = notes.map(|note| note.path()).filter(|note| note.extension().is_some_and(|extension| extension == "d"));
    notes.map(|note| noted(&note, project.root())).filter(is_local).flatten().collect()
}

/// The folders of a target folder that cargo builds in: one a profile, below that of a triple if one was named.
fn profiles(target: &Path) -> Vec<PathBuf> {
    let below = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        entries.filter(|path| path.is_dir()).collect()
    };
    let first = below(target);
    let second: Vec<_> = first.iter().flat_map(|folder| below(folder)).collect();
    first
        .into_iter()
        .chain(second)
        .filter(|folder| folder.join("deps").is_dir() || folder.join(".cargo-lock").is_file())
        .collect()
}

/// The files of the first rule of a note, which are relative to the workspace's folder where they are relative.
fn noted(note: &Path, root: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(note).unwrap_or_default();
    let files = text.lines().next().and_then(|rule| rule.split_once(": ")).map_or("", |(_, files)| files);
    let files = files.trim_end().replace("\\ ", "\0");
    let files = files.split(' ').filter(|file| !file.is_empty());
    files.map(|file| real(&root.join(file.replace('\0', " ")))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_with_blanks_and_without_detours() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let root = folder.path().canonicalize().expect("it is there");
        fs::create_dir_all(root.join("far away/src")).expect("a folder can be made");
        let far = root.join("far away/src/../b.rs").display().to_string().replace(' ', "\\ ");
        let note = root.join("bin.d");
        fs::write(&note, format!("/x/bin: src/a.rs {far}\n\nsrc/a.rs:\n")).expect("a file can be written");
        assert_eq!(noted(&note, &root), [root.join("src/a.rs"), root.join("far away/b.rs")]);
        assert_eq!(noted(&root.join("none.d"), &root), [""; 0].map(PathBuf::from));
    }

    #[test]
    fn profiles_are_found_below_triples_too() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        for below in ["debug/deps", "debug/build", "some-triple/release/deps", "tmp", "doc/src"] {
            fs::create_dir_all(folder.path().join(below)).expect("a folder can be made");
        }
        let found: BTreeSet<_> = profiles(folder.path()).into_iter().collect();
        assert_eq!(found, ["debug", "some-triple/release"].map(|below| folder.path().join(below)).into());
    }
}
