//! The Runtime API's verbs: next, respond, fail, init error.
//!
//! Facts of the protocol: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use log::{Level, debug, error};

use crate::ending::{Ending, Fatal};
use crate::error::report::Report;
use crate::executor::Executor;
use crate::panic::caught::contain;
use crate::runtime_api::connection::{Connection, lost};
use crate::runtime_api::endpoint::Endpoint;
use crate::runtime_api::headers;
use crate::runtime_api::incoming::Incoming;
use crate::runtime_api::invocation_id::InvocationId;
use crate::runtime_api::outgoing::Outgoing;
use crate::runtime_api::request;
use crate::runtime_api::response::Response;

/// A body up to this is copied behind its head and goes out with it in one write.
const ONE_WRITE: usize = 64 << 10;
/// How long to wait before polling again when the service had nothing.
const PAUSE: Duration = Duration::from_millis(50);
/// How many answers in a row may lack a request id before something must be wrong.
const MAX_NAMELESS: usize = 10;
/// Speaks to the Runtime API.
#[derive(Debug)]
pub(crate) struct Client {
    endpoint: Endpoint,
    connection: Connection,
    ending: Ending,
    /// The request for the next invocation, always the same.
    next: Vec<u8>,
    /// The last other request, and what the server said to it.
    post: Vec<u8>,
    response: Response,
}

impl Client {
    /// Prepares to speak to `endpoint`; connects on first use. Once the process ends, it polls no more.
    pub(crate) fn new(endpoint: &Endpoint, executor: &Executor, ending: &Ending) -> Self {
        Self {
            endpoint: endpoint.clone(),
            connection: Connection::new(endpoint, executor),
            ending: ending.clone(),
            next: request::next(endpoint),
            post: Vec::new(),
            response: Response::default(),
        }
    }

    /// Waits for the next invocation, as long as it takes, and keeps it in `memory`. The first call ends the init phase.
    pub(crate) fn next<'m>(&mut self, memory: &'m mut Response) -> Result<Incoming<'m>, Fatal> {
        for _ in 0..MAX_NAMELESS {
            self.poll(memory)?;
            if let Some(id) = InvocationId::of(memory.headers()) {
                return Ok(Incoming { id: Arc::new(id), headers: memory.headers(), payload: memory.body() });
            }
            let name = headers::REQUEST_ID;
            error!("an invocation without a usable header {name} cannot be answered; it is dropped");
        }
        Err(Fatal(format!("the Runtime API sent {MAX_NAMELESS} invocations in a row without a request id")))
    }

    /// Polls until there is an event. Where the response is lost it polls once more, over a fresh connection: the service
    /// hands out again what it has not seen answered.
    fn poll(&mut self, event: &mut Response) -> Result<(), Fatal> {
        let mut was_lost = false;
        loop {
            self.ending.check()?;
            debug!("polling for the next invocation");
            let socket = self.connection.open().map_err(|error| self.gone(&error))?;
            match self.connection.exchange_once(socket, [&self.next, b""], event) {
                Ok(()) => was_lost = false,
                Err(error) if was_lost => return Err(self.gone(&error)),
                Err(error) => {
                    lost(&error);
                    was_lost = true;
                    continue;
                }
            }
            match event.status() {
                // Some emulators answer an idle poll like this; it carries no event.
                408 => self.connection.pause(PAUSE),
                204 if event.headers().get(headers::REQUEST_ID).is_none() => self.connection.pause(PAUSE),
                200..300 => return Ok(()),
                _ => return Err(Fatal(format!("failed to GET {}: {}", self.next_url(), event.summary()))),
            }
        }
    }

    #[cold]
    fn gone(&self, error: &io::Error) -> Fatal {
        Fatal(format!("the Runtime API is gone: failed to GET {}: {error}", self.next_url()))
    }

    fn next_url(&self) -> String {
        format!("http://{}{}", self.endpoint.host, self.endpoint.path(&["/invocation/next"]))
    }

    /// Sends the reply of an invocation.
    pub(crate) fn respond(&mut self, incoming: &Incoming<'_>, outgoing: &Outgoing) -> Result<(), Fatal> {
        let id = &incoming.id;
        self.post(&["/invocation/", id.path(), "/response"], id, &outgoing.bytes, None)
    }

    /// Sends the error of an invocation.
    pub(crate) fn report_error(&mut self, incoming: &Incoming<'_>, report: &Report) -> Result<(), Fatal> {
        let id = &incoming.id;
        self.post(&["/invocation/", id.path(), "/error"], id, &report.body, Some(report))
    }

    /// Says why the function cannot start; the process must then end.
    pub(crate) fn init_error(&mut self, report: &Report) -> Result<(), Fatal> {
        self.post(&["/init/error"], &InvocationId::default(), &report.body, Some(report))
    }

    fn post(&mut self, path: &[&str], id: &InvocationId, body: &[u8], report: Option<&Report>) -> Result<(), Fatal> {
        self.post.clear();
        request::post(&mut self.post, &self.endpoint, path, id, report, body.len());
        let rest = if body.len() > ONE_WRITE { body } else { b"" };
        if rest.is_empty() {
            self.post.extend(body);
        }
        let outcome = self.connection.exchange([&self.post, rest], &mut self.response);
        let (bytes, path) = (body.len(), || self.endpoint.path(path));
        let (level, words) = match (outcome, self.response.status()) {
            (Ok(_), status @ 200..300) => {
                debug!("POST {}: {status}", path());
                return Ok(());
            }
            (Ok(_), 500..) => return Err(Fatal(format!("failed to POST {}: {}", path(), self.response.summary()))),
            (Ok(true), 400 | 403) => (
                Level::Warn,
                format!(
                    "POST {} with {bytes} bytes was sent twice, as the response to the first try was lost; the second was \
                     rejected, probably because the first had been delivered: {}",
                    path(),
                    self.response.summary()
                ),
            ),
            (Ok(_), _) => {
                let (path, summary) = (path(), self.response.summary());
                (Level::Error, format!("POST {path} with {bytes} bytes was rejected: {summary}"))
            }
            // If the service is gone, the next poll says so and ends the process.
            (Err(error), _) => (Level::Error, format!("failed to POST {}: {error}", path())),
        };
        contain(|| log::log!(level, "{words}"));
        Ok(())
    }
}
