//! A function: the Runtime API and the process that speaks to it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::emulator::configuration::Configuration;
use crate::emulator::invocation::Invocation;
use crate::emulator::logs::Logs;
use crate::emulator::outcome::{Exit, Outcome};
use crate::emulator::pending::PendingInvocation;
use crate::emulator::process::{Process, Program};
use crate::emulator::report::Report;
use crate::emulator::server::Emulator;
use crate::emulator::state::Phase;

/// What a process sent before it died may still be on its way for so long.
const AFTERMATH: Duration = Duration::from_millis(200);

/// A function on this machine, in its own process.
///
/// The process is started with the function. It is killed when an invocation times out, and started again for the
/// next one whenever it is gone.
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
    /// The program cannot be started, or there is no free port.
    pub async fn start(program: Program, configuration: Configuration) -> io::Result<Self> {
        let logs = Arc::new(Logs::new(&configuration.name, program.on_log));
        let emulator = Emulator::start(configuration).await?;
        let function = Self { emulator, program, logs, process: Mutex::default() };
        *function.process.lock().await = Some(function.spawn().await?);
        Ok(function)
    }

    /// Sends an event to the function and waits for its outcome, which always comes: at the latest when the time is up.
    ///
    /// Other callers wait for their turn. A process that died while nobody waited for it is replaced; one that died in
    /// its init is the outcome of the first invocation after it.
    pub async fn invoke(&self, invocation: Invocation) -> Outcome {
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
                Some(outcome) => {
                    process.drain().await;
                    *slot = Some(process);
                    return outcome;
                }
                None => {}
            }
        }
    }

    /// All lines that the function wrote so far, or the last ones if they are very many. What it wrote before an answer
    /// is among them when the outcome is there.
    #[must_use]
    pub fn logs(&self) -> Vec<String> {
        self.logs.lines().iter().cloned().collect()
    }

    /// The same lines, which are forgotten with that.
    #[must_use]
    pub fn take_logs(&self) -> Vec<String> {
        self.logs.lines().drain(..).collect()
    }

    /// Waits for a line of the logs that holds `text`, and gives it back.
    pub async fn log_line(&self, text: &str) -> String {
        self.logs.wait_for(text).await
    }

    /// The id of the process, of the last one if there is none now.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.emulator.service().state().process_id()
    }

    /// The measures of the last invocation that ended.
    #[must_use]
    pub fn report(&self) -> Option<Report> {
        self.emulator.report()
    }

    /// The API that the process speaks to.
    #[must_use]
    pub fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    /// Ends the process. All its logs are there then; the next invocation would start it again.
    pub async fn stop(&self) {
        let process = self.process.lock().await.take();
        let has_extension = !self.emulator.service().state().extensions.is_empty();
        match process {
            Some(process) if has_extension => process.terminate().await,
            Some(process) => process.kill().await,
            None => {}
        }
    }

    /// The process, unless it died after its init.
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

/// Waits for the outcome. None: the process died while idle, so that another one may have the event.
async fn follow(pending: &PendingInvocation<'_>, process: &mut Process) -> Option<Outcome> {
    let status = tokio::select! {
        biased;
        outcome = pending.outcome() => return Some(outcome),
        status = process.exited() => status,
    };
    pending.end();
    process.read_to_end().await;
    match timeout(AFTERMATH, pending.outcome()).await {
        Ok(outcome) => Some(outcome),
        Err(_) if pending.is_untouched() => None,
        Err(_) => Some(
            status.map_or_else(|error| Outcome::InvalidEntrypoint(error.to_string()), |s| Outcome::Exited(Exit(s))),
        ),
    }
}
