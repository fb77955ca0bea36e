//! `cargo mayfly invoke`.

mod remote;

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use cargo_mayfly::emulator::{Configuration, ErrorReport, Function, Invocation, Program, Report};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::compile;
use crate::console::{self, say};
use crate::interrupt::interrupt;
use crate::opts;
use crate::project::{Binary, Project};
use crate::registry::Registry;
use crate::settings::Settings;

/// The function was run and did not reply.
const FUNCTION_ERROR: u8 = 1;

/// Runs the handler once, in a process of its own or at a server, and prints what came of it.
///
/// # Errors
/// Whatever keeps the function from being run at all.
pub(crate) fn invoke(options: &opts::Invoke) -> Result<ExitCode> {
    let event = read(&options.event)?;
    if let Some(context) = &options.client_context {
        check("--client-context", context.as_bytes())?;
    }
    let run = match &options.url {
        Some(url) => remote::run(options, url, &event)?,
        None => {
            let project = Project::load()?;
            let binary = project.binary(&options.selection, &options.handler)?;
            let settings = Settings::new(&opts::Configuration::default(), project.settings_of(&binary.id))?;
            let executable = compile::executable(&binary, &options.compilation)?;
            let configuration = configuration(options, &binary, &settings, &executable)?;
            Runtime::new()?.block_on(run(options, &executable, configuration, event))?
        }
    };
    run.print(options.json);
    Ok(if run.reply.is_some() { ExitCode::SUCCESS } else { ExitCode::from(FUNCTION_ERROR) })
}

/// What came of an invocation: a reply or an error.
struct Run {
    reply: Option<Bytes>,
    error: Option<ErrorReport>,
    report: Option<Report>,
    logs: Vec<String>,
}

fn configuration(
    options: &opts::Invoke,
    binary: &Binary,
    settings: &Settings,
    executable: &Path,
) -> Result<Configuration> {
    let mut configuration = Configuration::new(&options.handler);
    binary.package.clone_into(&mut configuration.name);
    // A function of another runtime can be invoked, too, but has no handlers to tell of.
    let registry = if binary.uses_mayfly { Registry::of(executable)? } else { Registry::default() };
    settings.named(&registry, &options.handler).apply(&mut configuration);
    configuration.timeout = options.timeout.unwrap_or(configuration.timeout);
    Ok(configuration)
}

async fn run(options: &opts::Invoke, executable: &Path, configuration: Configuration, event: Vec<u8>) -> Result<Run> {
    let mut program = Program::new(executable);
    if !options.json {
        program.on_log = |_, line| say(format_args!("{line}"));
    }
    let function = Function::start(program, configuration).await.context("the function could not be started")?;
    let mut invocation = Invocation::new(event);
    invocation.client_context.clone_from(&options.client_context);
    invocation.tenant_id.clone_from(&options.tenant_id);
    // The function has a process group of its own, which an interrupt of the terminal does not reach.
    let outcome = tokio::select! {
        outcome = function.invoke(invocation) => outcome,
        () = interrupt() => {
            function.stop().await;
            bail!("interrupted");
        }
    };
    let report = function.report();
    function.stop().await;
    Ok(Run { reply: outcome.reply().cloned(), error: outcome.error(), report, logs: function.logs() })
}

impl Run {
    fn print(&self, as_json: bool) {
        if as_json {
            println!("{:#}", self.json());
            return;
        }
        if let Some(report) = &self.report {
            eprintln!("{report}");
        }
        match (&self.reply, &self.error) {
            (Some(reply), _) => {
                console::print(reply);
                console::print(b"\n");
            }
            (None, error) => eprintln!("error: {}", error.as_ref().map(shown).unwrap_or_default()),
        }
    }

    fn json(&self) -> Value {
        let millis = |duration: std::time::Duration| duration.as_secs_f64() * 1e3;
        let report = self.report.as_ref();
        json!({
            "reply": self.reply.as_ref().map(|reply| {
                serde_json::from_slice(reply).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(reply)))
            }),
            "error": self.error,
            "durationMs": report.map(|report| millis(report.duration)),
            "initDurationMs": report.and_then(|report| report.init_duration).map(millis),
            "maxMemoryUsedBytes": report.and_then(|report| report.max_memory_used),
            "logs": self.logs,
        })
    }
}

/// An error as a person reads it: type, message, stack, causes.
fn shown(error: &ErrorReport) -> String {
    let mut text = format!("{}: {}", error.error_type, error.error_message);
    for frame in &error.stack_trace {
        text.push_str("\n    at ");
        text.push_str(frame);
    }
    if let Some(cause) = &error.cause {
        let cause = shown(cause);
        text.push_str("\ncaused by: ");
        text.push_str(cause.strip_prefix(": ").unwrap_or(&cause));
    }
    text
}

/// Reads the event, which must be JSON: `{}` if nothing is said.
fn read(event: &opts::Event) -> Result<Vec<u8>> {
    let (source, bytes) = match (&event.data, &event.data_file, &event.stdin) {
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
        _ => return Ok(b"{}".to_vec()),
    };
    check(&source, &bytes)?;
    Ok(bytes)
}

fn check(source: &str, bytes: &[u8]) -> Result<()> {
    match serde_json::from_slice::<serde::de::IgnoredAny>(bytes) {
        Ok(_) => Ok(()),
        Err(error) => bail!("{source} is not JSON: {error}"),
    }
}
