//! Changes of the project's files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use walkdir::{DirEntry, WalkDir};

use crate::project::Project;

/// An editor that saves, or a tool that writes many files, is done when nothing has changed for so long …
const QUIET: Duration = Duration::from_millis(100);
/// … or when this has passed: something may write all the time.
const PATIENCE: Duration = Duration::from_secs(2);

/// Watches folders. Cargo knows which files a build reads only after the build, and whether one of them has changed only
/// when it is asked: any change is a reason to ask it.
pub(crate) struct Changes {
    watcher: RecommendedWatcher,
    events: mpsc::UnboundedReceiver<notify::Result<Event>>,
}

impl Changes {
    /// Watches nothing yet.
    ///
    /// # Errors
    /// If the system cannot watch files.
    pub(crate) fn new() -> Result<Self> {
        let (sender, events) = mpsc::unbounded_channel();
        // The receiver is dropped only when all ends.
        let watcher = notify::recommended_watcher(move |event| drop(sender.send(event)));
        let watcher = watcher.context("files cannot be watched for changes")?;
        Ok(Self { watcher, events })
    }

    /// Watches folders. One that was watched before may have been deleted and made again since, so it is named anew.
    ///
    /// # Errors
    /// If the system refuses.
    pub(crate) fn watch(&mut self, folders: &BTreeSet<PathBuf>) -> Result<()> {
        for folder in folders {
            match self.watcher.watch(folder, RecursiveMode::NonRecursive) {
                // It has gone meanwhile, which the watch of the folder around tells.
                Err(_) if !folder.exists() => {}
                watched => watched.with_context(|| format!("{} cannot be watched for changes", folder.display()))?,
            }
        }
        Ok(())
    }

    /// Waits for a change, and until the files are at rest again; says which file was the first.
    ///
    /// # Errors
    /// If files can no longer be watched.
    pub(crate) async fn next(&mut self) -> Result<PathBuf> {
        let first = self.change().await?;
        let end = Instant::now() + PATIENCE;
        loop {
            let quiet = Instant::now() + QUIET;
            match timeout_at(quiet.min(end), self.change()).await {
                Ok(change) => drop(change?),
                Err(_) => return Ok(first),
            }
        }
    }

    async fn change(&mut self) -> Result<PathBuf> {
        loop {
            let event = self.events.recv().await.ok_or_else(|| anyhow!("files are no longer watched"))?;
            match event {
                Ok(event) if !is_change(&event) => {}
                Ok(event) => return Ok(event.paths.into_iter().next().unwrap_or_default()),
                // The system has lost track: something has changed, then.
                Err(_) => return Ok(PathBuf::new()),
            }
        }
    }
}

/// Whether an event is more than a look at a file, or an editor's own business.
fn is_change(event: &Event) -> bool {
    let is_own = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with('.') || name.ends_with('~')
    };
    !matches!(event.kind, EventKind::Access(_)) && (event.paths.is_empty() || !event.paths.iter().all(is_own))
}

/// The folders of a project's packages, and what is below them.
pub(crate) fn folders_of(project: &Project) -> BTreeSet<PathBuf> {
    let target = project.target_directory();
    let folders = project.local_folders().flat_map(|folder| folders_in(&folder, target).collect::<Vec<_>>());
    folders.chain([project.root().to_owned()]).collect()
}

/// The folders from which a build took files, wherever they are, as cargo notes them beside the executable.
pub(crate) fn folders_behind(executable: &Path) -> BTreeSet<PathBuf> {
    let noted = fs::read_to_string(executable.with_extension("d")).unwrap_or_default();
    let files = noted.split_once(": ").map_or("", |(_, files)| files).trim_end().replace("\\ ", "\0");
    let files = files.split(' ').map(|file| PathBuf::from(file.replace('\0', " ")));
    files.filter_map(|file| file.parent().map(Path::to_owned)).filter(|folder| folder.is_dir()).collect()
}

/// A folder and all below it but what tools keep for themselves.
fn folders_in(folder: &Path, target: &Path) -> impl Iterator<Item = PathBuf> {
    let is_source = move |entry: &DirEntry| {
        let name = entry.file_name().to_string_lossy();
        let is_of_tools = name.starts_with('.') || name == "node_modules" || entry.path().join("CACHEDIR.TAG").exists();
        entry.file_type().is_dir() && entry.path() != target && !(entry.depth() > 0 && is_of_tools)
    };
    WalkDir::new(folder).into_iter().filter_entry(is_source).flatten().map(DirEntry::into_path)
}

#[cfg(test)]
mod tests {
    use notify::event::{AccessKind, CreateKind, ModifyKind, RemoveKind};

    use super::*;

    #[test]
    fn looks_and_backups_are_no_changes() {
        let event = |kind, path: &str| Event::new(kind).add_path(path.into());
        for (event, expected) in [
            (event(EventKind::Create(CreateKind::File), "/a/src/lib.rs"), true),
            (event(EventKind::Modify(ModifyKind::Any), "/a/Cargo.toml"), true),
            (event(EventKind::Remove(RemoveKind::File), "/a/src/b.rs"), true),
            (event(EventKind::Access(AccessKind::Read), "/a/src/lib.rs"), false),
            (event(EventKind::Create(CreateKind::File), "/a/src/.lib.rs.swp"), false),
            (event(EventKind::Create(CreateKind::File), "/a/src/lib.rs~"), false),
            (event(EventKind::Modify(ModifyKind::Any), "/a/src/lib.rs~").add_path("/a/src/lib.rs".into()), true),
        ] {
            assert_eq!(is_change(&event), expected, "{event:?}");
        }
    }

    #[test]
    fn targets_and_hidden_folders_are_passed_over() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        for below in ["src/deep", "target/debug", ".git/objects", "node_modules/x", "cache/deep"] {
            fs::create_dir_all(folder.path().join(below)).expect("a folder can be made");
        }
        fs::write(folder.path().join("cache/CACHEDIR.TAG"), "").expect("a file can be written");
        let found: BTreeSet<_> = folders_in(folder.path(), &folder.path().join("target")).collect();
        let expected = ["", "src", "src/deep"].map(|below| folder.path().join(below).components().collect());
        assert_eq!(found, BTreeSet::from(expected));
    }

    #[test]
    fn what_cargo_notes_beside_an_executable_is_read() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let (here, far) = (folder.path(), folder.path().join("far away"));
        fs::create_dir_all(&far).expect("a folder can be made");
        let far_file = far.join("b.rs").display().to_string().replace(' ', "\\ ");
        let noted = format!("{0}/bin: {0}/a.rs {far_file} {0}/gone/c.rs\n", here.display());
        fs::write(here.join("bin.d"), noted).expect("a file can be written");
        assert_eq!(folders_behind(&here.join("bin")), BTreeSet::from([here.to_owned(), far]));
        assert_eq!(folders_behind(&here.join("none")), BTreeSet::new());
    }
}
