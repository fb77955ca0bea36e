//! The tokio runtime, built on first need: a sync handler's process never has one.

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

/// Where futures run, if any do.
#[derive(Clone, Debug, Default)]
pub struct Executor {
    #[cfg(feature = "async")]
    runtime: Option<Arc<Unwaiting>>,
    /// Whether the runtime has threads of its own. One without stands still whenever nobody waits inside it.
    #[cfg(feature = "async")]
    has_threads: bool,
}

#[cfg(feature = "async")]
impl Executor {
    /// Builds a runtime on the calling thread.
    ///
    /// # Errors
    /// `Runtime.InitError`, when the operating system has no descriptor left for it.
    pub(crate) fn build() -> Result<Self, Error> {
        Builder::new_current_thread().enable_all().build().map(Self::on).map_err(|error| not_started(&error))
    }

    /// Uses a runtime of the user's.
    pub(crate) fn on(runtime: Runtime) -> Self {
        let has_threads = runtime.handle().runtime_flavor() != RuntimeFlavor::CurrentThread;
        Self { runtime: Some(Arc::new(Unwaiting(Some(runtime)))), has_threads }
    }

    /// Prepares for several pollers: a runtime without threads gets one, so that no handler that computes keeps the
    /// timers and sockets of the others waiting. (tokio's own workers are not compiled in: their scheduler would load libm
    /// before each `main`, a tenth of a cold start.)
    ///
    /// # Errors
    /// `Runtime.InitError`, when the operating system has no thread left for it.
    pub(crate) fn share(&mut self) -> Result<(), Error> {
        let Some(runtime) = self.runtime.clone().filter(|_| !self.has_threads) else { return Ok(()) };
        let drive = move || runtime.block_on(pending::<()>());
        thread::Builder::new().name("tokio".to_owned()).spawn(drive).map_err(|error| not_started(&error))?;
        self.has_threads = true;
        Ok(())
    }

    /// Whether the calling thread is inside a runtime already.
    pub(crate) fn is_entered() -> bool {
        Handle::try_current().is_ok()
    }

    /// The runtime, where it stands still unless our own waits drive it.
    pub(crate) fn to_drive(&self) -> Option<&Arc<Unwaiting>> {
        self.runtime.as_ref().filter(|_| !self.has_threads)
    }

    /// Whether threads of the runtime's own run the user's tasks.
    #[cfg(feature = "trace-env")]
    pub(crate) fn has_threads(&self) -> bool {
        self.has_threads
    }

    /// Lets some time pass, in which the runtime's tasks go on.
    pub(crate) fn sleep(&self, pause: Duration) {
        match self.to_drive() {
            Some(runtime) => runtime.block_on(async { tokio::time::sleep(pause).await }),
            None => thread::sleep(pause),
        }
    }

    /// Runs a future to its end on the calling thread.
    ///
    /// # Panics
    /// If no runtime was built: [`run`](crate::run) builds one whenever the selected handler or an init it needs is
    /// async, and only those come here.
    pub fn block_on<T>(&self, future: Pin<&mut dyn Future<Output = T>>) -> T {
        let runtime = self.runtime.as_ref().expect("an async function runs only where a runtime was built");
        if self.has_threads { runtime.wait(future) } else { runtime.block_on(future) }
    }

    /// Runs `f` inside the runtime's context, so that it may spawn tasks, if there is a runtime.
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

/// A runtime that is dropped without waiting for blocking tasks which the user's code left behind: a process that is to
/// end must end.
#[cfg(feature = "async")]
#[derive(Debug)]
pub(crate) struct Unwaiting(Option<Runtime>);

#[cfg(feature = "async")]
impl Unwaiting {
    /// Runs a future to its end on the calling thread, which drives the runtime meanwhile.
    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.run(Self::drive, future)
    }

    /// Runs a future to its end while another thread drives the runtime.
    fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.run(|runtime, future| runtime.handle().block_on(future), future)
    }

    /// Whatever a future's type is, what tokio does with it is compiled once: it is some kilobytes.
    fn run<T>(&self, run: fn(&Self, Pin<&mut dyn Future<Output = ()>>), future: impl Future<Output = T>) -> T {
        let mut output = None;
        run(self, pin!(async { output = Some(future.await) }));
        output.expect("the future has come to its end")
    }

    fn drive(&self, future: Pin<&mut dyn Future<Output = ()>>) {
        (**self).block_on(future);
    }
}

#[cfg(feature = "async")]
impl Deref for Unwaiting {
    type Target = Runtime;

    fn deref(&self) -> &Runtime {
        self.0.as_ref().expect("the runtime is there until it is dropped")
    }
}

#[cfg(feature = "async")]
impl Drop for Unwaiting {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(not(feature = "async"))]
#[expect(clippy::unused_self, reason = "as with the feature")]
impl Executor {
    /// Nothing to build: without the feature `async` no async function compiles.
    #[expect(clippy::unnecessary_wraps, reason = "as with the feature")]
    pub(crate) fn build() -> Result<Self, Error> {
        Ok(Self::default())
    }

    /// Nothing to prepare.
    #[expect(clippy::unnecessary_wraps, reason = "as with the feature")]
    pub(crate) fn share(&mut self) -> Result<(), Error> {
        Ok(())
    }

    pub(crate) fn is_entered() -> bool {
        false
    }

    /// Without the feature `async` there is no runtime.
    #[cfg(feature = "trace-env")]
    pub(crate) fn has_threads(&self) -> bool {
        false
    }

    /// Lets some time pass: without the feature `async` there is no task to go on.
    pub(crate) fn sleep(&self, pause: Duration) {
        thread::sleep(pause);
    }

    /// Runs `f`: without the feature `async` there is no runtime to enter.
    pub(crate) fn enter<T>(&self, f: impl FnOnce() -> T) -> T {
        f()
    }
}
