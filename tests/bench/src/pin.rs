//! `Pinned`: fixed CPUs for the stand-in and its function, so that the benchmark measures their work and not how the
//! kernel spreads it.

use anyhow::{Context, Result};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// A guard that keeps the calling thread and the processes that it starts on one CPU.
#[derive(Debug)]
pub struct Pinned {
    before: CpuSet,
}

impl Pinned {
    /// Pins the thread to the last CPU that this process may use.
    ///
    /// # Errors
    /// If the kernel refuses.
    pub fn to_one_cpu() -> Result<Self> {
        Self::to_nth_last_cpu(0)
    }

    /// Pins the thread to the CPU before that of [`to_one_cpu`](Self::to_one_cpu).
    ///
    /// # Errors
    /// If this process may use only one, or the kernel refuses.
    pub fn to_another_cpu() -> Result<Self> {
        Self::to_nth_last_cpu(1)
    }

    fn to_nth_last_cpu(n: usize) -> Result<Self> {
        let this_thread = Pid::from_raw(0);
        let before = sched_getaffinity(this_thread)?;
        let mut cpus = (0..CpuSet::count()).rev().filter(|&cpu| before.is_set(cpu) == Ok(true));
        let mut one = CpuSet::new();
        one.set(cpus.nth(n).context("there are too few CPUs")?)?;
        sched_setaffinity(this_thread, &one).context("this process cannot be kept on one CPU")?;
        Ok(Self { before })
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        let _ = sched_setaffinity(Pid::from_raw(0), &self.before);
    }
}

#[cfg(test)]
mod tests {
    use std::thread::available_parallelism;

    use super::*;

    #[test]
    fn a_thread_is_pinned_and_released() {
        let before = available_parallelism().unwrap();
        let pinned = Pinned::to_one_cpu().unwrap();
        assert_eq!(available_parallelism().unwrap().get(), 1);
        drop(pinned);
        assert_eq!(available_parallelism().unwrap(), before);
    }
}
