//! [`Program`] and [`Process`]: starts and stops the function's process.

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

/// The program of a function, which is `bootstrap` on Lambda.
#[derive(Clone, Debug)]
pub struct Program {
    /// The path of the executable.
    pub path: PathBuf,
    /// The arguments, of which there are none on Lambda.
    pub args: Vec<OsString>,
    /// The working directory; the default is that of the caller.
    pub directory: Option<PathBuf>,
    /// The environment variables of the caller that are removed.
    pub hidden_variables: Vec<String>,
    /// Is called with the function's name and each line of its standard output and error.
    pub on_log: OnLog,
}

impl Program {
    /// Creates a program without arguments, in the directory and environment of the caller.
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

    /// Returns the directory of the executable, which is the value of `LAMBDA_TASK_ROOT`.
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
        // A process group of its own, so that its child processes can be killed with it.
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

/// A running program, which is killed on drop.
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

    /// Waits until the logs have everything that the process wrote before its last request.
    pub(crate) async fn drain(&self) {
        let all = async {
            for drains in &self.drains {
                let (drain, drained) = oneshot::channel();
                // Without a reader, the pipe is closed and empty.
                if drains.send(drain).await.is_ok() {
                    let _ = drained.await;
                }
            }
        };
        // A process that writes continuously would never be drained.
        let _ = timeout(TERMINATION_GRACE, all).await;
    }

    /// Returns the id, until the process is known to have ended.
    pub(crate) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Returns whether the process has ended, and kills its children then.
    pub(crate) fn is_over(&mut self) -> bool {
        if !self.has_ended() {
            return false;
        }
        signal_kill(self.id());
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits for the end of the process and kills its children. This happens before the process is reaped: afterwards
    /// its id, which is also that of the group, may belong to another process.
    pub(crate) async fn exited(&mut self) -> io::Result<ExitStatus> {
        self.ended().await?;
        signal_kill(self.id());
        self.child.wait().await
    }

    /// Waits until the logs have everything that the process wrote.
    pub(crate) async fn read_to_end(&mut self) {
        // Children outside of the group may keep the pipes open for ever.
        let _ = timeout(TERMINATION_GRACE, async { while self.readers.join_next().await.is_some() {} }).await;
    }

    /// Waits for the end of the process without reaping it, so that its id stays its own.
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

    /// Returns whether the process has ended, without reaping it.
    #[cfg(unix)]
    fn has_ended(&self) -> bool {
        use rustix::process::{WaitId, WaitIdOptions, waitid};

        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let id = self.id().and_then(pid);
        // Without an id, or if the system does not know the process, it was reaped already.
        id.is_none_or(|id| !matches!(waitid(WaitId::Pid(id), options), Ok(None)))
    }

    #[cfg(not(unix))]
    fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits briefly for the end of the process, then kills it.
    pub(crate) async fn end(self) {
        self.end_within(2 * TERMINATION_GRACE).await;
    }

    /// Sends SIGTERM, as Lambda does if an extension is registered, and kills the process after the grace period.
    pub(crate) async fn terminate(self) {
        signal_term(self.id());
        self.end_within(TERMINATION_GRACE).await;
    }

    /// Kills the process and its children.
    pub(crate) async fn kill(mut self) {
        self.start_kill();
        // An error means that it has ended already.
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
        // An error means that it has ended already.
        let _ = self.child.start_kill();
    }
}

/// Kills the group of a process. Children do not end with their parent, so this is also called after its end.
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
        // An error means that the group is empty.
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
    async fn children_are_killed_before_the_process_is_reaped() {
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
