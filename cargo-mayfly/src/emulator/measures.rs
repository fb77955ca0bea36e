//! [`Measures`]: the init duration and the memory of the function's process.

use std::time::{Duration, Instant};

/// The id of a process, the duration of its init, and the peak of its memory.
#[derive(Debug)]
pub(crate) struct Measures {
    pub(crate) id: Option<u32>,
    /// The time of its start, until its init has ended.
    started: Option<Instant>,
    pub(crate) init_duration: Option<Duration>,
    pub(crate) peak_memory: Option<u64>,
}

impl Measures {
    /// Starts measuring a process that is started now.
    pub(crate) fn new() -> Self {
        Self { id: None, started: Some(Instant::now()), init_duration: None, peak_memory: None }
    }

    /// Records the end of its init.
    pub(crate) fn end_init(&mut self) {
        if let Some(started) = self.started.take() {
            self.init_duration = Some(started.elapsed());
        }
    }

    /// Reads the peak of its memory. If the process has ended, the last value is kept.
    pub(crate) fn read_memory(&mut self) {
        self.peak_memory = self.id.and_then(peak).or(self.peak_memory);
    }
}

/// Returns the peak memory of a running process in bytes. Only Linux provides it.
fn peak(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_memory() {
        assert!(peak(std::process::id()).unwrap() > 100 * 1024);
    }

    #[test]
    fn a_process_that_does_not_exist_has_no_memory() {
        assert_eq!(peak(u32::MAX), None);
    }
}
