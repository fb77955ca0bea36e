//! The Runtime API's verbs: next, respond, fail, init error.
//!
//! Facts of the protocol: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.

use std::fmt::{Display, Write};
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use log::{debug, error};
use ureq::http::header::{CONTENT_TYPE, HOST};
use ureq::http::uri::Scheme;
use ureq::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri};
use ureq::{Agent, AsSendBody, Body};

use crate::endpoint::Endpoint;
use crate::event::EventBuffer;
use crate::executor::Executor;
use crate::header;
use crate::report::Report;
use crate::transport::{Dialer, Resolved, Wire};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// Room for a request line and the headers that are always sent.
const HEAD_SIZE: usize = 2 << 10;
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
    agent: Agent,
    endpoint: Endpoint,
    host: HeaderValue,
    next: Uri,
    wire: Arc<Wire>,
}

/// An invocation as `/next` handed it out; its payload stands in the [`EventBuffer`].
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) headers: HeaderMap,
    pub(crate) id: Arc<InvocationId>,
}

/// What an answer must carry to reach its invocation.
#[derive(Debug, Default)]
pub(crate) struct InvocationId {
    /// The request id.
    pub(crate) text: String,
    /// The same as it can stand in a path, where that differs.
    encoded: Option<String>,
    /// `Lambda-Runtime-Invocation-Id`, to be echoed if it was given: it tells a late answer from a fresh one.
    pub(crate) echo: Option<HeaderValue>,
}

impl Client {
    /// Prepares to speak to `endpoint`; connects on first use.
    pub(crate) fn new(endpoint: &Endpoint, executor: &Executor) -> Result<Self, Fatal> {
        let wire = Arc::<Wire>::default();
        let config = Agent::config_builder()
            .proxy(None) // ureq would send even loopback traffic through HTTP_PROXY
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent("")
            .accept("")
            .accept_encoding("")
            .max_response_header_size(1 << 20)
            .max_idle_age(Duration::from_secs(u64::from(u32::MAX))) // a frozen process is idle for hours
            .max_idle_connections_per_host(1)
            .build();
        let dialer = Dialer { endpoint: endpoint.clone(), executor: executor.clone(), wire: Arc::clone(&wire) };
        let agent = Agent::with_parts(config, dialer, Resolved(endpoint.clone()));
        let next = uri(endpoint, endpoint.path(&["/invocation/next"]))?;
        let host = HeaderValue::from_str(endpoint.host()).map_err(|error| no_address(&error))?;
        Ok(Self { agent, endpoint: endpoint.clone(), host, next, wire })
    }

    /// Waits for the next invocation, as long as it takes. The first call ends the init phase.
    pub(crate) fn next(&self, event: &mut EventBuffer) -> Result<Received, Fatal> {
        for _ in 0..MAX_NAMELESS {
            let headers = self.poll(event)?;
            if let Some(id) = InvocationId::of(&headers) {
                return Ok(Received { headers, id: Arc::new(id) });
            }
            let name = &header::REQUEST_ID;
            error!("an invocation without a usable header {name} cannot be answered; it is dropped");
        }
        Err(Fatal(format!("the Runtime API sent {MAX_NAMELESS} invocations in a row without a request id")))
    }

    fn poll(&self, event: &mut EventBuffer) -> Result<HeaderMap, Fatal> {
        loop {
            debug!("polling for the next invocation");
            let (status, headers) = self
                .on_live_connection(|| {
                    let request = self.request(Method::GET, self.next.clone());
                    let (parts, body) = self.exchange(request.body(()), 0)?.into_parts();
                    event.fill(body)?;
                    Ok((parts.status, parts.headers))
                })
                .map_err(|error| Fatal(format!("the Runtime API is gone: failed to GET {}: {error}", self.next)))?;
            match status {
                StatusCode::OK => return Ok(headers),
                // Emulators answer an idle poll so; there is no event in it.
                StatusCode::NO_CONTENT | StatusCode::REQUEST_TIMEOUT => thread::sleep(PAUSE),
                _ => return Err(Fatal(format!("failed to GET {}: {}", self.next, rejection(status, event.bytes())))),
            }
        }
    }

    /// Hands in the reply of an invocation.
    pub(crate) fn respond(&self, id: &InvocationId, reply: &[u8]) -> Result<(), Fatal> {
        self.post(self.endpoint.path(&["/invocation/", id.path(), "/response"]), id, reply, None)
    }

    /// Hands in the error of an invocation.
    pub(crate) fn fail(&self, id: &InvocationId, report: &Report) -> Result<(), Fatal> {
        self.post(self.endpoint.path(&["/invocation/", id.path(), "/error"]), id, &report.body, Some(report))
    }

    /// Says why the function cannot start; the process must then end.
    pub(crate) fn init_error(&self, report: &Report) -> Result<(), Fatal> {
        self.post(self.endpoint.path(&["/init/error"]), &InvocationId::default(), &report.body, Some(report))
    }

    fn post(&self, path: String, id: &InvocationId, body: &[u8], report: Option<&Report>) -> Result<(), Fatal> {
        let uri = uri(&self.endpoint, path)?;
        let path = uri.path();
        let mut tries = 0;
        let outcome = self.on_live_connection(|| {
            tries += 1;
            let mut request = self.request(Method::POST, uri.clone()).header(CONTENT_TYPE, JSON);
            if let Some(echo) = &id.echo {
                request = request.header(&header::INVOCATION_ID, echo);
            }
            let mut size = HEAD_SIZE + path.len() + body.len();
            if let Some(report) = report {
                request = request.header(&header::ERROR_TYPE, &report.error_type);
                if let Some(cause) = &report.xray_cause {
                    request = request.header(&header::XRAY_CAUSE, cause);
                    size += cause.len();
                }
            }
            let (parts, answer) = self.exchange(request.body(body), size)?.into_parts();
            let (mut answer, mut text) = (unlimited(answer), Vec::new());
            // Read to its end, or the connection could not be used again.
            if parts.status.is_success() {
                while answer.read(&mut [0; 64])? > 0 {}
            } else {
                answer.read_to_end(&mut text)?;
            }
            Ok((parts.status, text))
        });
        match outcome {
            Ok((status, _)) if status.is_success() => {
                debug!("POST {path}: {status}");
                Ok(())
            }
            // The first try arrived before its connection was lost.
            Ok((StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN, _)) if tries > 1 => Ok(()),
            Ok((status, answer)) if status.is_server_error() => {
                Err(Fatal(format!("failed to POST {path}: {}", rejection(status, &answer))))
            }
            Ok((status, answer)) => {
                error!("POST {path} with {} bytes was rejected: {}", body.len(), rejection(status, &answer));
                Ok(())
            }
            // If the service is gone, the next poll says so and ends the process.
            Err(error) => {
                error!("failed to POST {path}: {error}");
                Ok(())
            }
        }
    }

    /// With its host, which ureq would otherwise put together anew for each request.
    fn request(&self, method: Method, uri: Uri) -> ureq::http::request::Builder {
        Request::builder().method(method).uri(uri).header(HOST, &self.host)
    }

    /// Runs `exchange`, and once more if it failed on a connection that had been in use before: the server may have
    /// closed it while it was idle.
    fn on_live_connection<T>(&self, mut exchange: impl FnMut() -> io::Result<T>) -> io::Result<T> {
        let connections = || self.wire.connections.load(Ordering::Relaxed);
        let before = connections();
        match exchange() {
            Err(error) if connections() == before => {
                // Nothing unusual: a frozen process finds it closed when it wakes.
                debug!("the connection to the Runtime API was lost ({error}); trying again on a new one");
                exchange()
            }
            outcome => outcome,
        }
    }

    fn exchange<B: AsSendBody>(
        &self,
        request: ureq::http::Result<Request<B>>,
        size: usize,
    ) -> io::Result<Response<Body>> {
        self.wire.request_size.store(size, Ordering::Relaxed);
        self.agent.run(request.map_err(io::Error::other)?).map_err(ureq::Error::into_io)
    }
}

fn uri(endpoint: &Endpoint, path: String) -> Result<Uri, Fatal> {
    let parts = Uri::builder().scheme(Scheme::HTTP).authority(endpoint.authority.clone());
    parts.path_and_query(path).build().map_err(|error| no_address(&error))
}

fn no_address(error: &dyn Display) -> Fatal {
    Fatal(format!("no address of the Runtime API: {error}"))
}

/// Bodies have no size limit of ours: Lambda has its own.
pub(crate) fn unlimited(body: Body) -> impl Read {
    body.into_with_config().limit(u64::MAX).reader()
}

/// Shows what a server said no with.
fn rejection(status: StatusCode, body: &[u8]) -> String {
    format!("{status} {}", String::from_utf8_lossy(&body[..body.len().min(2 << 10)]).trim())
}

impl InvocationId {
    /// Takes the ids from the headers of `/next`; none if there is no request id.
    fn of(headers: &HeaderMap) -> Option<Self> {
        let id = headers.get(&header::REQUEST_ID)?.as_bytes().trim_ascii();
        let echo = headers.get(&header::INVOCATION_ID).filter(|value| !value.as_bytes().trim_ascii().is_empty());
        (1..=MAX_ID).contains(&id.len()).then(|| Self {
            text: std::str::from_utf8(id).map_or_else(|_| String::from_utf8_lossy(id).into_owned(), str::to_owned),
            encoded: (!id.iter().copied().all(stands_in_a_path)).then(|| percent_encoded(id)),
            echo: echo.cloned(),
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
