//! Changes of the files that a build depends on.

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

/// An editor that saves, or a tool that writes many files, is done when nothing has changed for so long …
const QUIET: Duration = Duration::from_millis(100);
/// … or when this has passed: something may write all the time.
const PATIENCE: Duration = Duration::from_secs(2);
/// A file that has changed during so many builds in a row is changed by the build.
const SELF_MADE: u32 = 3;

/// Watches the files that a build depends on. The system tells when to look; what the files hold decides.
pub(crate) struct Changes {
    watcher: RecommendedWatcher,
    signal: Arc<ChangeSignal>,
    sources: Arc<Sources>,
    /// What the last build began with.
    seen: Snapshot,
    began: SystemTime,
    /// The files of the packages at the end of a build that failed: it may have missed one.
    files: Option<BTreeSet<PathBuf>>,
    /// During how many builds in a row a file has changed.
    unsteady: BTreeMap<PathBuf, u32>,
}

/// Rings where something has happened to one of the files, or may have.
#[derive(Default)]
struct ChangeSignal {
    /// Without sources every file counts.
    sources: Mutex<Option<Arc<Sources>>>,
    happened: Notify,
}

impl Changes {
    /// Watches nothing yet.
    pub(crate) fn new() -> Result<Self> {
        let (signal, sources, seen, unsteady) = Default::default();
        let hearing = Arc::clone(&signal);
        let watcher = notify::recommended_watcher(move |event| ChangeSignal::hear(&hearing, event));
        let watcher = watcher.context("files cannot be watched for changes")?;
        Ok(Self { watcher, signal, sources, seen, began: SystemTime::UNIX_EPOCH, files: None, unsteady })
    }

    /// Notes what a build begins with.
    pub(crate) fn begin(&mut self) {
        self.files = None;
        self.began = SystemTime::now();
        self.seen = self.sources.snapshot(&self.seen);
    }

    /// Takes in what a build is going to read, or has read.
    pub(crate) fn learn(&mut self, sources: Sources) -> Result<()> {
        let before = std::mem::replace(&mut self.sources, Arc::new(sources));
        self.watch()?;
        let now = self.sources.snapshot(&self.seen);
        self.seen.retain(|file, _| now.contains_key(file) || self.sources.concern(file));
        // One that has changed since the build began may have been read before it changed.
        let is_settled = |modified: Option<SystemTime>| modified.is_some_and(|modified| modified < self.began);
        let found = now.into_iter().filter(|(file, content)| !before.have(file) && is_settled(content.modified));
        self.seen.extend(found);
        Ok(())
    }

    /// Notes how a build ended.
    pub(crate) fn end(&mut self, is_success: bool) -> Result<()> {
        self.pass_over_self_made();
        if !is_success {
            self.files = Some(self.sources.files());
            self.watch()?;
        }
        Ok(())
    }

    /// Waits for a change, and until the files are at rest again; says which file it was.
    pub(crate) async fn next(&mut self) -> Result<PathBuf> {
        loop {
            if self.changed_file().is_none() {
                self.signal.happened.notified().await;
            }
            let end = Instant::now() + PATIENCE;
            while timeout_at((Instant::now() + QUIET).min(end), self.signal.happened.notified()).await.is_ok() {}
            self.watch()?;
            if let Some(file) = self.changed_file() {
                return Ok(file);
            }
        }
    }

    /// A file that is another than the last build saw, or that a failed build may have missed.
    fn changed_file(&self) -> Option<PathBuf> {
        let now = self.sources.snapshot(&self.seen);
        differences(&self.seen, &now).next().cloned().or_else(|| {
            let files = self.files.as_ref()?;
            self.sources.files().into_iter().find(|file| !files.contains(file))
        })
    }

    /// Passes over what builds change by themselves, of which there would be no end.
    fn pass_over_self_made(&mut self) {
        let now = self.sources.snapshot(&self.seen);
        let before = std::mem::take(&mut self.unsteady);
        for file in differences(&self.seen, &now) {
            self.unsteady.insert(file.clone(), before.get(file).map_or(1, |builds| builds + 1));
        }
        for (file, builds) in self.unsteady.iter().filter(|(_, builds)| **builds >= SELF_MADE) {
            match now.get(file) {
                Some(content) => drop(self.seen.insert(file.clone(), content.clone())),
                None => drop(self.seen.remove(file)),
            }
            if *builds == SELF_MADE {
                say(format_args!(
                    "{} changes during each build, which starts no further one: let the build script write it only if \
                     its text differs, or below OUT_DIR; if it was you, save it again",
                    file.display()
                ));
            }
        }
    }

    /// Watches the folders of the files. One that was watched before may have been deleted and made again since, so it
    /// is named anew.
    fn watch(&mut self) -> Result<()> {
        self.signal.listen_for(self.files.is_none().then(|| Arc::clone(&self.sources)));
        for folder in self.sources.folders(self.files.is_some()) {
            match self.watcher.watch(&folder, RecursiveMode::NonRecursive) {
                // It has gone meanwhile, which the watch of the folder around tells.
                Err(_) if !folder.exists() => {}
                // What may not be read here is not read by cargo either.
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

    /// Hears of an event. With an error the system has lost track: something has changed, then.
    fn hear(&self, event: notify::Result<Event>) {
        if event.is_ok_and(|event| !self.is_of_interest(&event)) {
            return;
        }
        self.happened.notify_one();
    }

    fn is_of_interest(&self, event: &Event) -> bool {
        let sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let concerns = |path: &Path| sources.as_ref().is_none_or(|sources| sources.concern(path));
        let is_look = matches!(event.kind, EventKind::Access(_));
        !is_look && (event.paths.is_empty() || event.paths.iter().any(|path| concerns(path)))
    }
}

fn is_forbidden(error: &notify::Error) -> bool {
    matches!(&error.kind, ErrorKind::Io(error) if error.kind() == std::io::ErrorKind::PermissionDenied)
}
