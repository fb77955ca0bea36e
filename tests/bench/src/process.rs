//! `Process`: a process of a function and the resources that it used.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::signal::{Signal, kill};
use nix::time::clock_getcpuclockid;
use nix::unistd::Pid;

use crate::contender::Contender;

/// The longest time that a process may take to end.
const PATIENCE: Duration = Duration::from_secs(20);

/// The way to start a function.
#[derive(Clone, Debug, Default)]
pub struct Launch {
    /// A program to run the function under, with its arguments.
    pub under: Vec<String>,
    /// The number of invocations that the function takes at a time.
    pub at_once: Option<usize>,
}

/// A process of a function; dropping it ends the process.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: File,
}

impl Process {
    /// Starts a function. Its output stays in memory, so that the start includes no work of a file system.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(contender: Contender, executable: &Path, api: SocketAddr, launch: &Launch) -> Result<Self> {
        let log = File::from(memfd_create("log", MFdFlags::MFD_CLOEXEC).context("there is no memory for a log")?);
        let words: Vec<_> = launch.under.iter().map(AsRef::as_ref).chain([executable.as_os_str()]).collect();
        let mut command = Command::new(words[0]);
        command
            .args(&words[1..])
            .env_clear()
            .envs(environment(contender, api))
            .envs(launch.at_once.map(|most| ("AWS_LAMBDA_MAX_CONCURRENCY", most.to_string())))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log.try_clone()?);
        let child = command.spawn().with_context(|| format!("{} cannot be started", words[0].display()))?;
        Ok(Self { child, log })
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    /// Returns the CPU time of all threads.
    ///
    /// # Errors
    /// If it is gone.
    pub fn cpu_time(&self) -> Result<Duration> {
        Ok(clock_getcpuclockid(self.pid())?.now()?.into())
    }

    /// Returns the number of page faults.
    ///
    /// # Errors
    /// If it is gone.
    pub fn page_faults(&self) -> Result<u64> {
        let stat = self.proc("stat")?;
        // The second field may hold anything, but it ends at the last parenthesis; the third field follows.
        let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
        fields.split(' ').nth(7).and_then(|faults| faults.parse().ok()).context("/proc/…/stat has no page faults")
    }

    /// Returns the peak memory in KiB.
    ///
    /// # Errors
    /// If it is gone.
    pub fn peak_memory(&self) -> Result<u64> {
        let status = self.proc("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak.context("/proc/…/status has no VmHWM")
    }

    fn proc(&self, file: &str) -> Result<String> {
        let path = format!("/proc/{}/{file}", self.child.id());
        fs::read_to_string(&path).map_err(|_| anyhow!("the function has ended; it said: {}", self.output()))
    }

    /// Returns the beginning of its standard output and standard error.
    fn output(&self) -> String {
        // The process shares the offset of the file, which must not move.
        let mut output = vec![0; 64 << 10];
        let length = self.log.read_at(&mut output, 0).unwrap_or_default();
        output.truncate(length);
        String::from_utf8_lossy(&output).trim_end().to_owned()
    }

    /// Ends the process with SIGTERM, so that tools around it can still write their counts.
    ///
    /// # Errors
    /// If it does not end.
    pub fn terminate(mut self) -> Result<ExitStatus> {
        kill(self.pid(), Signal::SIGTERM)?;
        self.exit()
    }

    /// Waits for the process to end.
    ///
    /// # Errors
    /// If it does not end.
    pub fn exit(&mut self) -> Result<ExitStatus> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            thread::sleep(Duration::from_millis(2));
        }
        Err(anyhow!("the function does not end; it said: {}", self.output()))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the environment of a function on Lambda.
fn environment(contender: Contender, api: SocketAddr) -> [(&'static str, String); 9] {
    [
        ("PATH", std::env::var("PATH").unwrap_or_default()),
        ("AWS_LAMBDA_RUNTIME_API", api.to_string()),
        ("_HANDLER", contender.handler()),
        ("AWS_LAMBDA_FUNCTION_NAME", "bench".to_owned()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench".to_owned()),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/25/[$LATEST]0123456789abcdef".to_owned()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn a_process_is_observed_and_ended() {
        // The name of the script is the path of an executable, which the script does not run.
        let under = ["sh", "-c", "echo $_HANDLER; exec sleep 60"].map(str::to_owned).to_vec();
        let api = SocketAddr::from(([127, 0, 0, 1], 9));
        let launch = Launch { under, ..Launch::default() };
        let process = Process::start(Contender::Sync, Path::new("script"), api, &launch).unwrap();
        assert!(process.cpu_time().unwrap() < Duration::from_secs(10));
        assert!(process.page_faults().unwrap() > 0);
        assert!((1..1_000_000).contains(&process.peak_memory().unwrap()));
        while process.output() != "mayfly_sync::take" {
            thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(process.terminate().unwrap().signal(), Some(Signal::SIGTERM as i32));
    }
}
