//! A built binary, kept where no later build reaches it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::project::Binary;
use crate::registry::Registry;
use crate::settings::Settings;

/// A copy of an executable: cargo replaces its own when it builds again, and the version before must go on meanwhile.
/// Dropped, the copy is removed.
#[derive(Debug)]
pub(crate) struct Artifact {
    pub(crate) binary: Binary,
    /// What its package's manifest says of the functions.
    pub(crate) settings: Settings,
    pub(crate) registry: Registry,
    /// The number of the build that made it.
    pub(crate) generation: u64,
    pub(crate) executable: PathBuf,
    _folder: TempDir,
}

impl Artifact {
    /// Copies an executable below `target`, and asks it for its handlers.
    ///
    /// # Errors
    /// If it cannot be copied, or is none of mayfly's.
    pub(crate) fn keep(
        binary: Binary,
        settings: Settings,
        executable: &Path,
        target: &Path,
        generation: u64,
    ) -> Result<Self> {
        let base = base(target).join(process::id().to_string());
        let place = || format!("a copy of {} cannot be kept in {}", executable.display(), base.display());
        fs::create_dir_all(&base).with_context(place)?;
        let folder = TempDir::new_in(&base).with_context(place)?;
        let copy = folder.path().join(&binary.name);
        fs::copy(executable, &copy).with_context(place)?;
        let registry = Registry::of(&copy)?;
        Ok(Self { binary, settings, registry, generation, executable: copy, _folder: folder })
    }

    /// Whether it is a copy of that executable as it is now, with those settings. Cargo may have made the same anew.
    pub(crate) fn is_of(&self, binary: &Binary, settings: &Settings, executable: &Path) -> bool {
        self.binary == *binary && self.settings == *settings && hold_the_same(&self.executable, executable)
    }
}

/// Removes the copies of this process, and of those that had no time to do it.
pub(crate) fn clear(target: &Path) {
    for entry in fs::read_dir(base(target)).into_iter().flatten().flatten() {
        let id = entry.file_name().to_str().and_then(|id| id.parse().ok());
        if id.is_none_or(|id| id == process::id() || !is_alive(id)) {
            // What cannot be removed now can be another time.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    // It is not empty as long as another process needs it.
    let _ = fs::remove_dir(base(target));
}

fn base(target: &Path) -> PathBuf {
    target.join("mayfly-dev")
}

#[cfg(unix)]
fn is_alive(id: u32) -> bool {
    let id = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw);
    id.is_some_and(|id| rustix::process::test_kill_process(id) != Err(rustix::io::Errno::SRCH))
}

#[cfg(not(unix))]
fn is_alive(_: u32) -> bool {
    true
}

fn hold_the_same(one: &Path, other: &Path) -> bool {
    let size = |file: &Path| fs::metadata(file).ok().map(|metadata| metadata.len());
    let content = |file: &Path| fs::read(file).ok();
    size(one) == size(other) && content(one).is_some_and(|bytes| content(other) == Some(bytes))
}
