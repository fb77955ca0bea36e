//! [`Lambda`]: the local Lambda service with all functions of a workspace.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cargo_mayfly::emulator::{Invocation, StreamedReply};
use cargo_metadata::PackageId;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::console::say;
use crate::counted::counted;
use crate::dev::builds::catalog::{Catalog, ServedFunction};
use crate::dev::fleet::execution_environment::Invoked;
use crate::dev::fleet::pool::Pool;
use crate::dev::fleet::running::Running;
use crate::dev::refusal::Refusal;
use crate::opts;

/// The local service: the served functions, their execution environments and the invocations in flight.
#[derive(Debug)]
pub(crate) struct Lambda {
    options: Arc<opts::Dev>,
    state: Mutex<LambdaState>,
}

#[derive(Debug)]
struct LambdaState {
    catalog: Arc<Catalog>,
    pools: HashMap<Key, Arc<Pool>>,
    invocations: JoinSet<()>,
    is_stopping: bool,
}

/// A function: package and name of its binary, and its handler.
type Key = (PackageId, String, String);

impl Lambda {
    /// Creates a service for the functions of a build.
    pub(crate) fn new(options: &Arc<opts::Dev>, catalog: Arc<Catalog>) -> Self {
        let state = LambdaState { catalog, pools: HashMap::new(), invocations: JoinSet::new(), is_stopping: false };
        Self { options: Arc::clone(options), state: Mutex::new(state) }
    }

    /// Returns the function with this name.
    pub(crate) fn find(&self, name: &str) -> Result<ServedFunction, Refusal> {
        self.catalog().find(name)
    }

    /// Returns the functions that are served now.
    pub(crate) fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.state().catalog)
    }

    /// Starts an invocation, which runs to its end even if the receiver is dropped.
    pub(crate) fn invoke(
        &self,
        name: String,
        target: ServedFunction,
        event: Invocation,
    ) -> Result<oneshot::Receiver<Invoked>, Refusal> {
        let (sender, receiver) = oneshot::channel();
        let options = Arc::clone(&self.options);
        let mut state = self.state();
        if state.is_stopping {
            return Err(Refusal::stopping());
        }
        let pool = state.pool(&target, options.concurrency.get());
        while state.invocations.try_join_next().is_some() {}
        state.invocations.spawn(async move {
            let invoked = pool.invoke(&name, &target, &options, event).await;
            invoked.show(&name);
            // The caller may have disconnected.
            let _ = sender.send(invoked);
        });
        Ok(receiver)
    }

    /// Starts an invocation whose caller takes a streamed reply.
    pub(crate) fn stream(
        &self,
        name: String,
        target: ServedFunction,
        mut event: Invocation,
    ) -> Result<Running, Refusal> {
        let (sink, reply) = StreamedReply::new();
        event.stream = Some(sink);
        Ok(Running::new(reply, self.invoke(name, target, event)?))
    }

    /// Replaces the functions by those of another build.
    pub(crate) async fn replace(&self, catalog: Arc<Catalog>) {
        let pools = self.state().replace(catalog);
        for (pool, generation) in pools {
            pool.retire(generation).await;
        }
    }

    /// Aborts all invocations and kills all processes.
    pub(crate) async fn stop(&self) {
        let (mut invocations, pools) = self.state().stop();
        while invocations.try_join_next().is_some() {}
        if !invocations.is_empty() {
            say(format_args!("aborting {}", counted(invocations.len(), "invocation")));
        }
        invocations.shutdown().await;
        let mut retiring = JoinSet::new();
        for pool in pools {
            retiring.spawn(async move { pool.retire(u64::MAX).await });
        }
        retiring.join_all().await;
    }

    fn state(&self) -> MutexGuard<'_, LambdaState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LambdaState {
    fn pool(&mut self, target: &ServedFunction, concurrency: usize) -> Arc<Pool> {
        let binary = &target.artifact.binary;
        let key = (binary.id.clone(), binary.name.clone(), target.handler.clone());
        Arc::clone(self.pools.entry(key).or_insert_with(|| Arc::new(Pool::new(concurrency))))
    }

    /// Replaces the catalog. Returns the pools, each with the oldest build whose execution environments it may keep.
    fn replace(&mut self, catalog: Arc<Catalog>) -> Vec<(Arc<Pool>, u64)> {
        let generation = |(package, name, _): &Key| {
            let mut artifacts = catalog.artifacts.iter();
            let is_of = |binary: &crate::project::metadata::Binary| binary.id == *package && binary.name == *name;
            artifacts.find(|artifact| is_of(&artifact.binary)).map_or(catalog.generation, |found| found.generation)
        };
        let pools = self.pools.iter().map(|(key, pool)| (Arc::clone(pool), generation(key))).collect();
        self.catalog = catalog;
        pools
    }

    fn stop(&mut self) -> (JoinSet<()>, Vec<Arc<Pool>>) {
        self.is_stopping = true;
        (std::mem::take(&mut self.invocations), self.pools.drain().map(|(_, pool)| pool).collect())
    }
}
