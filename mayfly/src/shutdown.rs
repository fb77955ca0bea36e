//! The end of the process at SIGTERM: the functions under `#[mayfly::shutdown]` run on a thread that waits for it.
//!
//! The thread has a runtime of its own for async functions. On the runtime of the handlers they would have to wait for
//! a handler that computes, and Lambda kills the process half a second after SIGTERM.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::{process, thread};

use signal_hook::consts::SIGTERM;
use signal_hook::low_level::pipe;

use crate::counted::counted;
use crate::executor::Executor;
use crate::invocation::state::Store;
use crate::panic::caught::contain;
use crate::registry::hook::{self, Hook, Moment, Start};
use crate::runtime_api::extension;

/// The error type of a panic.
const PANIC: &str = "Runtime.HandlerPanic";

/// Prepares for SIGTERM, if there is a shutdown function whose states are built. It must be called before the first
/// `/next`, since Lambda accepts extensions only during init.
pub(crate) fn prepare(start: &Start<'_>) {
    let functions = hook::applicable(Moment::Shutdown, start.states);
    if functions.is_empty() {
        return;
    }
    // Managed Instances refuse internal extensions, and a function that registers one cannot start there.
    let extension = start.env.max_concurrency.is_none().then(|| extension::register(start.endpoint));
    if let Some(Err(error)) = &extension {
        contain(|| {
            log::warn!(
                "the extension that asks for SIGTERM could not be registered, so the functions under \
                 `#[mayfly::shutdown]` may not run: {error}"
            );
        });
    }
    let states = start.states.clone();
    let end = move |mut signal: UnixStream| {
        let _extension = extension;
        if signal.read_exact(&mut [0]).is_ok() {
            run(&functions, &states);
            process::exit(0);
        }
    };
    if let Err(error) = on_sigterm(end) {
        contain(|| log::warn!("the functions under `#[mayfly::shutdown]` will not run: {error}"));
    }
}

/// Starts a thread with a socket to which SIGTERM writes a byte.
fn on_sigterm(end: impl FnOnce(UnixStream) + Send + 'static) -> io::Result<()> {
    let (waiting, signal) = UnixStream::pair()?;
    thread::Builder::new().name("shutdown".to_owned()).spawn(move || end(waiting))?;
    pipe::register(SIGTERM, signal).map(|_| ())
}

/// Runs the functions one after the other, whether or not one fails.
fn run(functions: &[&Hook], states: &Store) {
    contain(|| log::info!("SIGTERM: running {}", counted(functions.len(), "shutdown function")));
    let is_async = functions.iter().any(|function| function.is_async);
    let executor = if is_async { Executor::build() } else { Ok(Executor::default()) };
    for function in functions {
        let outcome = match &executor {
            Err(error) if function.is_async => {
                contain(|| log::error!("the shutdown function {} did not run: {error}", function.path()));
                continue;
            }
            Err(_) => function.run(states, &Executor::default(), PANIC),
            Ok(executor) => function.run(states, executor, PANIC),
        };
        if let Err(error) = outcome {
            contain(|| log::error!("the shutdown function {} failed: {error:?}", function.path()));
        }
    }
}
