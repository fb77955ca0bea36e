//! What a binary says that it has: the answer to `MAYFLY_LIST=json`.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use memchr::memmem;
use serde::{Deserialize, Serialize};

/// How long a binary may take to say what it has.
const PATIENCE: Duration = Duration::from_secs(10);

/// A binary's handlers and inits.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Registry {
    /// The version of mayfly in it.
    pub(crate) mayfly: String,
    /// Sorted by path; a path that is registered twice stands here twice.
    pub(crate) handlers: Vec<Handler>,
    /// Sorted by path.
    pub(crate) inits: Vec<Init>,
    /// The version of each copy of mayfly that the binary has: the registry is that of one of them.
    #[serde(skip)]
    pub(crate) copies: Vec<String>,
}

/// A function under `#[mayfly::handler]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Handler {
    pub(crate) path: String,
    /// The path with the package's name in front, where that differs from the crate's.
    pub(crate) alias: Option<String>,
    /// The attribute's `name = "…"`.
    pub(crate) name: Option<String>,
    pub(crate) default: bool,
    #[serde(rename = "async")]
    pub(crate) is_async: bool,
    pub(crate) file: String,
    pub(crate) line: u32,
    /// Source text of the event's type, where there is an event.
    pub(crate) event: Option<String>,
    /// Source text of the return type.
    pub(crate) reply: String,
    /// The types of the states that it takes.
    pub(crate) needs: Vec<String>,
    /// Why they cannot be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) problem: Option<String>,
}

/// A function under `#[mayfly::init]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Init {
    pub(crate) path: String,
    #[serde(rename = "async")]
    pub(crate) is_async: bool,
    pub(crate) file: String,
    pub(crate) line: u32,
    /// The type of the state that it makes.
    pub(crate) provides: String,
    pub(crate) needs: Vec<String>,
}

impl Handler {
    /// What it is found by: path, name and alias.
    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        [Some(&self.path), self.name.as_ref(), self.alias.as_ref()].into_iter().flatten()
    }
}

impl Registry {
    /// Whether a binary would answer: the variable that asks it is named in what `mayfly::main!` runs.
    pub(crate) fn is_in(executable: &Path) -> Result<bool> {
        Ok(names_the_variable(&read(executable)?))
    }

    /// Runs a binary to ask it.
    pub(crate) fn of(executable: &Path) -> Result<Self> {
        let stranger =
            || anyhow!("{} does not list handlers; is its `main` written by `mayfly::main!`?", executable.display());
        // Whatever another program does when it is run, nobody has asked for it.
        let bytes = read(executable)?;
        if !names_the_variable(&bytes) {
            return Err(stranger());
        }
        let mut command = Command::new(executable);
        // Were it no binary of mayfly's, it should at least not start serving somebody.
        command.env("MAYFLY_LIST", "json").env_remove("AWS_LAMBDA_RUNTIME_API").stdin(Stdio::null());
        let running = spawn(command.stdout(Stdio::piped()));
        let mut running = running.with_context(|| format!("{} could not be run", executable.display()))?;
        let answer = read_within(PATIENCE, running.stdout.take());
        // It has ended already, or it never would.
        let _ = running.kill();
        running.wait().context("a binary could not be waited for")?;
        let registry = serde_json::from_slice(&answer).map_err(|_| stranger())?;
        Ok(Self { copies: copies(&bytes), ..registry })
    }
}

fn read(executable: &Path) -> Result<Vec<u8>> {
    fs::read(executable).with_context(|| format!("{} cannot be read", executable.display()))
}

fn names_the_variable(executable: &[u8]) -> bool {
    memmem::find(executable, b"MAYFLY_LIST").is_some()
}

/// Reads the mark that each copy of mayfly leaves in an executable, a text before its version and an end; sorted.
fn copies(executable: &[u8]) -> Vec<String> {
    const BEFORE: &[u8] = b"\x1ecopy of mayfly ";
    let versions = memmem::find_iter(executable, BEFORE).filter_map(|at| {
        let version = executable[at + BEFORE.len()..].split(|byte| *byte == b'\x1e').next()?;
        Some(String::from_utf8_lossy(version).into_owned())
    });
    let mut versions: Vec<_> = versions.collect();
    versions.sort();
    versions
}

/// Starts a program that may have been written a moment ago: a process that was forked meanwhile holds the file open
/// until its own program starts, and the system refuses to run a file that somebody may write to.
fn spawn(command: &mut Command) -> io::Result<Child> {
    for _ in 0..100 {
        match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => thread::sleep(Duration::from_millis(10)),
            running => return running,
        }
    }
    command.spawn()
}

/// Reads a stream to its end, for as long as that: a binary with another `main` might never end.
fn read_within(patience: Duration, stream: Option<ChildStdout>) -> Vec<u8> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if stream.is_some_and(|mut stream| stream.read_to_end(&mut bytes).is_ok()) {
            // Nobody listens any more if it was too slow.
            let _ = sender.send(bytes);
        }
    });
    receiver.recv_timeout(patience).unwrap_or_default()
}
