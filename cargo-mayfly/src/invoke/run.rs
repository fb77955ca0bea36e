//! Invokes a handler in a process of its own, or on a server.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};
use cargo_mayfly::emulator::{Configuration, Function, Invocation, Program, StreamedReply};

use crate::console::say;
use crate::handlers::registry::Registry;
use crate::handlers::settings::Settings;
use crate::handlers::warnings;
use crate::interrupt::interrupt;
use crate::invoke::result::InvokeResult;
use crate::invoke::streamed::Printer;
use crate::invoke::{remote, request};
use crate::lambda::input;
use crate::lambda::limits::MAX_EVENT_BYTES;
use crate::opts;
use crate::project::choose;
use crate::project::metadata::{Binary, Project};

/// The exit code if the function failed.
const FUNCTION_ERROR: u8 = 1;

/// Invokes the handler once and prints the result.
pub(crate) fn invoke(options: &opts::Invoke) -> Result<ExitCode> {
    let event = event(options)?;
    if let Some(context) = &options.client_context {
        input::check_client_context(context).map_err(|error| anyhow!("--client-context {error}"))?;
    }
    if let Some(tenant) = &options.tenant_id {
        input::check_tenant_id(tenant).map_err(|error| anyhow!("--tenant-id {error}"))?;
    }
    let result = match &options.url {
        Some(url) => remote::run(options, url, &event)?,
        None => {
            let project = Project::load(&options.compilation.cargo.manifest)?;
            let program = choose::holding(&project, &options.selection, &options.compilation, &options.handler)?;
            let settings = Settings::new(&opts::FunctionFlags::default(), project.settings_of(&program.binary.id))?;
            let configuration = configuration(options, &program.binary, &settings, &program.executable)?;
            tokio::runtime::Runtime::new()?.block_on(run(options, &program.executable, configuration, event))?
        }
    };
    let result = if options.request.request.is_some() { with_response(options, result) } else { result };
    result.print(options.json);
    Ok(if result.error.is_none() { ExitCode::SUCCESS } else { ExitCode::from(FUNCTION_ERROR) })
}

/// Puts the HTTP response in place of the reply that holds it; with `--json` the reply stays. A reply without one is an
/// error of the function.
fn with_response(options: &opts::Invoke, result: InvokeResult) -> InvokeResult {
    let response = result.reply.as_deref().map(|reply| request::response(options.request.source, reply));
    let (reply, error) = match response {
        Some(Ok(response)) => (Some(response.into()), None),
        Some(Err(why)) => (None, Some(InvokeResult::no_response(&why))),
        None => return result,
    };
    InvokeResult { reply: if options.json { result.reply } else { reply }, error, ..result }
}

fn configuration(
    options: &opts::Invoke,
    binary: &Binary,
    settings: &Settings,
    executable: &Path,
) -> Result<Configuration> {
    let mut configuration = Configuration::new(&options.handler);
    binary.package.clone_into(&mut configuration.name);
    // A function of another runtime can be invoked, too, but does not list handlers.
    let registry = if Registry::is_in(executable)? { Registry::of(executable)? } else { Registry::default() };
    if let Some(warning) = warnings::of_copies(&registry) {
        eprintln!("warning: {warning}");
    }
    settings.named(&registry, &options.handler).apply(&mut configuration);
    configuration.timeout = options.timeout.unwrap_or(configuration.timeout);
    Ok(configuration)
}

async fn run(
    options: &opts::Invoke,
    executable: &Path,
    configuration: Configuration,
    event: Vec<u8>,
) -> Result<InvokeResult> {
    let mut program = Program::new(executable);
    if !options.json {
        program.on_log = |_, line| say(format_args!("{line}"));
    }
    let function = Function::start(program, configuration).await.context("the function could not be started")?;
    let (sink, reply) = StreamedReply::new();
    let mut invocation = Invocation::new(event);
    invocation.stream = Some(sink).filter(|_| !options.json);
    invocation.client_context.clone_from(&options.client_context);
    invocation.tenant_id.clone_from(&options.tenant_id);
    // Ctrl-C does not reach the function, which has a process group of its own.
    let (outcome, printed) = tokio::select! {
        both = async { tokio::join!(function.invoke(invocation), print(reply, &options.request)) } => both,
        () = interrupt() => {
            function.stop().await;
            bail!("interrupted");
        }
    };
    let report = function.report();
    function.stop().await;
    let (reply, error, is_printed) = (outcome.reply().cloned(), outcome.error(), printed.is_some());
    let no_response = printed.and_then(|printer| printer.finish(error.is_none()));
    let error = error.or(no_response.map(|why| InvokeResult::no_response(&why)));
    Ok(InvokeResult { reply, is_printed, error, report, logs: function.logs() })
}

/// Prints a streamed reply, if there is one, while it arrives. It ends early if the reader of standard output goes
/// away, or if the reply has no HTTP response.
async fn print(mut reply: StreamedReply, flags: &opts::RequestFlags) -> Option<Printer> {
    reply.content_type().await?;
    let mut printer = Printer::new(flags);
    while let Some(chunk) = reply.chunk().await {
        if !printer.print(&chunk) || printer.has_no_response() {
            break;
        }
    }
    Some(printer)
}

/// Makes and checks the event; the default is `{}`.
fn event(options: &opts::Invoke) -> Result<Vec<u8>> {
    let given = read(&options.event)?;
    let (source, bytes) = match (&options.request.request, given) {
        (Some(request), given) => {
            let body = given.map(|(_, body)| body).unwrap_or_default();
            ("the event of --request".to_owned(), request::event(request, &options.request, body)?)
        }
        (None, Some(given)) => given,
        (None, None) => return Ok(b"{}".to_vec()),
    };
    input::check_event(&bytes, MAX_EVENT_BYTES).map_err(|error| anyhow!("{source} {error}"))?;
    Ok(bytes)
}

/// Reads what the flags select, and names it.
fn read(event: &opts::EventFlags) -> Result<Option<(String, Vec<u8>)>> {
    Ok(Some(match (&event.data, &event.data_file, &event.stdin) {
        (Some(data), ..) => ("--data".to_owned(), data.clone().into_bytes()),
        (_, Some(file), _) => {
            let name = file.display().to_string();
            let bytes = fs::read(file).with_context(|| format!("the event file `{name}` could not be read"))?;
            (format!("`{name}`"), bytes)
        }
        (_, _, Some(_)) => {
            let mut bytes = Vec::new();
            io::stdin().read_to_end(&mut bytes).context("standard input could not be read")?;
            ("standard input".to_owned(), bytes)
        }
        _ => return Ok(None),
    }))
}
