//! [`Function`]: a function with its process and its Runtime API.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::emulator::configuration::Configuration;
use crate::emulator::invocation::Invocation;
use crate::emulator::logs::Logs;
use crate::emulator::machine::Phase;
use crate::emulator::outcome::{Exit, Outcome};
use crate::emulator::pending::PendingInvocation;
use crate::emulator::process::{Process, Program};
use crate::emulator::report::Report;
use crate::emulator::server::Emulator;

/// The time in which a request may still arrive that a process sent before it died.
const AFTERMATH: Duration = Duration::from_millis(200);
/// The time in which a process must notice that its stream was closed. Sync code that neither writes nor ends cannot
/// notice it.
const ABANDONED_GRACE: Duration = Duration::from_secs(2);

/// A function that runs on this machine in a process of its own.
///
/// The process is started with the function. It is killed when an invocation times out, or when it does not notice that
/// the caller of a stream went away, and started again for the next invocation if it has ended.
#[derive(Debug)]
pub struct Function {
    emulator: Emulator,
    program: Program,
    logs: Arc<Logs>,
    process: Mutex<Option<Process>>,
}

impl Function {
    /// Starts a function.
    ///
    /// # Errors
    /// Returns an error if the program cannot be started, or if there is no free port.
    pub async fn start(program: Program, configuration: Configuration) -> io::Result<Self> {
        let logs = Arc::new(Logs::new(&configuration.name, program.on_log));
        let emulator = Emulator::start(configuration).await?;
        let function = Self { emulator, program, logs, process: Mutex::default() };
        *function.process.lock().await = Some(function.spawn().await?);
        Ok(function)
    }

    /// Sends an event to the function and waits for its outcome, at most until the timeout.
    ///
    /// Concurrent calls run one after the other. A process that died between two invocations is replaced. A process
    /// that died during its init fails the next invocation.
    pub async fn invoke(&self, invocation: Invocation) -> Outcome {
        let stream = invocation.stream.clone();
        let outcome = self.run(invocation).await;
        if let Some(stream) = stream {
            stream.close();
        }
        outcome
    }

    async fn run(&self, invocation: Invocation) -> Outcome {
        let mut slot = self.process.lock().await;
        loop {
            let mut process = match self.take_or_spawn(&mut slot).await {
                Ok(process) => process,
                Err(error) => return Outcome::InvalidEntrypoint(error.to_string()),
            };
            let pending = self.emulator.submit(invocation.clone());
            let outcome = follow(&pending, &mut process).await;
            drop(pending);
            match outcome {
                Some(outcome @ (Outcome::TimedOut { .. } | Outcome::Exited(_))) => {
                    process.kill().await;
                    return outcome;
                }
                Some(outcome @ Outcome::InitError(_)) => {
                    process.end().await;
                    return outcome;
                }
                Some(outcome @ Outcome::Abandoned { .. })
                    if timeout(ABANDONED_GRACE, self.emulator.reaches(Phase::Ready)).await.is_err() =>
                {
                    process.kill().await;
                    return outcome;
                }
                Some(outcome) => {
                    process.drain().await;
                    *slot = Some(process);
                    return outcome;
                }
                None => {}
            }
        }
    }

    /// Returns the lines that the function has logged, or the last 10,000 of them. They include all lines that it wrote
    /// before it replied to a finished invocation.
    #[must_use]
    pub fn logs(&self) -> Vec<String> {
        self.logs.lines().iter().cloned().collect()
    }

    /// Returns the same lines and removes them.
    #[must_use]
    pub fn take_logs(&self) -> Vec<String> {
        self.logs.lines().drain(..).collect()
    }

    /// Waits for a line of the logs that contains `text`, and returns it.
    pub async fn log_line(&self, text: &str) -> String {
        self.logs.wait_for(text).await
    }

    /// Returns the id of the current or last process.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.emulator.service().state().process_id()
    }

    /// Returns the report of the last finished invocation.
    #[must_use]
    pub fn report(&self) -> Option<Report> {
        self.emulator.report()
    }

    /// Returns the Runtime API of the function.
    #[must_use]
    pub fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    /// Stops the process and collects the rest of its logs. The next invocation starts it again.
    pub async fn stop(&self) {
        let process = self.process.lock().await.take();
        let has_extension = !self.emulator.service().state().extensions.is_empty();
        match process {
            Some(process) if has_extension => process.terminate().await,
            Some(process) => process.kill().await,
            None => {}
        }
    }

    /// Returns the process, or starts a new one if it died after its init.
    async fn take_or_spawn(&self, slot: &mut Option<Process>) -> io::Result<Process> {
        let is_in_init = matches!(self.emulator.phase(), Phase::Started | Phase::Restoring | Phase::InitError);
        match slot.take_if(|process| is_in_init || !process.is_over()) {
            Some(process) => Ok(process),
            None => self.spawn().await,
        }
    }

    async fn spawn(&self) -> io::Result<Process> {
        let address = self.emulator.address().to_string();
        let environment = self.emulator.configuration().environment(&address, &self.program.task_root());
        self.emulator.restart().await;
        let process = self.program.spawn(environment, &self.logs)?;
        self.emulator.service().state().set_process_id(process.id());
        Ok(process)
    }
}

/// Waits for the outcome. Returns `None` if the process died before it took the event, so that another one can have it.
async fn follow(pending: &PendingInvocation<'_>, process: &mut Process) -> Option<Outcome> {
    let (outcome, status) = tokio::select! {
        biased;
        outcome = pending.outcome() => match outcome {
            // The connection of a process that dies in the middle of a stream fails before its end is seen.
            Outcome::Truncated { .. } => match timeout(AFTERMATH, process.exited()).await {
                Ok(status) => (Some(outcome), status),
                Err(_) => return Some(outcome),
            },
            outcome => return Some(outcome),
        },
        status = process.exited() => (None, status),
    };
    pending.end();
    process.read_to_end().await;
    let outcome = match outcome {
        None => timeout(AFTERMATH, pending.outcome()).await.ok(),
        truncated => truncated,
    };
    match outcome {
        None if pending.is_untouched() => None,
        None | Some(Outcome::Truncated { .. }) => Some(
            status.map_or_else(|error| Outcome::InvalidEntrypoint(error.to_string()), |s| Outcome::Exited(Exit(s))),
        ),
        outcome => outcome,
    }
}
