//! The Runtime API's verbs: next, respond, fail, init error.
//!
//! Facts of the protocol: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.

use std::fmt::Write;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use log::{Level, debug, error};

use crate::error::report::Report;
use crate::executor::Executor;
use crate::in_flight::Ending;
use crate::invocation::context;
use crate::panic::hook::contain;
use crate::runtime_api::connection::{Connection, lost};
use crate::runtime_api::endpoint::Endpoint;
use crate::runtime_api::headers::{self, Headers};
use crate::runtime_api::request;
use crate::runtime_api::response::Answer;

/// A body up to this is copied behind its head and goes out with it in one write.
const ONE_WRITE: usize = 64 << 10;
/// How long to wait before polling again when the service had nothing.
const PAUSE: Duration = Duration::from_millis(50);
/// How many answers in a row may lack a request id before something must be wrong.
const MAX_NAMELESS: usize = 10;
/// Ids of Lambda have 36 characters; what does not fit into a path is none.
const MAX_ID: usize = 1 << 10;

/// A reason for the process to end, in a sentence.
#[derive(Debug)]
pub(crate) struct Fatal(pub(crate) String);

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
    answer: Answer,
}

/// What an answer must carry to reach its invocation.
#[derive(Debug, Default)]
pub(crate) struct InvocationId {
    /// The request id.
    pub(crate) text: String,
    /// The same as it can stand in a path, where that differs.
    encoded: Option<String>,
    /// `Lambda-Runtime-Invocation-Id`, to be echoed if it was given: it tells a late answer from a fresh one.
    pub(crate) echo: Option<Vec<u8>>,
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
            answer: Answer::default(),
        }
    }

    /// Waits for the next invocation, as long as it takes; its payload is the body of `event`. The first call ends the
    /// init phase.
    pub(crate) fn next(&mut self, event: &mut Answer) -> Result<Arc<InvocationId>, Fatal> {
        for _ in 0..MAX_NAMELESS {
            self.poll(event)?;
            if let Some(id) = InvocationId::of(event.headers()) {
                return Ok(Arc::new(id));
            }
            let name = headers::REQUEST_ID;
            error!("an invocation without a usable header {name} cannot be answered; it is dropped");
        }
        Err(Fatal(format!("the Runtime API sent {MAX_NAMELESS} invocations in a row without a request id")))
    }

    /// Polls until there is an event. Where the answer is lost it polls once more, over a fresh connection: the service
    /// hands out again what it has not seen answered.
    fn poll(&mut self, event: &mut Answer) -> Result<(), Fatal> {
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
                // Emulators answer an idle poll so; there is no event in it.
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

    /// Hands in the reply of an invocation.
    pub(crate) fn respond(&mut self, id: &InvocationId, reply: &[u8]) -> Result<(), Fatal> {
        self.post(&["/invocation/", id.path(), "/response"], id, reply, None)
    }

    /// Hands in the error of an invocation.
    pub(crate) fn fail(&mut self, id: &InvocationId, report: &Report) -> Result<(), Fatal> {
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
        let outcome = self.connection.exchange([&self.post, rest], &mut self.answer);
        let (bytes, path) = (body.len(), || self.endpoint.path(path));
        let (level, words) = match (outcome, self.answer.status()) {
            (Ok(_), status @ 200..300) => {
                debug!("POST {}: {status}", path());
                return Ok(());
            }
            (Ok(_), 500..) => return Err(Fatal(format!("failed to POST {}: {}", path(), self.answer.summary()))),
            (Ok(true), 400 | 403) => (
                Level::Warn,
                format!(
                    "POST {} with {bytes} bytes was sent twice, as the answer to the first try was lost; the second was \
                     rejected, probably because the first had been delivered: {}",
                    path(),
                    self.answer.summary()
                ),
            ),
            (Ok(_), _) => {
                let (path, summary) = (path(), self.answer.summary());
                (Level::Error, format!("POST {path} with {bytes} bytes was rejected: {summary}"))
            }
            // If the service is gone, the next poll says so and ends the process.
            (Err(error), _) => (Level::Error, format!("failed to POST {}: {error}", path())),
        };
        contain(|| log::log!(level, "{words}"));
        Ok(())
    }
}

impl InvocationId {
    /// Takes the ids from the headers of `/next`; none if there is no request id.
    fn of(headers: Headers<'_>) -> Option<Self> {
        let id = headers.get(headers::REQUEST_ID)?;
        (id.len() <= MAX_ID).then(|| Self {
            text: context::text(id).into_owned(),
            encoded: (!id.iter().copied().all(stands_in_a_path)).then(|| percent_encoded(id)),
            echo: headers.get(headers::INVOCATION_ID).map(<[u8]>::to_vec),
        })
    }

    /// The request id as one segment of a path.
    pub(crate) fn path(&self) -> &str {
        self.encoded.as_deref().unwrap_or(&self.text)
    }
}

fn stands_in_a_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// Escapes what cannot stand in one segment of a path. The ids of Lambda itself have nothing of it.
fn percent_encoded(id: &[u8]) -> String {
    let mut encoded = String::with_capacity(id.len());
    for &byte in id {
        if stands_in_a_path(byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
