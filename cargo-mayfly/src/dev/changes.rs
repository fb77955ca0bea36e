//! Changes of the project's files.

use std::collections::HashSet;
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
    watched: HashSet<PathBuf>,
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
        Ok(Self { watcher, events, watched: HashSet::new() })
    }

    /// Watches the packages of a project, and what of their folders is new since the last time.
    ///
    /// # Errors
    /// If the system refuses.
    pub(crate) fn watch(&mut self, project: &Project) -> Result<()> {
        let packages = project.local_folders();
        let folders = packages.flat_map(|folder| folders_in(&folder, project.target_directory()).collect::<Vec<_>>());
        let found: HashSet<_> = folders.chain([project.root().to_owned()]).collect();
        for folder in found.difference(&self.watched) {
            let watched = self.watcher.watch(folder, RecursiveMode::NonRecursive);
            watched.with_context(|| format!("{} cannot be watched for changes", folder.display()))?;
        }
        self.watched = found;
        Ok(())
    }

    /// Waits for a change, and until the files are at rest again.
    ///
    /// # Errors
    /// If files can no longer be watched.
    pub(crate) async fn next(&mut self) -> Result<()> {
        self.change().await?;
        let end = Instant::now() + PATIENCE;
        loop {
            let quiet = Instant::now() + QUIET;
            match timeout_at(quiet.min(end), self.change()).await {
                Ok(change) => change?,
                Err(_) => return Ok(()),
            }
        }
    }

    async fn change(&mut self) -> Result<()> {
        loop {
            let event = self.events.recv().await.ok_or_else(|| anyhow!("files are no longer watched"))?;
            match event {
                // The system has lost track: something has changed, then.
                Err(_) => return Ok(()),
                Ok(event) if is_change(&event) => return Ok(()),
                Ok(_) => {}
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

/// A folder and all below it but what tools keep for themselves.
fn folders_in(folder: &Path, target: &Path) -> impl Iterator<Item = PathBuf> {
    let is_source = move |entry: &DirEntry| {
        let name = entry.file_name().to_string_lossy();
        let is_hidden = entry.depth() > 0 && (name.starts_with('.') || name == "node_modules");
        entry.file_type().is_dir() && entry.path() != target && !is_hidden
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
        for below in ["src/deep", "target/debug", ".git/objects", "node_modules/x"] {
            std::fs::create_dir_all(folder.path().join(below)).expect("a folder can be made");
        }
        let found: HashSet<_> = folders_in(folder.path(), &folder.path().join("target")).collect();
        let expected = ["", "src", "src/deep"].map(|below| folder.path().join(below).components().collect());
        assert_eq!(found, HashSet::from(expected));
    }
}
