//! A folder that cargo links into for one command alone.

use std::fs::{self, File};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use anyhow::{Context as _, Result};
use tempfile::TempDir;
use uuid::Uuid;

use crate::project::metadata::Project;

/// The folder below the target folder; no profile and no target can have that name, nor the next one.
const BASE: &str = ".mayfly";
/// The target folder of a cargo that cannot share what it compiles.
const OWN: &str = ".mayfly-cargo";
const LOCK: &str = ".lock";

/// The beginning of the names of this process's folders.
static PROCESS: LazyLock<String> = LazyLock::new(|| Uuid::new_v4().simple().to_string());

/// Where the binaries of a project are linked.
///
/// Cargo calls a binary `target/release/NAME`, whatever its package, and its lock is free once it has ended: the file
/// may be the program of another package before it is read. So each build links into a folder of its own.
#[derive(Clone, Debug)]
pub(crate) struct LinkDirectory {
    base: PathBuf,
    intermediates: Intermediates,
}

/// Where cargo keeps what it compiles on the way.
#[derive(Clone, Debug)]
enum Intermediates {
    /// Where every cargo of the project keeps it: since 1.91 cargo takes that folder apart from the one it links into.
    Shared(PathBuf),
    /// In a target folder that only builds of this command use, one at a time.
    Own(PathBuf),
}

impl LinkDirectory {
    /// The place for the cargo of this machine.
    pub(crate) fn of(project: &Project) -> Self {
        let base = project.target_directory().join(BASE);
        // An older cargo names no such folder, and to no cargo one can be named that has a brace in its path.
        let shared = project.build_directory().filter(|build| !build.to_string_lossy().contains(['{', '}']));
        let own = || Intermediates::Own(project.target_directory().join(OWN));
        Self { base, intermediates: shared.map(Path::to_owned).map_or_else(own, Intermediates::Shared) }
    }

    /// The place for the cargo in a container, whose release is not known.
    pub(crate) fn in_container(project: &Project, target: &Path) -> Self {
        Self { base: project.target_directory().join(BASE), intermediates: Intermediates::Own(target.to_owned()) }
    }

    /// Makes a folder for one run of cargo.
    pub(crate) fn begin(&self) -> Result<Linking> {
        let folder = Arc::new(Folder::new(&self.base)?);
        let (target, build, lock) = match &self.intermediates {
            Intermediates::Shared(build) => (folder.directory.path().to_owned(), Some(build.clone()), None),
            Intermediates::Own(target) => (target.clone(), None, Some(lock(target)?)),
        };
        Ok(Linking { folder, target, build, _lock: lock })
    }
}

/// One run of cargo, beside which nothing else links.
#[derive(Debug)]
pub(crate) struct Linking {
    folder: Arc<Folder>,
    target: PathBuf,
    build: Option<PathBuf>,
    _lock: Option<File>,
}

impl Linking {
    /// The arguments that tell cargo of it.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let mut arguments = vec!["--target-dir".to_owned(), self.target.display().to_string()];
        if let Some(build) = &self.build {
            let build = toml::Value::from(build.display().to_string());
            arguments.extend(["--config".to_owned(), format!("build.build-dir={build}")]);
        }
        arguments
    }

    /// Keeps an executable that cargo has made here, with what cargo notes beside it.
    pub(crate) fn keep(&self, executable: &Path) -> Result<Executable> {
        let kept = |path| Executable { path, _folder: Arc::clone(&self.folder) };
        let folder = self.folder.directory.path();
        if executable.starts_with(folder) {
            return Ok(kept(executable.to_owned()));
        }
        let path = folder.join(executable.file_name().unwrap_or_default());
        let keep = || format!("{} cannot be kept", executable.display());
        link(executable, &path).with_context(keep)?;
        let notes = executable.with_extension("d");
        if notes.exists() {
            link(&notes, &path.with_extension("d")).with_context(keep)?;
        }
        Ok(kept(path))
    }
}

/// An executable that no other build reaches. Its folder is removed with the last one in it.
#[derive(Clone, Debug)]
pub(crate) struct Executable {
    path: PathBuf,
    _folder: Arc<Folder>,
}

impl Deref for Executable {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}

/// Removes the folders of this process, also those that are in use.
pub(crate) fn clear(project: &Project) {
    for entry in fs::read_dir(project.target_directory().join(BASE)).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(&*PROCESS) {
            // What cannot be removed now can be by another process.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// A folder, and a lock that is held as long as its process lives.
#[derive(Debug)]
struct Folder {
    directory: TempDir,
    _lock: File,
}

impl Folder {
    fn new(base: &Path) -> Result<Self> {
        let make = || format!("no folder can be made in {}", base.display());
        fs::create_dir_all(base).with_context(make)?;
        // While one is made, no other process looks for abandoned ones. Where there are no locks, they stay.
        let making = lock(base);
        if making.is_ok() {
            remove_abandoned(base);
        }
        let directory = tempfile::Builder::new().prefix(&*PROCESS).tempdir_in(base).with_context(make)?;
        let lock = File::create(directory.path().join(LOCK)).with_context(make)?;
        // Where there are no locks, no process finds it free either.
        let _ = lock.try_lock();
        drop(making);
        Ok(Self { directory, _lock: lock })
    }
}

/// Removes what processes have left that were killed.
fn remove_abandoned(base: &Path) {
    for folder in fs::read_dir(base).into_iter().flatten().flatten().map(|entry| entry.path()) {
        let lock = File::open(folder.join(LOCK));
        if folder.join(LOCK).is_file() && lock.is_ok_and(|lock| lock.try_lock().is_ok()) {
            // What cannot be removed now can be another time.
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// Waits for the lock of a folder.
fn lock(folder: &Path) -> Result<File> {
    let path = folder.join(LOCK);
    let cannot = || format!("{} cannot be locked", path.display());
    fs::create_dir_all(folder).with_context(cannot)?;
    let file = File::create(&path).with_context(cannot)?;
    file.lock().with_context(cannot)?;
    Ok(file)
}

fn link(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::hard_link(from, to).or_else(|_| fs::copy(from, to).map(drop))
}
