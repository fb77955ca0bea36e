//! A running `cargo mayfly dev`, its output and its callers.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::cargo::CARGO;
use crate::http::{self, Response};

/// The time after which a test fails instead of waiting. It includes a first build.
pub(crate) const LONG: Duration = Duration::from_secs(300);

/// A running `cargo mayfly dev`.
pub(crate) struct DevServer {
    pub(crate) child: Child,
    pub(crate) address: String,
    said: Arc<(Mutex<Vec<String>>, Condvar)>,
}

impl DevServer {
    /// Starts the server on free ports, unless the arguments have one for HTTP functions, and waits until it listens.
    pub(crate) fn start(directory: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mayfly"));
        command.current_dir(directory).args(["dev", "--port", "0"]).args(arguments).env_remove("LOGLEVEL");
        if !arguments.contains(&"--http-port") {
            command.args(["--http-port", "0"]);
        }
        if Path::new(env!("CARGO_MANIFEST_DIR")).parent() == Some(directory) {
            command.env("CARGO", CARGO);
        }
        command.envs(variables.iter().copied()).stdin(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the command can be run");
        let said = Arc::<(Mutex<Vec<String>>, Condvar)>::default();
        let (stderr, lines) = (child.stderr.take().expect("it is piped"), Arc::clone(&said));
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                lines.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                lines.1.notify_all();
            }
        });
        let mut server = Self { child, address: String::new(), said };
        let line = server.says("listening on http://");
        let address = line.split(['/', ',']).find(|part| part.starts_with("127."));
        address.expect("an address").clone_into(&mut server.address);
        server
    }

    /// Waits for a line that contains the text.
    pub(crate) fn says(&self, text: &str) -> String {
        let (lines, changed) = &*self.said;
        let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        let until = Instant::now() + LONG;
        loop {
            if let Some(line) = lines.iter().find(|line| line.contains(text)) {
                return line.clone();
            }
            assert!(Instant::now() < until, "nothing says `{text}`: {lines:#?}");
            lines = changed.wait_timeout(lines, Duration::from_secs(1)).expect("no reader panics").0;
        }
    }

    /// Counts the lines so far that contain the text.
    pub(crate) fn count(&self, text: &str) -> usize {
        self.said().iter().filter(|line| line.contains(text)).count()
    }

    /// Returns all lines so far.
    pub(crate) fn said(&self) -> Vec<String> {
        self.said.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Invokes a function and waits for the response.
    pub(crate) fn invoke(&self, name: &str, body: &str) -> Response {
        self.call(name, &[], body.as_bytes())
    }

    /// Sends an invocation with these headers.
    pub(crate) fn call(&self, name: &str, headers: &[(&str, &str)], body: &[u8]) -> Response {
        http::send(&self.address, "POST", &path(name), headers, body)
    }

    /// Returns the ids of the functions' processes.
    pub(crate) fn functions(&self) -> Vec<u32> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.child.id())).expect("it is running");
        let children = threads.filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("children")).ok());
        let children = children.collect::<Vec<_>>().join(" ");
        children.split_whitespace().filter_map(|id| id.parse().ok()).filter(|id| is_function(*id)).collect()
    }

    /// Sends a signal, waits for the end of the server, and returns its exit code.
    pub(crate) fn end(&mut self, name: &str) -> Option<i32> {
        signal(self.child.id(), name);
        wait_for("the end", || self.child.try_wait().expect("it can be waited for")).code()
    }
}

impl Drop for DevServer {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            signal(self.child.id(), "TERM");
            // The test is over, so an error does not matter.
            let _ = self.child.wait();
        }
    }
}

/// Returns the path of an invocation.
pub(crate) fn path(name: &str) -> String {
    format!("/2015-03-31/functions/{name}/invocations")
}

/// Returns whether a process is running an executable of `dev`.
pub(crate) fn is_function(id: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let executable = fs::read_link(format!("/proc/{id}/exe")).unwrap_or_default();
    !status.contains(") Z ") && executable.to_string_lossy().contains("/.mayfly/")
}

/// Sends a signal to a process.
pub(crate) fn signal(id: u32, name: &str) {
    let killed = Command::new("sh").args(["-c", &format!("kill -{name} {id}")]).status();
    assert!(killed.is_ok_and(|status| status.success()));
}

/// Calls `look` until it returns something.
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + LONG;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < until, "no {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
