//! Cargo's dep-info: the files that a build has read, as cargo and rustc note them beside what they built.

use std::fs;
use std::path::{Path, PathBuf};

/// Finds the files that were read for an executable: sources of all local crates, what they include, and what build
/// scripts named.
pub(crate) fn files_of(executable: &Path, root: &Path) -> Vec<PathBuf> {
    noted(&executable.with_extension("d"), root)
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
}
