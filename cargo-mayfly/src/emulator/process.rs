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

use crate::emulator::limits::TERMINATION_GRACE;
use crate::emulator::logs::{Drain, Logs, OnLog};

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

    fn not_started(&self, error: &io::Error) -> io::Error {
        io::Error::new(error.kind(), format!("{} cannot be started: {error}", self.path.display()))
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
        let mut child = command.envs(environment).spawn().map_err(|error| self.not_started(&error))?;
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
        let _ = timeout(TERMINATION_GRACE, all).await;
    }

    /// Its id, as long as it is not known to have ended.
    pub(crate) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Whether it has ended.
    pub(crate) fn is_over(&mut self) -> bool {
        if !self.has_ended() {
            return false;
        }
        signal_kill(self.id());
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits for its end, and kills what it has left. That comes before the system lets go of its id, which is its
    /// group's, too, and may be another process's afterwards.
    pub(crate) async fn exited(&mut self) -> io::Result<ExitStatus> {
        self.ended().await?;
        signal_kill(self.id());
        self.child.wait().await
    }

    /// Waits until the logs hold all that it wrote before its end.
    pub(crate) async fn read_to_end(&mut self) {
        // What the program started outside of its group may hold the pipes for ever.
        let _ = timeout(TERMINATION_GRACE, async { while self.readers.join_next().await.is_some() {} }).await;
    }

    /// Waits until it has ended; its id is still its own then.
    #[cfg(unix)]
    async fn ended(&self) -> io::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};

        let mut changes = signal(SignalKind::child())?;
        while !self.has_ended() {
            changes.recv().await;
        }
        Ok(())
    }

    #[cfg(not(unix))]
    async fn ended(&mut self) -> io::Result<()> {
        self.child.wait().await.map(drop)
    }

    /// Whether it has ended, which it may go on to tell others.
    #[cfg(unix)]
    fn has_ended(&self) -> bool {
        use rustix::process::{WaitId, WaitIdOptions, waitid};

        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let id = self.id().and_then(pid);
        // Without an id, and where the system knows no such process, the end was told already.
        id.is_none_or(|id| !matches!(waitid(WaitId::Pid(id), options), Ok(None)))
    }

    #[cfg(not(unix))]
    fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits a little for its end, then kills it.
    pub(crate) async fn end(self) {
        self.end_within(2 * TERMINATION_GRACE).await;
    }

    /// Asks it to end as Lambda does where an extension is registered, then kills it.
    pub(crate) async fn terminate(self) {
        signal_term(self.id());
        self.end_within(TERMINATION_GRACE).await;
    }

    /// Kills it and all that it started.
    pub(crate) async fn kill(mut self) {
        self.start_kill();
        // It is gone, or it never was.
        let _ = self.exited().await;
        self.read_to_end().await;
    }

    async fn end_within(mut self, grace: Duration) {
        match timeout(grace, self.exited()).await {
            Ok(_) => self.read_to_end().await,
            Err(_) => self.kill().await,
        }
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
    if let Some(group) = group.and_then(pid) {
        // It fails only where nobody is left.
        let _ = rustix::process::kill_process_group(group, signal);
    }
}

#[cfg(unix)]
fn pid(id: u32) -> Option<rustix::process::Pid> {
    i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw)
}

impl Drop for Process {
    fn drop(&mut self) {
        self.start_kill();
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_it_left_is_killed_while_its_id_is_its_own() {
        let mut program = Program::new("/bin/sh");
        program.args = ["-c", "sleep 1000 & echo child $!; exit 3"].map(Into::into).into();
        let logs = Arc::new(Logs::new("test", |_, _| {}));
        let mut process = program.spawn(Vec::new(), &logs).expect("there is a shell");
        let id = process.id().expect("it is not reaped");
        process.ended().await.expect("it ends");
        let state = |id: &str| std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        assert!(state(&id.to_string()).contains(") Z "), "its id may be another's already");
        let line = logs.wait_for("child ").await;
        let child = line.rsplit(' ').next().expect("an id");
        while !state(child).contains("(sleep) S ") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }

        assert_eq!(process.exited().await.expect("it has ended").code(), Some(3));
        process.read_to_end().await;
        assert!(process.is_over() && process.id().is_none());
        while state(child).contains("(sleep) S ") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
