//! [`LinkDirectory`]: a folder in which cargo links the binaries of one command.

use std::fs::{self, File};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use anyhow::{Context as _, Result};
use tempfile::TempDir;
use uuid::Uuid;

use crate::project::metadata::Project;
use crate::project::running;

/// The folder below the target folder. Like the next one, it is not a valid name of a profile or target.
const BASE: &str = ".mayfly";
/// The target folder for a cargo that cannot separate its build directory.
const OWN: &str = ".mayfly-cargo";
const LOCK: &str = ".lock";

/// The prefix of the folders of this process.
static PROCESS: LazyLock<String> = LazyLock::new(|| Uuid::new_v4().simple().to_string());

/// The folder in which the binaries of a project are linked.
///
/// Cargo links a binary to `target/release/NAME`, whatever its package, and releases its lock when it ends: before the
/// file is read, it may have become the binary of another package. Therefore each build links into a folder of its own.
#[derive(Clone, Debug)]
pub(crate) struct LinkDirectory {
    base: PathBuf,
    intermediates: Intermediates,
}

/// The folder in which cargo keeps intermediate artifacts.
#[derive(Clone, Debug)]
enum Intermediates {
    /// The project's own build directory, which cargo separates from its target directory since 1.91.
    Shared(PathBuf),
    /// A target folder that only `cargo mayfly` uses, one build at a time.
    Own(PathBuf),
}

impl LinkDirectory {
    /// Returns the link directory for the cargo of this machine.
    pub(crate) fn of(project: &Project) -> Self {
        let base = project.target_directory().join(BASE);
        // An older cargo has no build directory, and a newer one takes braces in its path for variables.
        let shared = project.build_directory().filter(|build| !build.to_string_lossy().contains(['{', '}']));
        let own = || Intermediates::Own(project.target_directory().join(OWN));
        Self { base, intermediates: shared.map(Path::to_owned).map_or_else(own, Intermediates::Shared) }
    }

    /// Returns the link directory for the cargo in a container, whose release is not known.
    pub(crate) fn in_container(project: &Project, target: &Path) -> Self {
        Self { base: project.target_directory().join(BASE), intermediates: Intermediates::Own(target.to_owned()) }
    }

    /// Creates a folder for one run of cargo.
    pub(crate) fn begin(&self) -> Result<Linking> {
        let folder = Arc::new(Folder::new(&self.base)?);
        let (target, build, lock) = match &self.intermediates {
            Intermediates::Shared(build) => (folder.directory.path().to_owned(), Some(build.clone()), None),
            Intermediates::Own(target) => (target.clone(), None, Some(lock(target)?)),
        };
        Ok(Linking { folder, target, build, _lock: lock })
    }
}

/// The folder of one run of cargo, which no other run links into.
#[derive(Debug)]
pub(crate) struct Linking {
    folder: Arc<Folder>,
    target: PathBuf,
    build: Option<PathBuf>,
    _lock: Option<File>,
}

impl Linking {
    /// Returns the arguments that make cargo use the folder.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let mut arguments = vec!["--target-dir".to_owned(), self.target.display().to_string()];
        if let Some(build) = &self.build {
            let build = toml::Value::from(build.display().to_string());
            arguments.extend(["--config".to_owned(), format!("build.build-dir={build}")]);
        }
        arguments
    }

    /// Keeps an executable that cargo has built, with its dep-info file.
    pub(crate) fn keep(&self, executable: &Path) -> Result<Executable> {
        let kept = |path| Executable { path, _folder: Arc::clone(&self.folder) };
        let folder = self.folder.directory.path();
        if executable.starts_with(folder) {
            return Ok(kept(executable.to_owned()));
        }
        let path = folder.join(executable.file_name().unwrap_or_default());
        let keep = || format!("{} cannot be kept", executable.display());
        link(executable, &path).with_context(keep)?;
        let dep_info = executable.with_extension("d");
        if dep_info.exists() {
            link(&dep_info, &path.with_extension("d")).with_context(keep)?;
        }
        Ok(kept(path))
    }
}

/// An executable that no other build overwrites. Its folder is removed with the last executable in it.
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

/// Ends the builds of this process and removes all of its folders.
pub(crate) fn clear(project: &Project) {
    running::end_all();
    let base = project.target_directory().join(BASE);
    // No folder is being created meanwhile, and none will be.
    let _creating = base.is_dir().then(|| lock(&base));
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(&*PROCESS) {
            // The next process removes what is left.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// A folder with a lock that is held as long as the process runs.
#[derive(Debug)]
struct Folder {
    directory: TempDir,
    _lock: File,
}

impl Folder {
    fn new(base: &Path) -> Result<Self> {
        let make = || format!("no folder can be created in {}", base.display());
        fs::create_dir_all(base).with_context(make)?;
        // The lock keeps other processes from removing a folder that is not locked yet. On a file system without locks,
        // abandoned folders stay.
        let creating = lock(base);
        if creating.is_ok() {
            remove_abandoned(base);
        }
        running::check()?;
        let directory = tempfile::Builder::new().prefix(&*PROCESS).tempdir_in(base).with_context(make)?;
        let lock = File::create(directory.path().join(LOCK)).with_context(make)?;
        // On a file system without locks, no process finds it unlocked either.
        let _ = lock.try_lock();
        drop(creating);
        Ok(Self { directory, _lock: lock })
    }
}

/// Removes the folders of processes that were killed.
fn remove_abandoned(base: &Path) {
    for folder in fs::read_dir(base).into_iter().flatten().flatten().map(|entry| entry.path()) {
        let lock = File::open(folder.join(LOCK));
        if folder.join(LOCK).is_file() && lock.is_ok_and(|lock| lock.try_lock().is_ok()) {
            // The next process tries again.
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// Waits for the lock of a folder and takes it.
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
