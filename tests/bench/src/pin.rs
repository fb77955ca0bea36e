//! One CPU for the stand-in and its function: what is measured is then the work of both, and not how the kernel
//! spreads it.

use anyhow::{Context, Result};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// Keeps the calling thread, and processes that it starts, on one CPU until it is dropped.
#[derive(Debug)]
pub struct Pinned {
    before: CpuSet,
}

impl Pinned {
    /// Takes the last CPU that this process may use.
    ///
    /// # Errors
    /// If the kernel refuses.
    pub fn to_one_cpu() -> Result<Self> {
        let this_thread = Pid::from_raw(0);
        let before = sched_getaffinity(this_thread)?;
        let last = (0..CpuSet::count()).rev().find(|&cpu| before.is_set(cpu) == Ok(true)).context("there is no CPU")?;
        let mut one = CpuSet::new();
        one.set(last)?;
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
    fn pinned_to_one_and_let_go() {
        let before = available_parallelism().unwrap();
        let pinned = Pinned::to_one_cpu().unwrap();
        assert_eq!(available_parallelism().unwrap().get(), 1);
        drop(pinned);
        assert_eq!(available_parallelism().unwrap(), before);
    }
}
