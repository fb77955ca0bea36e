//! `Process`: a running function, observed from outside.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use std::{env, thread};

use crate::runtime_api::RuntimeApi;
use crate::wait::until;

/// A process that has yet to start, with its environment.
#[derive(Debug)]
pub struct Launch(Command);

impl Launch {
    /// Sets `_HANDLER`.
    #[must_use]
    pub fn handler(self, path: &str) -> Self {
        self.env("_HANDLER", path)
    }

    /// Sets `AWS_LAMBDA_RUNTIME_API`.
    #[must_use]
    pub fn api(self, api: &RuntimeApi) -> Self {
        self.env("AWS_LAMBDA_RUNTIME_API", &api.address().to_string())
    }

    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.0.env(name, value);
        self
    }

    /// Adds an argument.
    #[must_use]
    pub fn argument(mut self, argument: &str) -> Self {
        self.0.arg(argument);
        self
    }

    /// Starts the process.
    #[must_use]
    pub fn start(mut self) -> Process {
        let (out, stdout) = Output::create();
        let (log, stderr) = Output::create();
        self.0.stdout(stdout).stderr(stderr);
        let child = until("the binary to be ready", || match self.0.spawn() {
            // A child that another thread has just forked may still hold the descriptor that wrote the binary.
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => None,
            outcome => Some(outcome.unwrap_or_else(|error| panic!("{:?}: {error}", self.0))),
        });
        Process { child, out, log }
    }
}

/// A running function; dropping it kills the process.
#[derive(Debug)]
pub struct Process {
    child: Child,
    out: Output,
    log: Output,
}

/// The end of a process, with its whole output.
#[derive(Debug)]
pub struct Exit {
    /// The exit code; absent if a signal ended the process.
    pub code: Option<i32>,
    /// The signal that ended the process, if one did.
    pub signal: Option<i32>,
    /// The whole standard output.
    pub out: String,
    /// The whole standard error.
    pub log: String,
}

impl Process {
    /// Prepares a process of that binary with an empty environment.
    #[must_use]
    pub fn of(binary: &Path) -> Launch {
        let mut command = Command::new(binary);
        command.env_clear().stdin(Stdio::null());
        Launch(command)
    }

    /// Returns the process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Returns the standard error so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Waits until standard error contains `text`, and returns all of it.
    #[must_use]
    pub fn wait_for_log(&self, text: &str) -> String {
        let log = || Some(self.log()).filter(|log| log.contains(text));
        until(&format!("`{text}` in the log"), log)
    }

    /// Whether it is still running.
    #[must_use]
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("a child can be waited for").is_none()
    }

    /// Waits for the process to end.
    #[must_use]
    pub fn exit(mut self) -> Exit {
        let status: ExitStatus = until("the process to end", || self.child.try_wait().expect("it is a child"));
        Exit { code: status.code(), signal: status.signal(), out: self.out.text(), log: self.log.text() }
    }

    /// Counts its threads.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.entries("task").len()
    }

    /// Lists the targets of its descriptors, such as `socket:[7]` or `anon_inode:[eventpoll]`.
    #[must_use]
    pub fn descriptors(&self) -> Vec<String> {
        let links = self.entries("fd").into_iter().filter_map(|path| fs::read_link(path).ok());
        links.map(|target| target.to_string_lossy().into_owned()).collect()
    }

    /// Returns the CPU time that it has used.
    #[must_use]
    pub fn cpu_time(&self) -> Duration {
        let stat = self.proc("stat");
        // The second field may hold anything, but it ends at the last parenthesis; the third field follows.
        let (_, fields) = stat.rsplit_once(") ").expect("stat has a name in parentheses");
        let ticks = fields.split(' ').skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("ticks are a number"));
        // Linux reports a hundred ticks a second to every program, regardless of the kernel's own clock.
        Duration::from_millis(ticks.sum::<u64>() * 10)
    }

    /// Returns its resident memory in KiB.
    #[must_use]
    pub fn resident_kib(&self) -> usize {
        self.memory_kib("VmRSS:")
    }

    /// Returns its peak memory in KiB.
    #[must_use]
    pub fn peak_kib(&self) -> usize {
        self.memory_kib("VmHWM:")
    }

    fn memory_kib(&self, name: &str) -> usize {
        let status = self.proc("status");
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a process has memory");
        line.trim().trim_end_matches(" kB").parse().expect("its size is a number")
    }

    /// Freezes the process, as Lambda does between invocations, and waits until it has stopped.
    pub fn freeze(&self) {
        self.signal("STOP");
        until("the process to stop", || self.proc("status").contains("(stopped)").then_some(()));
    }

    /// Resumes the process.
    pub fn thaw(&self) {
        self.signal("CONT");
    }

    /// Sends SIGTERM.
    pub fn terminate(&self) {
        self.signal("TERM");
    }

    /// Waits until the process sleeps.
    pub fn wait_until_idle(&self) {
        until("the process to be idle", || self.proc("status").contains("(sleeping)").then_some(()));
    }

    fn signal(&self, name: &str) {
        let status = Command::new("sh").args(["-c", &format!("kill -{name} {}", self.pid())]).status();
        assert!(status.is_ok_and(|status| status.success()), "kill -{name}");
    }

    fn proc(&self, file: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{file}", self.pid())).expect("the process is there")
    }

    fn entries(&self, directory: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(format!("/proc/{}/{directory}", self.pid())).expect("the process is there");
        entries.map(|entry| entry.expect("an entry can be read").path()).collect()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("--- log of the process ---\n{}---", self.log());
        }
    }
}

/// An output stream of a process: a file, so that everything which the process has written is there at once. What a
/// thread reads from a pipe would come later than what the process does next.
#[derive(Debug)]
struct Output(PathBuf);

impl Output {
    /// Creates the file, and returns it for the process to write to.
    fn create() -> (Self, File) {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("mayfly-tests-{}-{}", process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let path = env::temp_dir().join(name);
        let file = File::create(&path).expect("a file for the output can be made");
        (Self(path), file)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.0).expect("the output can be read")).into_owned()
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
