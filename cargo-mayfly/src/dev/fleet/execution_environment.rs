//! [`ExecutionEnvironment`]: a process of a function, and the results of its invocations.

use std::io;
use std::sync::Arc;

use cargo_mayfly::emulator::{Configuration, Function, Invocation, Outcome, Program, Report};

use crate::console::say;
use crate::dev::builds::artifact::Artifact;
use crate::dev::builds::catalog::ServedFunction;
use crate::opts;

/// The only version of local functions.
pub(crate) const VERSION: &str = "$LATEST";

/// A process that serves one invocation at a time. It is killed on drop.
#[derive(Debug)]
pub(crate) struct ExecutionEnvironment {
    /// The binary that it runs, whose executable is kept as long as this value.
    pub(crate) artifact: Arc<Artifact>,
    pub(crate) function: Function,
}

/// The result of an invocation.
#[derive(Debug)]
pub(crate) struct Invoked {
    pub(crate) outcome: Outcome,
    lines: Vec<String>,
    report: Option<Report>,
}

impl ExecutionEnvironment {
    /// Starts a process for the function with this name.
    pub(crate) async fn start(name: &str, target: &ServedFunction, options: &opts::Dev) -> io::Result<Self> {
        let mut configuration = Configuration::new(&target.handler);
        name.clone_into(&mut configuration.name);
        VERSION.clone_into(&mut configuration.version);
        target.settings().apply(&mut configuration);
        configuration.timeout = options.timeout.unwrap_or(configuration.timeout);
        let mut program = Program::new(&*target.artifact.executable);
        program.on_log = |function, line| say(format_args!("{function} | {line}"));
        let function = Function::start(program, configuration).await?;
        Ok(Self { artifact: Arc::clone(&target.artifact), function })
    }

    /// Runs an invocation and waits for its result.
    pub(crate) async fn invoke(&self, invocation: Invocation) -> Invoked {
        let outcome = self.function.invoke(invocation).await;
        Invoked { outcome, lines: self.function.take_logs(), report: self.function.report() }
    }
}

impl Invoked {
    /// The result of an invocation whose process could not be started.
    pub(crate) fn not_started(error: &io::Error) -> Self {
        Self { outcome: Outcome::InvalidEntrypoint(error.to_string()), lines: Vec::new(), report: None }
    }

    /// Returns the logs of the function, with the lines that Lambda adds.
    pub(crate) fn logs(&self, request_id: &str) -> String {
        let start = format!("START RequestId: {request_id} Version: {VERSION}");
        let end = format!("END RequestId: {request_id}");
        let report = self.report.as_ref().map(ToString::to_string);
        let lines = [&start].into_iter().chain(&self.lines).chain([&end]).chain(&report);
        lines.flat_map(|line| [line.as_str(), "\n"]).collect()
    }

    /// Prints the error and the REPORT line. Errors that the function logged itself are not repeated.
    pub(crate) fn show(&self, name: &str) {
        let is_in_its_logs = matches!(self.outcome, Outcome::Error(_) | Outcome::InitError(_));
        if let Some(error) = self.outcome.error().filter(|_| !is_in_its_logs) {
            say(format_args!("{name} | error: {}: {}", error.error_type, error.error_message));
        }
        if let Some(report) = &self.report {
            say(format_args!("{name} | {report}"));
        }
    }
}
