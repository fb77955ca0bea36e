//! [`Sources`]: the files that a build depends on, and snapshots of their contents.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{env, fs};

use walkdir::{DirEntry, WalkDir};

use crate::dev::builds::dep_info::{self, package_of};
use crate::project::cargo_config;
use crate::project::metadata::Project;

/// The configuration files that cargo and rustup read in the current folder and all above it.
const CONFIGURATION: [&str; 4] = [".cargo/config.toml", ".cargo/config", "rust-toolchain.toml", "rust-toolchain"];

/// The files that a build depends on.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    /// The files and whole folders in dep-info, manifests and configuration files. They need not exist.
    named: BTreeSet<PathBuf>,
    /// The folders with modules. A new module is a file in them that dep-info does not name yet.
    modules: BTreeSet<PathBuf>,
    packages: BTreeSet<PathBuf>,
    /// The folders that builds write to.
    outputs: BTreeSet<PathBuf>,
}

/// The contents of files by their paths. A missing file has no entry.
pub(crate) type Snapshot = BTreeMap<PathBuf, Content>;

/// The content of a file.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    pub(crate) modified: Option<SystemTime>,
    size: u64,
    digest: u64,
}

/// The time of modification does not count.
impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        (self.size, self.digest) == (other.size, other.digest)
    }
}

impl Sources {
    /// Finds the sources of a project from the files that the last build read. Before the first build, these are all
    /// files of the packages.
    pub(crate) fn of(project: &Project, read: BTreeSet<PathBuf>) -> Self {
        let outputs = outputs(project);
        // A file that a build script wrote there, such as one in OUT_DIR, is not a source.
        let read: BTreeSet<_> = read.into_iter().filter(|file| !is_below(file, &outputs)).collect();
        let local: BTreeSet<_> = project.local_folders().map(|folder| dep_info::real(&folder)).collect();
        let modules = read.iter().filter(|file| is_rust(file) && package_of(file).is_some());
        let mut modules: BTreeSet<_> = modules.filter_map(|file| file.parent()).map(Path::to_owned).collect();
        if modules.is_empty() {
            modules.clone_from(&local);
        }
        let packages: BTreeSet<_> = read.iter().filter_map(|file| package_of(file)).map(Path::to_owned).collect();
        let packages: BTreeSet<_> = packages.into_iter().chain(local).collect();
        let manifests = packages.iter().map(|folder| folder.join("Cargo.toml"));
        let of_workspace = ["Cargo.toml", "Cargo.lock"].map(|file| project.root().join(file));
        let named: BTreeSet<_> =
            read.iter().cloned().chain(manifests).chain(of_workspace).chain(configuration()).collect();
        let behind = named.iter().filter(|file| file.is_symlink()).filter_map(|file| file.canonicalize().ok());
        let named = behind.chain(named.iter().cloned()).collect();
        Self { named, modules, packages, outputs }
    }

    /// Returns whether a change of this path may change one of the files: it may also be a folder with some of them.
    pub(crate) fn concern(&self, path: &Path) -> bool {
        let is_above = || self.named.range(path.to_owned()..).next().is_some_and(|named| named.starts_with(path));
        self.have(path) || is_above() || path.extension().is_none() && is_below(path, &self.modules)
    }

    /// Returns whether a file is one of the sources.
    pub(crate) fn have(&self, file: &Path) -> bool {
        is_below(file, &self.named) || is_rust(file) && is_below(file, &self.modules)
    }

    /// Returns the folders to watch; with `all`, those of the packages are included.
    pub(crate) fn folders(&self, all: bool) -> BTreeSet<PathBuf> {
        let existing = |path: &PathBuf| path.ancestors().skip(1).find(|folder| folder.is_dir()).map(Path::to_owned);
        let around = self.named.iter().filter_map(existing);
        let packages = if all { Some(&self.packages) } else { None };
        let trees = self.modules.iter().chain(packages.into_iter().flatten()).flat_map(|tree| self.below(tree));
        let named = self.named.iter().filter(|path| path.is_dir()).flat_map(|folder| self.all_below(folder));
        let inner = trees.chain(named).filter(|entry| entry.file_type().is_dir()).map(DirEntry::into_path);
        around.chain(inner).collect()
    }

    /// Reads the files. A file with the same size and time as in the snapshot `before` is taken from it.
    pub(crate) fn snapshot(&self, before: &Snapshot) -> Snapshot {
        let named = self.named.iter().flat_map(|path| self.all_below(path)).map(DirEntry::into_path);
        let modules = self.modules.iter().flat_map(|tree| self.below(tree)).map(DirEntry::into_path);
        let files: BTreeSet<_> = named.chain(modules.filter(|path| is_rust(path))).collect();
        files
            .into_iter()
            .filter_map(|file| Content::of(&file, before.get(&file)).map(|content| (file, content)))
            .collect()
    }

    /// Returns the paths of all files of the packages.
    pub(crate) fn files(&self) -> BTreeSet<PathBuf> {
        let entries = self.packages.iter().flat_map(|package| self.below(package));
        entries.filter(|entry| entry.file_type().is_file()).map(DirEntry::into_path).collect()
    }

    /// Walks a file, or a folder with everything below it.
    fn all_below(&self, path: &Path) -> impl Iterator<Item = DirEntry> {
        WalkDir::new(path).into_iter().filter_entry(|entry| !self.outputs.contains(entry.path())).flatten()
    }

    /// Walks a folder of a package, without other packages, tests, benches and examples, and folders of tools.
    fn below(&self, folder: &Path) -> impl Iterator<Item = DirEntry> {
        let is_package = folder.join("Cargo.toml").is_file();
        let is_source = move |entry: &DirEntry| {
            let name = entry.file_name().to_string_lossy();
            let is_beside = is_package && entry.depth() == 1 && ["tests", "benches", "examples"].contains(&&*name);
            let is_of_tools =
                || name.starts_with('.') || name == "node_modules" || entry.path().join("CACHEDIR.TAG").exists();
            let is_skipped = || is_beside || is_of_tools() || entry.path().join("Cargo.toml").exists();
            let is_output = || self.outputs.contains(entry.path());
            !entry.file_type().is_dir() || !is_output() && (entry.depth() == 0 || !is_skipped())
        };
        WalkDir::new(folder).into_iter().filter_entry(is_source).flatten()
    }
}

impl Content {
    fn of(file: &Path, before: Option<&Self>) -> Option<Self> {
        let metadata = fs::metadata(file).ok().filter(fs::Metadata::is_file)?;
        let (modified, size) = (metadata.modified().ok(), metadata.len());
        if let Some(same) = before.filter(|before| (before.modified, before.size) == (modified, size)) {
            return Some(same.clone());
        }
        let mut hasher = DefaultHasher::new();
        fs::read(file).ok()?.hash(&mut hasher);
        Some(Self { modified, size, digest: hasher.finish() })
    }
}

/// Returns the files that differ between two snapshots.
pub(crate) fn differences<'a>(one: &'a Snapshot, other: &'a Snapshot) -> impl Iterator<Item = &'a PathBuf> {
    let changed = one.iter().filter(|(file, content)| other.get(*file) != Some(content)).map(|(file, _)| file);
    changed.chain(other.keys().filter(|file| !one.contains_key(*file)))
}

/// Returns the target and the build directory. One that contains the project itself does not count.
fn outputs(project: &Project) -> BTreeSet<PathBuf> {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let root = real(project.root());
    let folders = [Some(project.target_directory()), project.build_directory()].into_iter().flatten();
    folders.map(real).filter(|folder| !root.starts_with(folder)).collect()
}

fn is_below(path: &Path, folders: &BTreeSet<PathBuf>) -> bool {
    path.ancestors().any(|folder| folders.contains(folder))
}

fn is_rust(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "rs")
}

/// Returns the paths of cargo's and rustup's configuration files, which need not exist.
fn configuration() -> impl Iterator<Item = PathBuf> {
    let here = env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_default();
    let folders: Vec<_> = here.ancestors().map(Path::to_owned).collect();
    let of_home =
        cargo_config::home().into_iter().flat_map(|home| ["config.toml", "config"].map(|file| home.join(file)));
    folders.into_iter().flat_map(|folder| CONFIGURATION.map(|file| folder.join(file))).chain(of_home)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Creates a package with a module in a folder, and with files that are not sources of its binary.
    fn package() -> (tempfile::TempDir, Sources) {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let root = folder.path().canonicalize().expect("it is there");
        let files = [
            "Cargo.toml",
            "build.rs",
            "src/lib.rs",
            "src/deep/a.rs",
            "src/notes.txt",
            "tests/a.rs",
            ".git/a.rs",
            "target/debug/a.rs",
            "cache/CACHEDIR.TAG",
            "cache/a.rs",
            "other/Cargo.toml",
            "other/src/a.rs",
            "assets/a/b",
            "assets/built/c",
        ];
        for file in files {
            let file = root.join(file);
            fs::create_dir_all(file.parent().expect("a file has a folder")).expect("a folder can be made");
            fs::write(file, "").expect("a file can be written");
        }
        let sources = Sources {
            named: ["Cargo.toml", "assets", ".greeting", "far/away"].map(|file| root.join(file)).into(),
            modules: BTreeSet::from([root.clone()]),
            packages: BTreeSet::from([root.clone()]),
            outputs: ["target", "assets/built"].map(|folder| root.join(folder)).into(),
        };
        (folder, sources)
    }

    fn below(folder: &tempfile::TempDir, paths: impl IntoIterator<Item = PathBuf>) -> BTreeSet<String> {
        let root = folder.path().canonicalize().expect("it is there");
        let below = |path: PathBuf| path.strip_prefix(&root).ok().map(|path| path.to_string_lossy().into_owned());
        paths.into_iter().filter_map(below).collect()
    }

    #[test]
    fn modules_and_named_files_are_read_and_watched() {
        let (folder, sources) = package();
        let read = below(&folder, sources.snapshot(&Snapshot::new()).into_keys());
        assert_eq!(
            read,
            ["Cargo.toml", "assets/a/b", "build.rs", "src/deep/a.rs", "src/lib.rs"].map(String::from).into()
        );
        let watched = below(&folder, sources.folders(false));
        assert_eq!(watched, ["", "assets", "assets/a", "src", "src/deep"].map(String::from).into());
        for (path, expected) in [
            ("src/lib.rs", true),
            ("src/new/b.rs", true),
            ("src/new", true),
            (".greeting", true),
            ("far", true),
            ("assets/new", true),
            ("dev.log", false),
            ("src/notes.txt", false),
            ("Cargo.lock", false),
        ] {
            assert_eq!(
                sources.concern(&folder.path().canonicalize().expect("it is there").join(path)),
                expected,
                "{path}"
            );
        }
    }

    #[test]
    fn only_the_content_of_a_file_makes_a_difference() {
        let (folder, sources) = package();
        let root = folder.path().canonicalize().expect("it is there");
        let before = sources.snapshot(&Snapshot::new());
        let write = |file: &str, text: &str| fs::write(root.join(file), text).expect("a file can be written");
        write("src/lib.rs", "");
        write("src/notes.txt", "a note");
        assert_eq!(differences(&before, &sources.snapshot(&before)).count(), 0);
        write("src/lib.rs", "fn f() {}");
        write(".greeting", "new");
        fs::remove_file(root.join("build.rs")).expect("it can be removed");
        let after = sources.snapshot(&before);
        let changed = below(&folder, differences(&before, &after).cloned());
        assert_eq!(changed, [".greeting", "build.rs", "src/lib.rs"].map(String::from).into());
    }
}
