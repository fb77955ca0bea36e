//! `Executor`: the tokio runtime, if the process has one. A process whose code is all sync builds none.

#[cfg(feature = "async")]
use std::future::pending;
#[cfg(feature = "async")]
use std::ops::Deref;
#[cfg(feature = "async")]
use std::pin::{Pin, pin};
#[cfg(feature = "async")]
use std::sync::Arc;
use std::thread;
use std::time::Duration;

#[cfg(feature = "async")]
use tokio::runtime::{Builder, Handle, Runtime, RuntimeFlavor};

use crate::error::Error;

/// The tokio runtime of the process, if it has one.
#[derive(Clone, Debug, Default)]
pub struct Executor {
    #[cfg(feature = "async")]
    runtime: Option<Arc<BackgroundShutdown>>,
    /// Whether threads of its own drive the runtime. Without them, its tasks make progress only during a `block_on`.
    #[cfg(feature = "async")]
    has_threads: bool,
}

#[cfg(feature = "async")]
impl Executor {
    /// Builds a current-thread runtime. Returns `Runtime.InitError` if the process has no file descriptor left.
    pub(crate) fn build() -> Result<Self, Error> {
        Builder::new_current_thread().enable_all().build().map(Self::on).map_err(|error| not_started(&error))
    }

    /// Wraps the user's own runtime.
    pub(crate) fn on(runtime: Runtime) -> Self {
        let has_threads = runtime.handle().runtime_flavor() != RuntimeFlavor::CurrentThread;
        Self { runtime: Some(Arc::new(BackgroundShutdown(Some(runtime)))), has_threads }
    }

    /// Prepares the runtime for several pollers: starts a thread that drives a current-thread runtime, so that a
    /// handler that computes does not delay the timers and sockets of the others. (tokio's own workers are not compiled
    /// in: their scheduler would load libm before each `main`, which is a tenth of a cold start.) Returns
    /// `Runtime.InitError` if the operating system has no thread left.
    pub(crate) fn share(&mut self) -> Result<(), Error> {
        let Some(runtime) = self.runtime.clone().filter(|_| !self.has_threads) else { return Ok(()) };
        let drive = move || runtime.block_on(pending::<()>());
        thread::Builder::new().name("tokio".to_owned()).spawn(drive).map_err(|error| not_started(&error))?;
        self.has_threads = true;
        Ok(())
    }

    /// Returns the runtime, if there is one.
    pub(crate) fn runtime(&self) -> Option<&Arc<BackgroundShutdown>> {
        self.runtime.as_ref()
    }

    /// Returns whether there is a runtime.
    pub(crate) fn has_runtime(&self) -> bool {
        self.runtime.is_some()
    }

    /// Returns whether the calling thread is already inside a runtime.
    pub(crate) fn is_inside_runtime() -> bool {
        Handle::try_current().is_ok()
    }

    /// Returns the runtime if no thread of its own drives it, so that Mayfly's own waits must drive it.
    pub(crate) fn threadless_runtime(&self) -> Option<&Arc<BackgroundShutdown>> {
        self.runtime.as_ref().filter(|_| !self.has_threads)
    }

    /// Returns whether the runtime has threads of its own, which run the user's tasks.
    #[cfg(feature = "trace-env")]
    pub(crate) fn has_threads(&self) -> bool {
        self.has_threads
    }

    /// Sleeps for `pause`, while the runtime's tasks continue.
    pub(crate) fn sleep(&self, pause: Duration) {
        match self.threadless_runtime() {
            Some(runtime) => runtime.block_on(async { tokio::time::sleep(pause).await }),
            None => thread::sleep(pause),
        }
    }

    /// Runs a future to completion on the calling thread.
    ///
    /// # Panics
    /// Panics if no runtime was built. Only async handlers and inits call this method, and [`run`](crate::run) builds a
    /// runtime whenever the selected handler or an init that it needs is async.
    pub fn block_on<T>(&self, future: Pin<&mut dyn Future<Output = T>>) -> T {
        let runtime = self.runtime.as_ref().expect("an async function runs only where a runtime was built");
        if self.has_threads { runtime.block_on_handle(future) } else { runtime.block_on(future) }
    }

    /// Runs `f` in the context of the runtime, if there is one, so that `f` can spawn tasks.
    pub(crate) fn enter<T>(&self, f: impl FnOnce() -> T) -> T {
        let _context = self.runtime.as_ref().map(|runtime| runtime.enter());
        f()
    }
}

#[cfg(feature = "async")]
fn not_started(error: &std::io::Error) -> Error {
    let message = format!("Initialization error: the tokio runtime could not be built: {error}");
    Error::runtime("Runtime.InitError", message)
}

/// A tokio runtime that shuts down in the background when it is dropped: blocking tasks which the user's code left
/// behind must not keep the process from ending.
#[cfg(feature = "async")]
#[derive(Debug)]
pub(crate) struct BackgroundShutdown(Option<Runtime>);

#[cfg(feature = "async")]
impl BackgroundShutdown {
    /// Runs a future to completion on the calling thread, which drives the runtime meanwhile.
    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.run(Self::drive, future)
    }

    /// Runs a future to completion on the calling thread, while another thread drives the runtime.
    fn block_on_handle<T>(&self, future: impl Future<Output = T>) -> T {
        self.run(|runtime, future| runtime.handle().block_on(future), future)
    }

    /// Runs a future to completion as a `dyn Future<Output = ()>`, so that some kilobytes of tokio's code are compiled
    /// once and not for each type of future.
    fn run<T>(&self, run: fn(&Self, Pin<&mut dyn Future<Output = ()>>), future: impl Future<Output = T>) -> T {
        let mut output = None;
        run(self, pin!(async { output = Some(future.await) }));
        output.expect("the future is complete")
    }

    fn drive(&self, future: Pin<&mut dyn Future<Output = ()>>) {
        (**self).block_on(future);
    }
}

#[cfg(feature = "async")]
impl Deref for BackgroundShutdown {
    type Target = Runtime;

    fn deref(&self) -> &Runtime {
        self.0.as_ref().expect("the runtime exists until it is dropped")
    }
}

#[cfg(feature = "async")]
impl Drop for BackgroundShutdown {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(not(feature = "async"))]
#[expect(clippy::unused_self, reason = "as with the feature")]
impl Executor {
    /// Returns an executor without a runtime: without the feature `async`, no async function compiles.
    #[expect(clippy::unnecessary_wraps, reason = "as with the feature")]
    pub(crate) fn build() -> Result<Self, Error> {
        Ok(Self::default())
    }

    /// Does nothing: there is no runtime.
    #[expect(clippy::unnecessary_wraps, reason = "as with the feature")]
    pub(crate) fn share(&mut self) -> Result<(), Error> {
        Ok(())
    }

    /// Returns false: without the feature `async`, there is no runtime.
    pub(crate) fn has_runtime(&self) -> bool {
        false
    }

    pub(crate) fn is_inside_runtime() -> bool {
        false
    }

    /// Returns false: without the feature `async`, there is no runtime.
    #[cfg(feature = "trace-env")]
    pub(crate) fn has_threads(&self) -> bool {
        false
    }

    /// Sleeps for `pause`: without the feature `async`, there are no tasks that must continue.
    pub(crate) fn sleep(&self, pause: Duration) {
        thread::sleep(pause);
    }

    /// Runs `f`: without the feature `async`, there is no runtime to enter.
    pub(crate) fn enter<T>(&self, f: impl FnOnce() -> T) -> T {
        f()
    }
}
