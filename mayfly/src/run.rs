//! `run` and `run_on`: the life of a function's process, registry → select → init → (next → call → respond)*.

use std::convert::Infallible;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use crate::around::list::Arounds;
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
use crate::registry::hook::{self as registered, Failure, Start};
use crate::registry::{all, list, select};
use crate::runtime_api::client::Client;
use crate::runtime_api::endpoint::Endpoint;
use crate::runtime_api::outgoing::Outgoing;
use crate::runtime_api::response::Response;
use crate::stage::{INIT, Stage};

/// The exit code of a process that was started in a way that it cannot serve.
const MISUSED: u8 = 2;
const NESTED: &str = "mayfly::run starts the tokio runtime that a handler needs: remove `#[tokio::main]` and make \
                      `main` a plain `fn`, or pass your own runtime to `mayfly::run_on`";

/// Runs the handler that `_HANDLER` names, until Lambda ends the process. [`main!`](crate::main) calls this function.
///
/// Returns only if it cannot go on: with exit code 1 if an init failed or the Runtime API is gone, and with 2 if there
/// is no Runtime API at all or the caller is inside a tokio runtime. In each case it writes the reason to standard
/// error. If several invocations run at once, it first waits for those in flight, each at most until its deadline (15
/// minutes for an invocation without one). With `MAYFLY_LIST=json` it prints the registry instead and returns 0.
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
    start(None, None)
}

/// Runs like [`run`], with functions around every invocation, the outermost first. [`main!`](crate::main) with
/// `around = […]` calls this function; [`#[mayfly::around]`](macro@crate::around) has the rules.
///
/// ```no_run
/// use mayfly::{Error, Invocation, Next, around};
///
/// #[mayfly::around]
/// fn trace(_: &Invocation<'_>, next: Next<'_>) -> Result<around::Reply, Error> {
///     println!("an invocation begins");
///     next.run_blocking()
/// }
///
/// fn main() -> std::process::ExitCode {
///     mayfly::run_around(mayfly::arounds![trace])
/// }
/// ```
#[must_use = "the exit code belongs at the end of `main`"]
pub fn run_around(arounds: Arounds) -> ExitCode {
    start(None, Some(arounds))
}

/// Runs like [`run`], on the caller's own tokio runtime, for example one with worker threads or hooks.
///
/// The runtime's I/O and time drivers must be enabled. If `AWS_LAMBDA_MAX_CONCURRENCY` asks for several invocations at
/// once, they share the runtime, and a thread of its own drives a current-thread runtime; tasks on several cores and
/// `block_in_place` need worker threads. With either kind of thread, the feature `trace-env` writes nothing.
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
    start(Some(Executor::on(runtime)), None)
}

/// Runs like [`run_on`], with functions around every invocation, as [`run_around`] does.
#[cfg(feature = "async")]
#[must_use = "the exit code belongs at the end of `main`"]
pub fn run_on_around(runtime: tokio::runtime::Runtime, arounds: Arounds) -> ExitCode {
    start(Some(Executor::on(runtime)), Some(arounds))
}

fn start(executor: Option<Executor>, arounds: Option<Arounds>) -> ExitCode {
    let env = Env::read();
    if env.list.is_some() {
        // Not `println!` and, below, not `eprintln!`: they panic if the reader has gone.
        let _ = io::stdout().write_all((list::registry(arounds) + "\n").as_bytes());
        return ExitCode::SUCCESS;
    }
    if Executor::is_inside_runtime() {
        let _ = writeln!(io::stderr(), "{NESTED}");
        return ExitCode::from(MISUSED);
    }
    let Some(api) = &env.runtime_api else {
        let _ = writeln!(io::stderr(), "{}", usage());
        return ExitCode::from(MISUSED);
    };
    let log = logger::install(&env);
    let Err(fatal) =
        Endpoint::parse(api).map_err(Fatal).and_then(|endpoint| serve(&env, log, &endpoint, executor, arounds));
    log_error(&fatal);
    ExitCode::FAILURE
}

/// Selects the handler, builds its instance and handles invocations until the process ends.
fn serve(
    env: &Env,
    log: Log,
    endpoint: &Endpoint,
    executor: Option<Executor>,
    arounds: Option<Arounds>,
) -> Result<Infallible, Fatal> {
    abort::prepare(endpoint);
    hook::install(log);
    let pollers = env.pollers();
    let mut instance = select::select(env)
        .and_then(|handler| Instance::new(handler, &env.function, pollers, executor, arounds))
        .map_err(|error| failed(endpoint, &INIT, &error))?;
    contain(|| log::info!("started with the handler {}", instance.handler.path()));
    if let Some(hooks) = registered::machinery() {
        let Instance { executor, store: states, .. } = &mut instance;
        let started = (hooks.start)(Start { env, endpoint, states, executor, pollers });
        started.map_err(|Failure { stage, error }| failed(endpoint, stage, &error))?;
    }
    hook::renew();
    in_flight::begin_serving();
    if pollers == 1 {
        poll(&instance, endpoint, &Ending::default())
    } else {
        Err(poll_on_threads(instance, endpoint, pollers))
    }
}

/// Logs why the function cannot start, and reports it to the service. The log comes first: it has the message even if
/// the service never responds.
fn failed(endpoint: &Endpoint, stage: &Stage, error: &Error) -> Fatal {
    log_error(&fatal(error));
    let mut client = Client::new(endpoint, &Executor::default(), &Ending::default());
    client.stage_error(stage, &Report::of(error)).err().unwrap_or(Fatal(String::new()))
}

/// Logs the reason for the end of the process, unless the log already has it.
fn log_error(Fatal(why): &Fatal) {
    if !why.is_empty() {
        contain(|| log::error!("{why}"));
    }
}

fn fatal(error: &Error) -> Fatal {
    Fatal(if error.is_logged() { String::new() } else { format!("{error:?}") })
}

/// Handles one invocation after another, until the process ends.
fn poll(instance: &Instance, endpoint: &Endpoint, ending: &Ending) -> Result<Infallible, Fatal> {
    let mut client = Client::new(endpoint, &instance.executor, ending);
    let (mut memory, mut outgoing) = (Response::default(), Outgoing::default());
    loop {
        let incoming = client.next(&mut memory)?;
        let _in_flight = in_flight::enter(&incoming, ending);
        match instance.call(&incoming, &mut outgoing) {
            Ok(()) => match outgoing.body.take() {
                None => client.respond(&incoming, &outgoing.bytes)?,
                Some(body) => instance.send(body, &mut outgoing.bytes, &incoming, &mut client)?,
            },
            Err(error) => client.report_error(&incoming, &Report::of(&error))?,
        }
        outgoing.clear();
    }
}

/// Handles as many invocations at once as Lambda Managed Instances ask for, each on a thread of its own, since the
/// handlers' futures need not be `Send`. If one of the threads ends, the process ends too, after the others have
/// replied to the invocations that they hold.
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

/// Returns the message for a user who starts the binary by hand.
fn usage() -> String {
    let handlers: Vec<_> = all::sorted().iter().map(|handler| format!("\n  {}", handler.path())).collect();
    format!(
        "This is an AWS Lambda function built with mayfly: the Lambda service starts it, with AWS_LAMBDA_RUNTIME_API \
         set.\n\
         To run one of its handlers here: cargo mayfly invoke HANDLER --data '{{}}'. Its handlers:{}",
        if handlers.is_empty() { " none".to_owned() } else { handlers.concat() }
    )
}
