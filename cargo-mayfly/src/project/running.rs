//! [`Running`]: the cargo of a build, which ends with the command.

use std::io;
use std::process::{Child, ChildStdout, Command, ExitStatus};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result, ensure};

static BUILDS: Mutex<Builds> = Mutex::new(Builds { are_over: false, running: Vec::new() });

/// The builds of this process.
struct Builds {
    are_over: bool,
    running: Vec<Arc<Mutex<Child>>>,
}

/// Ends all builds, and keeps further ones from beginning.
///
/// An interrupt need not reach cargo: only a terminal sends it to all processes. A cargo that outlives the command would
/// write to the folder that the command has removed.
pub(crate) fn end_all() {
    let mut builds = held(&BUILDS);
    builds.are_over = true;
    for cargo in &builds.running {
        let mut cargo = held(cargo);
        let _ = cargo.kill().and_then(|()| cargo.wait());
    }
}

/// Fails if all builds have been ended.
pub(crate) fn check() -> Result<()> {
    ensure!(!held(&BUILDS).are_over, "interrupted");
    Ok(())
}

/// A cargo that runs.
#[derive(Debug)]
pub(crate) struct Running(Arc<Mutex<Child>>);

impl Running {
    /// Starts cargo.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let mut builds = held(&BUILDS);
        ensure!(!builds.are_over, "interrupted");
        let cargo = Arc::new(Mutex::new(command.spawn().context("cargo could not be run")?));
        builds.running.push(Arc::clone(&cargo));
        Ok(Self(cargo))
    }

    /// Takes the pipe of its standard output.
    pub(crate) fn output(&self) -> Option<ChildStdout> {
        held(&self.0).stdout.take()
    }

    /// Waits for its end, which is near once its standard output has ended.
    pub(crate) fn wait(self) -> io::Result<ExitStatus> {
        held(&self.0).wait()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        held(&BUILDS).running.retain(|cargo| !Arc::ptr_eq(cargo, &self.0));
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_all_builds_ends_their_cargo_and_lets_no_other_begin() {
        let mut sleep = Command::new("sleep");
        let running = Running::start(sleep.arg("60")).unwrap();
        end_all();
        assert!(!running.wait().unwrap().success());
        assert_eq!(Running::start(&mut sleep).unwrap_err().to_string(), "interrupted");
        assert!(check().is_err());
    }
}
