//! [`Changes`]: watches the files that a build depends on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use notify::{ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::console::say;
use crate::dev::builds::sources::{Snapshot, Sources, differences};

/// The time without a change after which an editor or a tool that writes many files is taken to be done.
const QUIET: Duration = Duration::from_millis(100);
/// The longest wait for such a pause, since some programs write continuously.
const MAX_WAIT: Duration = Duration::from_secs(2);
/// The number of consecutive builds during which a file changes before the builds are taken to change it.
const SELF_CHANGING_BUILDS: u32 = 3;

/// A watch on the files that a build depends on. Events of the system only trigger a comparison; a build is started if
/// the contents differ.
pub(crate) struct Changes {
    watcher: RecommendedWatcher,
    signal: Arc<ChangeSignal>,
    sources: Arc<Sources>,
    /// The contents at the start of the last build.
    seen: Snapshot,
    began: SystemTime,
    /// The files of the packages at the end of a failed build, which may need a file that is missing.
    files: Option<BTreeSet<PathBuf>>,
    /// The number of consecutive builds during which each file changed.
    unsteady: BTreeMap<PathBuf, u32>,
}

/// A signal that one of the files may have changed.
#[derive(Default)]
struct ChangeSignal {
    /// The files that count; without sources, all do.
    sources: Mutex<Option<Arc<Sources>>>,
    happened: Notify,
}

impl Changes {
    /// Creates a watch on no files.
    pub(crate) fn new() -> Result<Self> {
        let (signal, sources, seen, unsteady) = Default::default();
        let handler = Arc::clone(&signal);
        let watcher = notify::recommended_watcher(move |event| ChangeSignal::handle(&handler, event));
        let watcher = watcher.context("files cannot be watched for changes")?;
        Ok(Self { watcher, signal, sources, seen, began: SystemTime::UNIX_EPOCH, files: None, unsteady })
    }

    /// Records the contents at the start of a build.
    pub(crate) fn begin(&mut self) {
        self.files = None;
        self.began = SystemTime::now();
        self.seen = self.sources.snapshot(&self.seen);
    }

    /// Adds the files that a build is going to read, or has read.
    pub(crate) fn learn(&mut self, sources: Sources) -> Result<()> {
        let before = std::mem::replace(&mut self.sources, Arc::new(sources));
        self.watch()?;
        let now = self.sources.snapshot(&self.seen);
        self.seen.retain(|file, _| now.contains_key(file) || self.sources.concern(file));
        // A file that changed since the build began may have been read before the change.
        let is_settled = |modified: Option<SystemTime>| modified.is_some_and(|modified| modified < self.began);
        let found = now.into_iter().filter(|(file, content)| !before.have(file) && is_settled(content.modified));
        self.seen.extend(found);
        Ok(())
    }

    /// Records the end of a build.
    pub(crate) fn end(&mut self, is_success: bool) -> Result<()> {
        self.ignore_self_changed();
        if !is_success {
            self.files = Some(self.sources.files());
            self.watch()?;
        }
        Ok(())
    }

    /// Waits for a change, then until the files are at rest. Returns a changed file.
    pub(crate) async fn next(&mut self) -> Result<PathBuf> {
        loop {
            if self.changed_file().is_none() {
                self.signal.happened.notified().await;
            }
            let end = Instant::now() + MAX_WAIT;
            while timeout_at((Instant::now() + QUIET).min(end), self.signal.happened.notified()).await.is_ok() {}
            self.watch()?;
            if let Some(file) = self.changed_file() {
                return Ok(file);
            }
        }
    }

    /// Returns a file that differs from what the last build read, or that is new since a failed build.
    fn changed_file(&self) -> Option<PathBuf> {
        let now = self.sources.snapshot(&self.seen);
        differences(&self.seen, &now).next().cloned().or_else(|| {
            let files = self.files.as_ref()?;
            self.sources.files().into_iter().find(|file| !files.contains(file))
        })
    }

    /// Ignores files that the builds themselves change, which would start builds without end.
    fn ignore_self_changed(&mut self) {
        let now = self.sources.snapshot(&self.seen);
        let before = std::mem::take(&mut self.unsteady);
        for file in differences(&self.seen, &now) {
            self.unsteady.insert(file.clone(), before.get(file).map_or(1, |builds| builds + 1));
        }
        for (file, builds) in self.unsteady.iter().filter(|(_, builds)| **builds >= SELF_CHANGING_BUILDS) {
            match now.get(file) {
                Some(content) => drop(self.seen.insert(file.clone(), content.clone())),
                None => drop(self.seen.remove(file)),
            }
            if *builds == SELF_CHANGING_BUILDS {
                say(format_args!(
                    "{} changes during each build and no longer starts one: let the build script write it only if its \
                     text differs, or write below OUT_DIR; if you changed the file, save it again",
                    file.display()
                ));
            }
        }
    }

    /// Watches the folders of the files. All are watched again, since a watched folder may have been deleted and
    /// created again.
    fn watch(&mut self) -> Result<()> {
        self.signal.listen_for(self.files.is_none().then(|| Arc::clone(&self.sources)));
        for folder in self.sources.folders(self.files.is_some()) {
            match self.watcher.watch(&folder, RecursiveMode::NonRecursive) {
                // It was deleted meanwhile; the watch on its parent reports that.
                Err(_) if !folder.exists() => {}
                // Cargo cannot read it either.
                Err(error) if is_forbidden(&error) => {}
                watched => watched.with_context(|| format!("{} cannot be watched for changes", folder.display()))?,
            }
        }
        Ok(())
    }
}

impl ChangeSignal {
    fn listen_for(&self, sources: Option<Arc<Sources>>) {
        *self.sources.lock().unwrap_or_else(PoisonError::into_inner) = sources;
    }

    /// Handles an event. An error means that the system lost events: something may have changed.
    fn handle(&self, event: notify::Result<Event>) {
        if event.is_ok_and(|event| !self.is_of_interest(&event)) {
            return;
        }
        self.happened.notify_one();
    }

    fn is_of_interest(&self, event: &Event) -> bool {
        let sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let concerns = |path: &Path| sources.as_ref().is_none_or(|sources| sources.concern(path));
        let is_access = matches!(event.kind, EventKind::Access(_));
        !is_access && (event.paths.is_empty() || event.paths.iter().any(|path| concerns(path)))
    }
}

fn is_forbidden(error: &notify::Error) -> bool {
    matches!(&error.kind, ErrorKind::Io(error) if error.kind() == std::io::ErrorKind::PermissionDenied)
}
