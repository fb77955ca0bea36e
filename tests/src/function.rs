//! A function's process, and what can be seen of it from outside.

use std::fs;
use std::io::{ErrorKind, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::api::Api;
use crate::wait::until;

/// A process to be.
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
    pub fn api(self, api: &Api) -> Self {
        self.env("AWS_LAMBDA_RUNTIME_API", &api.address().to_string())
    }

    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.0.env(name, value);
        self
    }

    /// Starts the process.
    #[must_use]
    pub fn start(mut self) -> Function {
        let mut child = until("the binary to be ready", || match self.0.spawn() {
            // A child that another thread has just forked may still hold the descriptor the binary was written by.
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => None,
            outcome => Some(outcome.unwrap_or_else(|error| panic!("{:?}: {error}", self.0))),
        });
        let out = Output::of(child.stdout.take().expect("stdout is piped"));
        let log = Output::of(child.stderr.take().expect("stderr is piped"));
        Function { child, out, log }
    }
}

/// A running process of a function; ended when it is dropped.
#[derive(Debug)]
pub struct Function {
    child: Child,
    out: Output,
    log: Output,
}

/// How a process ended, with all it wrote.
#[derive(Debug)]
pub struct Exit {
    /// The exit code, if it was not a signal.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// All of its standard output.
    pub out: String,
    /// All of its standard error.
    pub log: String,
}

impl Function {
    /// A process of that binary, with nothing in its environment.
    #[must_use]
    pub fn of(binary: &Path) -> Launch {
        let mut command = Command::new(binary);
        command.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Launch(command)
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has written to standard error so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Waits until standard error has `text`, and returns all of it.
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

    /// Waits for its end.
    #[must_use]
    pub fn exit(mut self) -> Exit {
        let status: ExitStatus = until("the process to end", || self.child.try_wait().expect("it is a child"));
        Exit { code: status.code(), signal: status.signal(), out: self.out.all(), log: self.log.all() }
    }

    /// How many threads it has.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.entries("task").len()
    }

    /// What its descriptors are: `socket:[7]`, `anon_inode:[eventpoll]`.
    #[must_use]
    pub fn descriptors(&self) -> Vec<String> {
        let links = self.entries("fd").into_iter().filter_map(|path| fs::read_link(path).ok());
        links.map(|target| target.to_string_lossy().into_owned()).collect()
    }

    /// The CPU time it has used.
    #[must_use]
    pub fn cpu_time(&self) -> Duration {
        let stat = self.proc("stat");
        // The second field may hold anything, but ends with the last parenthesis; then come the fields from 3 on.
        let (_, fields) = stat.rsplit_once(") ").expect("stat has a name in parentheses");
        let ticks = fields.split(' ').skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("ticks are a number"));
        // Linux counts a hundred of them a second for every program, whatever its own clock does.
        Duration::from_millis(ticks.sum::<u64>() * 10)
    }

    /// Its resident memory, in KiB.
    #[must_use]
    pub fn resident_kib(&self) -> usize {
        let status = self.proc("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a process has memory");
        line.trim().trim_end_matches(" kB").parse().expect("its size is a number")
    }

    /// Freezes it, as Lambda does between invocations, and waits until it stands still.
    pub fn freeze(&self) {
        self.signal("STOP");
        until("the process to stop", || self.proc("status").contains("(stopped)").then_some(()));
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal("CONT");
    }

    /// Asks it to end, with SIGTERM.
    pub fn terminate(&self) {
        self.signal("TERM");
    }

    /// Waits until it sleeps: until it has nothing to do but to wait.
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

    fn entries(&self, directory: &str) -> Vec<std::path::PathBuf> {
        let entries = fs::read_dir(format!("/proc/{}/{directory}", self.pid())).expect("the process is there");
        entries.map(|entry| entry.expect("an entry can be read").path()).collect()
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("--- log of the function ---\n{}---", self.log());
        }
    }
}

/// A stream of a process, read as it comes.
#[derive(Debug)]
struct Output {
    text: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Output {
    fn of(mut stream: impl Read + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let growing = Arc::clone(&text);
        let reader = thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(amount @ 1..) = stream.read(&mut buffer) {
                growing.lock().expect("no reader panics").extend(&buffer[..amount]);
            }
        });
        Self { text, reader: Some(reader) }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.text.lock().expect("no reader panics")).into_owned()
    }

    fn all(&mut self) -> String {
        self.reader.take().expect("it is asked for once").join().expect("no reader panics");
        self.text()
    }
}
