//! [`ExecutionEnvironment`]: a process of a function, and the results of its invocations.

use std::io;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cargo_mayfly::emulator::{Configuration, Function, Invocation, Outcome, Program, Report};

use crate::console::say;
use crate::counted::counted;
use crate::dev::builds::artifact::Artifact;
use crate::dev::builds::catalog::ServedFunction;
use crate::lambda::limits::LOG_TAIL_BYTES;
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

    /// Returns the end of these logs as base64, for a caller who asks for it.
    pub(crate) fn log_result(&self, request_id: &str) -> String {
        STANDARD.encode(tail(&self.logs(request_id)))
    }

    /// Prints the size of a streamed reply, the error and the REPORT line. Errors that the function logged itself are
    /// not repeated.
    pub(crate) fn show(&self, name: &str) {
        match self.outcome {
            Outcome::Streamed { size } => say(format_args!("{name} | streamed {}", counted(size, "byte"))),
            Outcome::Abandoned { size } => {
                say(format_args!("{name} | the client went away after {}", counted(size, "byte")));
            }
            _ => {}
        }
        let is_in_its_logs = matches!(self.outcome, Outcome::Error(_) | Outcome::InitError(_));
        if let Some(error) = self.outcome.error().filter(|_| !is_in_its_logs) {
            say(format_args!("{name} | error: {}: {}", error.error_type, error.error_message));
        }
        if let Some(report) = &self.report {
            say(format_args!("{name} | {report}"));
        }
    }
}

/// Returns the end of the logs, in whole characters, that a response may have.
fn tail(text: &str) -> &str {
    let first = text.len().saturating_sub(LOG_TAIL_BYTES);
    let first = (first..text.len()).find(|&index| text.is_char_boundary(index)).unwrap_or(first);
    &text[first..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_of_the_logs_has_whole_characters() {
        assert_eq!(tail("short"), "short");
        let long = format!("{}é{}", "a".repeat(100), "b".repeat(LOG_TAIL_BYTES - 1));
        assert_eq!(tail(&long), "b".repeat(LOG_TAIL_BYTES - 1));
    }
}
