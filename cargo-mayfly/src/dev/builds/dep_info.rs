//! Reads cargo's dep-info: the files that a build read, as listed beside its executable.

use std::fs;
use std::path::{Path, PathBuf};

/// Returns the files that were read for an executable: the sources of all local crates, the files that they include,
/// and those that build scripts name.
pub(crate) fn files_of(executable: &Path, root: &Path) -> Vec<PathBuf> {
    listed(&executable.with_extension("d"), root)
}

/// Returns the folder of the nearest manifest around a file.
pub(crate) fn package_of(file: &Path) -> Option<&Path> {
    file.ancestors().skip(1).find(|folder| folder.join("Cargo.toml").is_file())
}

/// Returns the path as the system reports its changes: canonical, except for a link at its end.
pub(crate) fn real(path: &Path) -> PathBuf {
    let real = path.parent().and_then(|folder| folder.canonicalize().ok());
    match (real, path.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

/// Returns the files of the first rule in a dep-info file. Relative paths are relative to the workspace's folder.
fn listed(dep_info: &Path, root: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(dep_info).unwrap_or_default();
    let files = text.lines().next().and_then(|rule| rule.split_once(": ")).map_or("", |(_, files)| files);
    let files = files.trim_end().replace("\\ ", "\0");
    let files = files.split(' ').filter(|file| !file.is_empty());
    files.map(|file| real(&root.join(file.replace('\0', " ")))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_may_have_spaces_and_are_made_canonical() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let root = folder.path().canonicalize().expect("it is there");
        fs::create_dir_all(root.join("far away/src")).expect("a folder can be made");
        let far = root.join("far away/src/../b.rs").display().to_string().replace(' ', "\\ ");
        let note = root.join("bin.d");
        fs::write(&note, format!("/x/bin: src/a.rs {far}\n\nsrc/a.rs:\n")).expect("a file can be written");
        assert_eq!(listed(&note, &root), [root.join("src/a.rs"), root.join("far away/b.rs")]);
        assert_eq!(listed(&root.join("none.d"), &root), [""; 0].map(PathBuf::from));
    }
}
