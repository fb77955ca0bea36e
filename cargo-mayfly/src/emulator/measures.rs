//! What is measured of the function's process.

use std::time::{Duration, Instant};

/// A process, how long its init took, and the most memory it was seen to hold.
#[derive(Debug)]
pub(crate) struct Measures {
    pub(crate) id: Option<u32>,
    /// When it was started, until its init is over.
    started: Option<Instant>,
    pub(crate) init_duration: Option<Duration>,
    pub(crate) peak_memory: Option<u64>,
}

impl Measures {
    /// Of a process that is started now.
    pub(crate) fn new() -> Self {
        Self { id: None, started: Some(Instant::now()), init_duration: None, peak_memory: None }
    }

    pub(crate) fn ends_init(&mut self) {
        if let Some(started) = self.started.take() {
            self.init_duration = Some(started.elapsed());
        }
    }

    /// A process that is gone tells nothing: then the last look counts.
    pub(crate) fn look_at_memory(&mut self) {
        self.peak_memory = self.id.and_then(peak).or(self.peak_memory);
    }
}

/// The most memory that a living process ever held, in bytes. Only Linux tells.
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
    fn this_process_holds_more_than_nothing() {
        assert!(peak(std::process::id()).unwrap() > 100 * 1024);
    }

    #[test]
    fn a_process_that_is_not_there_holds_nothing() {
        assert_eq!(peak(u32::MAX), None);
    }
}
