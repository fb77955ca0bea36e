//! `run()`: registry → select → init → next → decode → call → encode → respond.

use std::convert::Infallible;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use crate::ending::{Ending, Fatal};
use crate::env::Env;
use crate::error::Error;
use crate::error::report::Report;
use crate::executor::Executor;
use crate::in_flight;
use crate::instance::Instance;
use crate::logging::logger::{self, Log};
use crate::panic::caught::{self, contain};
use crate::panic::{abort, hook};
use crate::registry::{all, list, select};
use crate::runtime_api::client::Client;
use crate::runtime_api::endpoint::Endpoint;
use crate::runtime_api::outgoing::Outgoing;
use crate::runtime_api::response::Response;

/// How a process ends that was not asked to do anything it can do.
const MISUSED: u8 = 2;
const NESTED: &str = "mayfly::run starts the tokio runtime that a handler needs: remove `#[tokio::main]` and make `main` \
                      a plain `fn`, or hand a runtime of your own to `mayfly::run_on`";

/// Runs the handler that `_HANDLER` names, until Lambda ends the process; [`main!`](crate::main) calls it.
///
/// Returns only if it cannot go on: with exit code 1 after an init that failed or a Runtime API that is gone, with 2
/// where there is no Runtime API at all. Either comes with a sentence on standard error. Where several invocations run at
/// once, those in flight are answered first, each at most until its deadline (15 minutes where there is none). With
/// `MAYFLY_LIST=json` it prints the registry instead, and returns 0.
///
/// ```no_run
/// # #[mayfly::handler]
/// # fn greet(name: String) -> String { format!("Hello, {name}!") }
/// fn main() -> std::process::ExitCode {
///     mayfly::run()
/// }
/// ```
#[must_use = "the exit code belongs at the end of `main`"]
pub fn run() -> ExitCode {
    start(None)
}

/// Like [`run`], on a tokio runtime of the caller's, with its I/O and time drivers enabled: with worker threads, say,
/// or with hooks. Where `AWS_LAMBDA_MAX_CONCURRENCY` asks for several invocations at once they share it, and one without
/// workers is driven by a thread of its own: tasks on several cores, or `block_in_place`, need workers. The feature
/// `trace-env` writes nothing while there are such threads.
///
/// ```no_run
/// # #[mayfly::handler]
/// # async fn greet(name: String) -> String { format!("Hello, {name}!") }
/// fn main() -> std::process::ExitCode {
///     let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
///     mayfly::run_on(runtime)
/// }
/// ```
#[cfg(feature = "async")]
#[must_use = "the exit code belongs at the end of `main`"]
pub fn run_on(runtime: tokio::runtime::Runtime) -> ExitCode {
    start(Some(Executor::on(runtime)))
}

fn start(executor: Option<Executor>) -> ExitCode {
    let env = Env::read();
    if env.list.is_some() {
        // A reader that went away is no reason to panic; nor is one of standard error, below.
        let _ = io::stdout().write_all((list::registry() + "\n").as_bytes());
        return ExitCode::SUCCESS;
    }
    if Executor::is_entered() {
        let _ = writeln!(io::stderr(), "{NESTED}");
        return ExitCode::from(MISUSED);
    }
    let Some(api) = &env.runtime_api else {
        let _ = writeln!(io::stderr(), "{}", usage());
        return ExitCode::from(MISUSED);
    };
    let log = logger::install(&env);
    let Err(Fatal(why)) =
        Endpoint::parse(api).map_err(Fatal).and_then(|endpoint| serve(&env, log, &endpoint, executor));
    if !why.is_empty() {
        contain(|| log::error!("{why}"));
    }
    ExitCode::FAILURE
}

/// The whole life of a function.
fn serve(env: &Env, log: Log, endpoint: &Endpoint, executor: Option<Executor>) -> Result<Infallible, Fatal> {
    abort::prepare(endpoint);
    let hook = hook::install(log);
    let pollers = env.pollers();
    let instance = select::select(env)
        .and_then(|handler| Instance::new(handler, &env.function, pollers, executor))
        .map_err(|error| init_failed(endpoint, &error))?;
    hook.renew();
    contain(|| log::info!("started with the handler {}", instance.handler.path()));
    in_flight::init_is_over();
    if pollers == 1 {
        poll(&instance, endpoint, &Ending::default())
    } else {
        Err(poll_on_threads(instance, endpoint, pollers))
    }
}

/// Tells the service why the function cannot start. The process then ends with the same words, unless the log has them.
fn init_failed(endpoint: &Endpoint, error: &Error) -> Fatal {
    let mut client = Client::new(endpoint, &Executor::default(), &Ending::default());
    if let Err(Fatal(why)) = client.init_error(&Report::of(error)) {
        log::error!("{why}");
    }
    fatal(error)
}

fn fatal(error: &Error) -> Fatal {
    Fatal(if error.is_logged() { String::new() } else { format!("{error:?}") })
}

/// Answers one invocation after the other, until the process ends.
fn poll(instance: &Instance, endpoint: &Endpoint, ending: &Ending) -> Result<Infallible, Fatal> {
    let mut client = Client::new(endpoint, &instance.executor, ending);
    let (mut memory, mut outgoing) = (Response::default(), Outgoing::default());
    loop {
        let incoming = client.next(&mut memory)?;
        let _in_flight = in_flight::enter(&incoming, ending);
        match instance.call(&incoming, &mut outgoing) {
            Ok(()) => client.respond(&incoming, &outgoing)?,
            Err(error) => client.report_error(&incoming, &Report::of(&error))?,
        }
        outgoing.clear();
    }
}

/// Answers as many invocations at once as Lambda Managed Instances ask for, each in a thread of its own: the handlers'
/// futures need not be `Send`. Whatever ends one of the threads ends the process, after the others have answered what they
/// were handed out.
fn poll_on_threads(instance: Instance, endpoint: &Endpoint, pollers: usize) -> Fatal {
    let (instance, ending) = (Arc::new(instance), Ending::shared());
    let waiting = thread::current();
    for number in 1..=pollers {
        let (instance, poller_ending) = (Arc::clone(&instance), ending.clone());
        let (endpoint, waiting) = (endpoint.clone(), waiting.clone());
        let poller = move || {
            let poll = || poll(&instance, &endpoint, &poller_ending);
            let Err(Fatal(why)) =
                catch_unwind(AssertUnwindSafe(poll)).unwrap_or_else(|payload| Err(fatal(&caught::to_error(payload))));
            poller_ending.begin(why);
            waiting.unpark();
        };
        if let Err(error) = thread::Builder::new().name(format!("poller-{number}")).spawn(poller) {
            ending.begin(format!("poller {number} of {pollers} could not be started: {error}"));
            break;
        }
    }
    in_flight::wait(&ending)
}

/// What to say to somebody who starts the binary by hand.
fn usage() -> String {
    let handlers: Vec<_> = all::sorted().iter().map(|handler| format!("\n  {}", handler.path())).collect();
    format!(
        "This is an AWS Lambda function built with mayfly: the Lambda service starts it, with AWS_LAMBDA_RUNTIME_API set.\n\
         To run one of its handlers here: cargo mayfly invoke HANDLER --data '{{}}'. It has:{}",
        if handlers.is_empty() { " none".to_owned() } else { handlers.concat() }
    )
}
