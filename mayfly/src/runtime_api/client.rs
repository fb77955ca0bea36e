//! `Client`: the verbs of the Runtime API, which are next, respond, report error, stage error and restore.
//!
//! The protocol is described at <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use log::{Level, debug, error};

use super::connection::{Connection, REPORT_TIMEOUT, explained, log_lost};
use super::endpoint::Endpoint;
use super::headers;
use super::incoming::Incoming;
use super::invocation_id::InvocationId;
use super::request;
use super::response::Response;
use crate::counted::counted;
use crate::ending::{Ending, Fatal};
use crate::error::report::Report;
use crate::executor::Executor;
use crate::panic::caught::contain;
use crate::stage::Stage;

/// The longest body in bytes that is copied behind its head, so that both leave in one write.
const MAX_SINGLE_WRITE_BYTES: usize = 64 << 10;
/// The pause before the next poll if the service had no event.
const POLL_PAUSE: Duration = Duration::from_millis(50);
/// The number of responses in a row that may lack a request id before the process gives up.
const MAX_WITHOUT_ID: usize = 10;

const NEXT: &str = "/invocation/next";
const RESTORE: &str = "/restore/next";

/// A client of the Runtime API.
#[derive(Debug)]
pub(crate) struct Client {
    pub(super) endpoint: Endpoint,
    pub(super) connection: Connection,
    ending: Ending,
    /// The request for the next invocation, which is always the same.
    next: Vec<u8>,
    /// The head of the last POST request, followed by its body if that is short.
    pub(super) post: Vec<u8>,
    /// The response to the last POST request.
    pub(super) response: Response,
}

impl Client {
    /// Creates a client of `endpoint`, which connects on first use and stops polling once the process is ending.
    pub(crate) fn new(endpoint: &Endpoint, executor: &Executor, ending: &Ending) -> Self {
        Self {
            endpoint: endpoint.clone(),
            connection: Connection::new(endpoint, executor),
            ending: ending.clone(),
            next: request::get(endpoint, NEXT),
            post: Vec::new(),
            response: Response::default(),
        }
    }

    /// Waits for the next invocation, as long as it takes, and receives it into `memory`. The first call tells the
    /// service that the init phase is over.
    pub(crate) fn next<'m>(&mut self, memory: &'m mut Response) -> Result<Incoming<'m>, Fatal> {
        for _ in 0..MAX_WITHOUT_ID {
            self.poll(memory)?;
            if let Some(id) = InvocationId::of(memory.headers()) {
                return Ok(Incoming { id: Arc::new(id), headers: memory.headers(), payload: memory.body() });
            }
            let name = headers::REQUEST_ID;
            error!("dropped an invocation that cannot be answered: it has no usable header {name}");
        }
        Err(Fatal(format!("the Runtime API sent {MAX_WITHOUT_ID} invocations in a row without a request id")))
    }

    /// Polls until there is an event. If a response is lost, it polls once more over a new connection, since the
    /// service sends an unanswered invocation again.
    fn poll(&mut self, response: &mut Response) -> Result<(), Fatal> {
        let mut was_lost = false;
        loop {
            self.ending.check()?;
            debug!("polling for the next invocation");
            let socket = self.connection.open().map_err(|error| self.gone(&error))?;
            match self.connection.exchange_once(socket, [&self.next, b""], response) {
                Ok(()) => was_lost = false,
                Err(error) if was_lost => return Err(self.gone(&error)),
                Err(error) => {
                    log_lost(&error);
                    was_lost = true;
                    continue;
                }
            }
            match response.status() {
                // Some emulators answer an idle poll with one of these, without an event.
                408 => self.connection.pause(POLL_PAUSE),
                204 if response.headers().get(headers::REQUEST_ID).is_none() => self.connection.pause(POLL_PAUSE),
                200..300 => return Ok(()),
                _ => return Err(Fatal(format!("failed to GET {}: {}", self.url(NEXT), response.summary()))),
            }
        }
    }

    #[cold]
    fn gone(&self, error: &io::Error) -> Fatal {
        Fatal(format!("the Runtime API is gone: failed to GET {}: {error}", self.url(NEXT)))
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{}", self.endpoint.host, self.endpoint.path(&[path]))
    }

    /// Sends the reply of an invocation.
    pub(crate) fn respond(&mut self, incoming: &Incoming<'_>, reply: &[u8]) -> Result<(), Fatal> {
        let id = &incoming.id;
        self.post(&["/invocation/", id.path(), "/response"], id, reply, None)
    }

    /// Sends the error of an invocation.
    pub(crate) fn report_error(&mut self, incoming: &Incoming<'_>, report: &Report) -> Result<(), Fatal> {
        let id = &incoming.id;
        self.post(&["/invocation/", id.path(), "/error"], id, &report.body, Some(report))
    }

    /// Reports why the function cannot start; afterwards the process must end.
    pub(crate) fn stage_error(&mut self, stage: &Stage, report: &Report) -> Result<(), Fatal> {
        self.connection.limit_waits(REPORT_TIMEOUT);
        self.post(&[stage.path], &InvocationId::default(), &report.body, Some(report))
    }

    /// Waits until the service has taken a snapshot of the process and restored it, as long as it takes. The request is
    /// never repeated: the service takes one snapshot.
    pub(crate) fn restore(&mut self) -> Result<(), Fatal> {
        let request = request::get(&self.endpoint, RESTORE);
        let socket = self.connection.open();
        let outcome =
            socket.and_then(|socket| self.connection.exchange_once(socket, [&request, b""], &mut self.response));
        let why = match outcome {
            Ok(()) if (200..300).contains(&self.response.status()) => return Ok(()),
            Ok(()) => self.response.summary(),
            Err(error) => error.to_string(),
        };
        Err(Fatal(format!("failed to GET {}: {why}", self.url(RESTORE))))
    }

    fn post(&mut self, path: &[&str], id: &InvocationId, body: &[u8], report: Option<&Report>) -> Result<(), Fatal> {
        self.post.clear();
        request::post(&mut self.post, &self.endpoint, path, id, report, body.len());
        let rest = if body.len() > MAX_SINGLE_WRITE_BYTES { body } else { b"" };
        if rest.is_empty() {
            self.post.extend(body);
        }
        let outcome = self.connection.exchange([&self.post, rest], &mut self.response);
        self.judge(outcome, path, body.len())
    }

    /// Logs the response to a POST, unless the service has accepted it. `outcome` tells whether the POST was repeated.
    pub(super) fn judge(&self, outcome: io::Result<bool>, path: &[&str], bytes: usize) -> Result<(), Fatal> {
        let path = || self.endpoint.path(path);
        let size = || counted(bytes, "byte");
        let (level, words) = match (outcome, self.response.status()) {
            (Ok(_), status @ 200..300) => {
                debug!("POST {}: {status}", path());
                return Ok(());
            }
            (Ok(_), 500..) => return Err(Fatal(format!("failed to POST {}: {}", path(), self.response.summary()))),
            (Ok(true), 400 | 403) => (
                Level::Warn,
                format!(
                    "POST {} with {} was sent twice, as the response to the first try was lost; the second \
                     was rejected, probably because the first had been delivered: {}",
                    path(),
                    size(),
                    self.response.summary()
                ),
            ),
            (Ok(_), _) => {
                let (path, size, summary) = (path(), size(), self.response.summary());
                (Level::Error, format!("POST {path} with {size} was rejected: {summary}"))
            }
            // If the service is gone, the next poll says so and ends the process.
            (Err(error), _) => (Level::Error, format!("failed to POST {}: {}", path(), explained(error))),
        };
        contain(|| log::log!(level, "{words}"));
        Ok(())
    }
}
