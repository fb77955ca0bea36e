//! The function's process.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncRead;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::emulator::logs::{Drain, Logs, OnLog};

/// What Lambda leaves a process between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_millis(500);

/// The program that Lambda starts: a `bootstrap`.
#[derive(Clone, Debug)]
pub struct Program {
    /// The executable file.
    pub path: PathBuf,
    /// Its arguments; on Lambda there are none.
    pub args: Vec<OsString>,
    /// The directory that it is started in; that of the caller if there is none.
    pub directory: Option<PathBuf>,
    /// Variables of the caller's environment that are kept from it.
    pub hidden_variables: Vec<String>,
    /// Is shown the function's name and each line of its standard output and error.
    pub on_log: OnLog,
}

impl Program {
    /// A program without arguments, in the directory and environment of the caller.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            args: Vec::new(),
            directory: None,
            hidden_variables: vec!["MAYFLY_LIST".to_owned()],
            on_log: |_, _| {},
        }
    }

    /// The directory of the executable, which is what `LAMBDA_TASK_ROOT` says.
    pub(crate) fn task_root(&self) -> String {
        let path = std::path::absolute(&self.path).unwrap_or_else(|_| self.path.clone());
        path.parent().unwrap_or(Path::new("/")).to_string_lossy().into_owned()
    }

    pub(crate) fn spawn(&self, environment: Vec<(String, String)>, logs: &Arc<Logs>) -> io::Result<Process> {
        let mut command = Command::new(&self.path);
        command.args(&self.args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        // A group of its own, so that what the program starts can be killed with it.
        #[cfg(unix)]
        command.process_group(0);
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        for variable in &self.hidden_variables {
            command.env_remove(variable);
        }
        let mut child = command.envs(environment).spawn()?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let mut process = Process { child, readers: JoinSet::new(), drains: Vec::new() };
        process.read(stdout, logs);
        process.read(stderr, logs);
        Ok(process)
    }
}

/// A started program; dropped, it is killed.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    readers: JoinSet<()>,
    drains: Vec<mpsc::Sender<Drain>>,
}

impl Process {
    fn read(&mut self, pipe: Option<impl AsyncRead + Unpin + Send + 'static>, logs: &Arc<Logs>) {
        let Some(pipe) = pipe else { return };
        let (sender, drains) = mpsc::channel(1);
        let logs = Arc::clone(logs);
        self.readers.spawn(async move { logs.collect(pipe, drains).await });
        self.drains.push(sender);
    }

    /// Waits until the logs hold what it wrote before it sent what has arrived from it.
    pub(crate) async fn drain(&self) {
        let all = async {
            for drains in &self.drains {
                let (drain, drained) = oneshot::channel();
                // A pipe whose reader has gone is empty.
                if drains.send(drain).await.is_ok() {
                    let _ = drained.await;
                }
            }
        };
        // One that writes all the time would never be done.
        let _ = timeout(GRACE, all).await;
    }

    /// Its id, as long as it is not known to have ended.
    pub(crate) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Whether it has ended.
    pub(crate) fn is_over(&mut self) -> bool {
        let group = self.id();
        let is_over = !matches!(self.child.try_wait(), Ok(None));
        if is_over {
            signal_kill(group);
        }
        is_over
    }

    /// Waits for its end; what it wrote is in the logs then.
    pub(crate) async fn exited(&mut self) -> io::Result<ExitStatus> {
        let group = self.id();
        let status = self.child.wait().await?;
        signal_kill(group);
        // What the program started may hold the pipes for ever.
        let _ = timeout(GRACE, async { while self.readers.join_next().await.is_some() {} }).await;
        Ok(status)
    }

    /// Waits a little for its end, then kills it.
    pub(crate) async fn end(mut self) {
        if timeout(2 * GRACE, self.exited()).await.is_err() {
            self.kill().await;
        }
    }

    /// Asks it to end as Lambda does where an extension is registered, then kills it.
    pub(crate) async fn terminate(mut self) {
        signal_term(self.id());
        if timeout(GRACE, self.exited()).await.is_err() {
            self.kill().await;
        }
    }

    /// Kills it and all that it started.
    pub(crate) async fn kill(mut self) {
        self.start_kill();
        // It is gone, or it never was.
        let _ = self.exited().await;
    }

    fn start_kill(&mut self) {
        signal_kill(self.id());
        // It is gone already, or it was not in the group.
        let _ = self.child.start_kill();
    }
}

/// Kills a process with all that it started. Those go on by themselves when it has ended, so it is done then, too.
fn signal_kill(group: Option<u32>) {
    #[cfg(unix)]
    signal(group, rustix::process::Signal::KILL);
}

fn signal_term(group: Option<u32>) {
    #[cfg(unix)]
    signal(group, rustix::process::Signal::TERM);
}

#[cfg(unix)]
fn signal(group: Option<u32>, signal: rustix::process::Signal) {
    let group = group.and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
    if let Some(group) = group {
        // It fails only where nobody is left.
        let _ = rustix::process::kill_process_group(group, signal);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.start_kill();
    }
}
