//! [`Contents`]: the files of a zip.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use crate::build::excluded::Excluded;
use crate::lambda::limits::MAX_UNPACKED_BYTES;
use crate::lambda::runtime::BOOTSTRAP;

/// The files of a zip, sorted by their names in it.
#[derive(Clone, Debug)]
pub(crate) struct Contents {
    files: BTreeMap<String, ZipEntry>,
    /// The entries of included folders that are left out, with the reasons.
    left_out: Vec<(PathBuf, &'static str)>,
}

/// A file of a zip.
#[derive(Clone, Debug)]
pub(crate) struct ZipEntry {
    pub(crate) path: PathBuf,
    pub(crate) is_executable: bool,
    size: u64,
}

impl Contents {
    /// Collects the files that `--include` names; the executable is added later.
    ///
    /// A path below the current folder keeps its relative path; any other path keeps its last component. Folders are
    /// included with everything in them that is not excluded; links are followed. Two files with the same name are an
    /// error.
    pub(crate) fn included(paths: &[PathBuf], excluded: &Excluded) -> Result<Self> {
        let mut contents = Self { files: BTreeMap::new(), left_out: Vec::new() };
        for path in paths {
            let name = name_of(path)?;
            contents
                .include(path, &name, &mut Vec::new(), excluded)
                .with_context(|| format!("cannot include {}", path.display()))?;
        }
        contents.left_out.sort();
        contents.left_out.dedup();
        // An excluded entry that is named itself is included nevertheless.
        let files: Vec<_> = contents.files.values().map(|file| file.path.clone()).collect();
        contents.left_out.retain(|(path, _)| path.canonicalize().is_ok_and(|path| !files.contains(&path)));
        contents.check_names()?;
        Ok(contents)
    }

    fn check_names(&self) -> Result<()> {
        for (name, file) in &self.files {
            let path = file.path.display();
            ensure!(
                name != BOOTSTRAP && !name.starts_with("bootstrap/"),
                "cannot include {path}: it would be `{name}`, and `{BOOTSTRAP}` is the function's own file in the zip"
            );
            let mut folders = name.match_indices('/').map(|(end, _)| &name[..end]);
            if let Some((folder, other)) = folders.find_map(|folder| self.files.get_key_value(folder)) {
                bail!(
                    "cannot include both {} and {path}: `{folder}` would be a file and a folder in the zip",
                    other.path.display()
                );
            }
        }
        Ok(())
    }

    /// Returns the contents with an executable as `bootstrap`, if all of it is small enough for Lambda.
    pub(crate) fn with_bootstrap(&self, executable: &Path) -> Result<Self> {
        let size = fs::metadata(executable).with_context(|| format!("cannot read {}", executable.display()))?.len();
        let bootstrap = ZipEntry { path: executable.to_owned(), is_executable: true, size };
        let mut contents = self.clone();
        contents.files.insert(BOOTSTRAP.to_owned(), bootstrap);
        let size = contents.size();
        ensure!(
            size <= MAX_UNPACKED_BYTES,
            "it is {} unpacked, and Lambda takes at most {}",
            megabytes(size),
            megabytes(MAX_UNPACKED_BYTES)
        );
        Ok(contents)
    }

    /// Returns the unpacked size in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.files.values().map(|file| file.size).sum()
    }

    /// Returns the entries of included folders that are left out, with the reasons.
    pub(crate) fn left_out(&self) -> Vec<String> {
        self.left_out.iter().map(|(path, reason)| format!("{} ({reason})", path.display())).collect()
    }

    /// Returns the files, sorted by name.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &ZipEntry)> {
        self.files.iter().map(|(name, file)| (name.as_str(), file))
    }

    /// Returns whether a shared library is in a folder that the loader searches on Lambda: beside `bootstrap`, or in
    /// `lib`.
    pub(crate) fn has_library(&self, library: &str) -> bool {
        self.files.contains_key(library) || self.files.contains_key(&format!("lib/{library}"))
    }

    /// Adds a file, or a folder with its entries. `above` has the canonical paths of the folders around it, to find
    /// links that lead back into one of them.
    fn include(&mut self, path: &Path, name: &str, above: &mut Vec<PathBuf>, excluded: &Excluded) -> Result<()> {
        let metadata = metadata(path)?;
        if metadata.is_dir() {
            let folder = path.canonicalize()?;
            ensure!(!above.contains(&folder), "{} leads back into itself", path.display());
            above.push(folder);
            for entry in entries(path)? {
                if let Some(reason) = excluded.reason(&entry) {
                    self.left_out.push((entry.strip_prefix(".").unwrap_or(&entry).to_owned(), reason));
                    continue;
                }
                let entry_name = entry.file_name().and_then(|name| name.to_str());
                let entry_name = entry_name.with_context(|| format!("{} is not in UTF-8", entry.display()))?;
                let name = if name.is_empty() { entry_name.to_owned() } else { format!("{name}/{entry_name}") };
                self.include(&entry, &name, above, excluded)?;
            }
            above.pop();
            return Ok(());
        }
        ensure!(metadata.is_file(), "{} is neither a file nor a folder", path.display());
        let file =
            ZipEntry { path: path.canonicalize()?, is_executable: is_executable(&metadata), size: metadata.len() };
        let path = file.path.clone();
        match self.files.insert(name.to_owned(), file) {
            Some(other) if other.path != path => {
                bail!("{} and {} would both be {name} in the zip", other.path.display(), path.display())
            }
            _ => Ok(()),
        }
    }
}

/// Lists the entries of a folder.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    entries.with_context(|| format!("{} cannot be read", folder.display()))
}

/// Returns the metadata of a file, following links.
fn metadata(path: &Path) -> Result<Metadata> {
    fs::metadata(path).with_context(|| match path.read_link() {
        Ok(target) => format!("{} is a link to {}, which cannot be followed", path.display(), target.display()),
        Err(_) => format!("{} cannot be read", path.display()),
    })
}

/// Formats a size in MB, the unit of Lambda's limits.
pub(crate) fn megabytes(bytes: u64) -> String {
    const MEGABYTE: u64 = 1024 * 1024;
    // Rounded up, so that a size above a limit never looks like the limit.
    let tenths = (bytes * 10).div_ceil(MEGABYTE);
    if tenths.is_multiple_of(10) {
        format!("{} MB", tenths / 10)
    } else {
        format!("{}.{} MB", tenths / 10, tenths % 10)
    }
}

/// Returns the name in the zip of a path of `--include`.
fn name_of(path: &Path) -> Result<String> {
    let parts: Vec<_> = path.components().filter(|part| *part != Component::CurDir).collect();
    let is_below = parts.iter().all(|part| matches!(part, Component::Normal(_)));
    let kept = match parts.last() {
        _ if is_below => &parts[..],
        Some(Component::Normal(_)) => &parts[parts.len() - 1..],
        _ => bail!("cannot include {}: it has no name of its own", path.display()),
    };
    let names: Option<Vec<_>> = kept.iter().map(|part| part.as_os_str().to_str()).collect();
    Ok(names.with_context(|| format!("cannot include {}: its name is not in UTF-8", path.display()))?.join("/"))
}

#[cfg(unix)]
fn is_executable(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_below_the_current_folder_is_kept() {
        for (path, name) in [
            ("config/prod.toml", "config/prod.toml"),
            ("./config/./", "config"),
            (".", ""),
            ("../shared/data.json", "data.json"),
            ("config/../data", "data"),
            ("/etc/hosts", "hosts"),
        ] {
            assert_eq!(name_of(Path::new(path)).unwrap(), name, "{path}");
        }
        for path in ["..", "/", "a/.."] {
            assert!(name_of(Path::new(path)).is_err(), "{path}");
        }
    }

    #[test]
    fn a_file_that_is_named_itself_is_not_left_out_of_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let (inner, secret) = (folder.path().join("data"), folder.path().join("data/.env"));
        fs::create_dir(&inner).unwrap();
        fs::write(&secret, "KEY=1").unwrap();
        let excluded = Excluded::new(&folder.path().join("target"), folder.path());
        for (paths, left_out) in [(vec![inner.clone()], 1), (vec![secret, inner], 0)] {
            let contents = Contents::included(&paths, &excluded).unwrap();
            assert_eq!(contents.left_out().len(), left_out, "{paths:?}");
        }
    }

    #[test]
    fn sizes_are_rounded_up() {
        for (bytes, text) in
            [(0, "0 MB"), (1, "0.1 MB"), (MAX_UNPACKED_BYTES, "250 MB"), (MAX_UNPACKED_BYTES + 1, "250.1 MB")]
        {
            assert_eq!(megabytes(bytes), text);
        }
    }
}
