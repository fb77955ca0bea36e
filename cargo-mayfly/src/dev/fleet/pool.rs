//! [`Pool`]: the execution environments of one function.

use std::sync::{Mutex, MutexGuard, PoisonError};

use cargo_mayfly::emulator::Invocation;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::dev::builds::catalog::ServedFunction;
use crate::dev::fleet::execution_environment::{ExecutionEnvironment, Invoked};
use crate::opts;

/// The idle execution environments of a function, and the permits for concurrent invocations.
#[derive(Debug)]
pub(crate) struct Pool {
    permits: Semaphore,
    idle: Mutex<Idle>,
}

#[derive(Debug, Default)]
struct Idle {
    environments: Vec<ExecutionEnvironment>,
    /// The oldest build whose environments are kept.
    generation: u64,
}

impl Pool {
    /// Creates a pool that runs at most this many invocations at once.
    pub(crate) fn new(concurrency: usize) -> Self {
        Self { permits: Semaphore::new(concurrency), idle: Mutex::default() }
    }

    /// Runs an invocation in an idle execution environment, or in a new one.
    pub(crate) async fn invoke(
        &self,
        name: &str,
        target: &ServedFunction,
        options: &opts::Dev,
        event: Invocation,
    ) -> Invoked {
        // The semaphore is never closed.
        let _permit = self.permits.acquire().await;
        let environment = match self.take(target.artifact.generation) {
            Some(environment) => environment,
            None => match ExecutionEnvironment::start(name, target, options).await {
                Ok(environment) => environment,
                Err(error) => return Invoked::not_started(&error),
            },
        };
        let invoked = environment.invoke(event).await;
        if let Some(outdated) = self.put_back(environment) {
            outdated.function.stop().await;
        }
        invoked
    }

    /// Stops the environments of older builds: idle ones now, the others after their invocations.
    pub(crate) async fn retire(&self, generation: u64) {
        let mut stopping = JoinSet::new();
        for outdated in self.outdated(generation) {
            stopping.spawn(async move { outdated.function.stop().await });
        }
        stopping.join_all().await;
    }

    fn outdated(&self, generation: u64) -> Vec<ExecutionEnvironment> {
        let mut idle = self.idle();
        idle.generation = generation;
        idle.environments.extract_if(.., |environment| environment.artifact.generation < generation).collect()
    }

    /// Takes the environment that was used last, so that as few as possible are in use.
    fn take(&self, generation: u64) -> Option<ExecutionEnvironment> {
        let mut idle = self.idle();
        let last = idle.environments.iter().rposition(|environment| environment.artifact.generation == generation)?;
        Some(idle.environments.remove(last))
    }

    /// Puts an environment back, or returns it if its build is too old.
    fn put_back(&self, environment: ExecutionEnvironment) -> Option<ExecutionEnvironment> {
        let mut idle = self.idle();
        if environment.artifact.generation < idle.generation {
            return Some(environment);
        }
        idle.environments.push(environment);
        None
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
