//! `Invoke` and what belongs to it: a prepared invocation, its reply and its failure.

use std::fmt;
use std::panic::resume_unwind;
use std::sync::{Arc, Once};
use std::thread;
use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::env::Function;
use crate::error::Error;
use crate::error::report::Report;
use crate::instance::Instance;
use crate::logging::logger::Log;
use crate::panic::hook;
use crate::registry::all;
use crate::registry::plan;
use crate::registry::select;
use crate::runtime_api::headers;
use crate::runtime_api::incoming::Incoming;
use crate::runtime_api::invocation_id::InvocationId;
use crate::runtime_api::outgoing::Outgoing;
use crate::runtime_api::response::Response;

/// Prepares one invocation of the handler with that path, alias or name.
///
/// By default the event is `{}`, the deadline is in three seconds, and the request id is a fixed one.
pub fn invoke(handler: impl Into<String>) -> Invoke {
    let invoke =
        Invoke { handler: handler.into(), payload: b"{}".to_vec(), headers: Vec::new(), function: Function::default() };
    invoke.header(headers::REQUEST_ID, "8476a536-e9f4-11e8-9739-2dfe598c3fcd").deadline(Duration::from_secs(3))
}

/// Prepares one HTTP request to the handler with that path, alias or name: a function under
/// [`#[mayfly::service]`](macro@crate::service).
///
/// It goes through the event and the reply of a real source, that of an HTTP API unless [`via`](SendRequest::via) names
/// another.
#[cfg(feature = "http")]
pub fn request(handler: impl Into<String>, request: http::Request<impl Into<bytes::Bytes>>) -> SendRequest {
    SendRequest { handler: handler.into(), request: request.map(Into::into), via: Via::default() }
}

#[cfg(feature = "http")]
use crate::http::gateway::Via;

/// A builder of one HTTP request, which [`request()`] returns.
#[cfg(feature = "http")]
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `run`"]
pub struct SendRequest {
    handler: String,
    request: http::Request<bytes::Bytes>,
    via: Via,
}

#[cfg(feature = "http")]
impl SendRequest {
    /// Sends the request through this source.
    pub fn via(mut self, via: Via) -> Self {
        self.via = via;
        self
    }

    /// Sends the request, and returns the response as the source reads it from the reply.
    ///
    /// # Errors
    /// The report of an invocation that fails, which a source would answer with 500 or 502.
    ///
    /// # Panics
    /// If the source would answer 502 to the reply.
    pub fn run(self) -> Result<http::Response<bytes::Bytes>, Failure> {
        let reply = invoke(self.handler).event(self.via.event(&self.request)).run()?;
        Ok(self.via.response(reply.bytes()).unwrap_or_else(|why| panic!("{:?} would answer 502: {why}", self.via)))
    }
}

/// A builder of one invocation, which [`invoke`] returns.
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `run`"]
pub struct Invoke {
    handler: String,
    payload: Vec<u8>,
    headers: Vec<(String, String)>,
    function: Function,
}

impl Invoke {
    /// Sets the event, which is sent as JSON.
    ///
    /// # Panics
    /// Panics if the event cannot be written as JSON.
    pub fn event(self, event: impl Serialize) -> Self {
        self.payload(serde_json::to_vec(&event).expect("an event is JSON"))
    }

    /// Sets the bytes of the event, which need not be JSON.
    pub fn payload(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.payload = bytes.into();
        self
    }

    /// Sets the time that the invocation has left, from now on.
    pub fn deadline(self, remaining: Duration) -> Self {
        let deadline = SystemTime::now() + remaining;
        let since_epoch = deadline.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        self.header(headers::DEADLINE_MS, &since_epoch.as_millis().to_string())
    }

    /// Sets the client context.
    pub fn client_context(self, context: &Value) -> Self {
        self.header(headers::CLIENT_CONTEXT, &context.to_string())
    }

    /// Sets the tenant id.
    pub fn tenant_id(self, tenant: &str) -> Self {
        self.header(headers::TENANT_ID, tenant)
    }

    /// Sets a header of the response to `/next`, such as `Lambda-Runtime-Trace-Id`, in place of any other of that name.
    ///
    /// # Panics
    /// Panics if the name or the value is not valid in an HTTP header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        assert!(self.response().is_some(), "`{name}: {value}` is not a valid HTTP header");
        self
    }

    /// Sets [`Context::function`](crate::Context::function).
    pub fn function(mut self, function: Function) -> Self {
        self.function = function;
        self
    }

    /// Builds the states that the handler needs, anew in each run, calls the handler and encodes its reply.
    ///
    /// It can be called anywhere, even inside a tokio runtime, since the handler runs on a thread of its own.
    ///
    /// # Errors
    /// Returns the error that Lambda's caller would get: the handler's error or panic, a bad event, a failed init or an
    /// unknown handler.
    pub fn run(self) -> Result<Reply, Failure> {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| _ = hook::install(Log::default()));
        let run = || self.run_here().map(Reply).map_err(|error| Failure(Report::of(&error)));
        thread::scope(|scope| scope.spawn(run).join()).unwrap_or_else(|payload| resume_unwind(payload))
    }

    fn run_here(&self) -> Result<Vec<u8>, Error> {
        let instance = Instance::new(select::by_name(&self.handler)?, &Arc::new(self.function.clone()), 1, None)?;
        #[cfg(feature = "trace-env")]
        let instance = instance.without_trace_env();
        let response = self.response().unwrap_or_default();
        let id = Arc::new(InvocationId::of(response.headers()).unwrap_or_default());
        let incoming = Incoming { id, headers: response.headers(), payload: &self.payload };
        let mut outgoing = Outgoing::default();
        instance.call(&incoming, &mut outgoing)?;
        Ok(outgoing.bytes)
    }

    /// Returns the response of the Runtime API, or `None` if a header is not valid.
    fn response(&self) -> Option<Response> {
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (&**name, value.as_bytes())).collect();
        Response::with_headers(&headers).ok()
    }
}

/// The reply of a handler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply(Vec<u8>);

impl Reply {
    /// Returns the bytes that Lambda's caller gets.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Deserializes the reply into a type, such as a `serde_json::Value`.
    ///
    /// # Panics
    /// Panics if the reply cannot be read as a `T`.
    #[must_use]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.0)
            .unwrap_or_else(|error| panic!("{error} in the reply {}", String::from_utf8_lossy(&self.0)))
    }
}

/// The error that Lambda's caller gets instead of a reply.
pub struct Failure(Report);

impl Failure {
    /// Returns the `errorType`.
    #[must_use]
    pub fn error_type(&self) -> String {
        self.text("errorType")
    }

    /// Returns the `errorMessage`.
    #[must_use]
    pub fn message(&self) -> String {
        self.text("errorMessage")
    }

    /// Returns the lines of the `stackTrace`.
    #[must_use]
    pub fn stack_trace(&self) -> Vec<String> {
        let json = self.json();
        let lines = json["stackTrace"].as_array().into_iter().flatten();
        lines.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Returns the whole error JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.0.body).unwrap_or_default()
    }

    fn text(&self, member: &str) -> String {
        self.json()[member].as_str().unwrap_or_default().to_owned()
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.json())
    }
}

/// Formats the type and the message.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error_type(), self.message())
    }
}

impl std::error::Error for Failure {}

/// Checks the whole registry of the test's binary for names that are registered twice, several `default` handlers,
/// states without an init or with two, and inits that need each other.
///
/// # Errors
/// Returns every problem that would keep one of the handlers from starting.
pub fn check() -> Result<(), Problems> {
    let handlers = all::sorted();
    let names = handlers
        .iter()
        .flat_map(|handler| handler.name.map(str::to_owned).into_iter().chain([handler.path().into_owned()]));
    let selected = names.filter_map(|name| select::by_name(&name).err());
    let planned = handlers.iter().filter_map(|handler| plan::plan(handler).err());
    let mut problems: Vec<_> =
        selected.chain(planned).chain(select::default().err()).map(|error| error.message().to_owned()).collect();
    problems.sort();
    problems.dedup();
    if problems.is_empty() { Ok(()) } else { Err(Problems(problems)) }
}

/// The problems that [`check`] found, one sentence each.
pub struct Problems(Vec<String>);

impl Problems {
    /// Iterates over the sentences.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// Formats one problem per line, so that `unwrap` shows them well.
impl fmt::Debug for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|problem| write!(f, "\n- {problem}"))
    }
}

/// Formats all problems on one line.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl std::error::Error for Problems {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_and_failures_can_be_returned_by_a_question_mark() {
        fn checked() -> Result<(), Error> {
            check()?;
            Err(Problems(vec!["one".to_owned(), "two".to_owned()]))?
        }
        fn invoked() -> Result<Reply, Box<dyn std::error::Error + Send + Sync>> {
            Ok(invoke("nothing").run()?)
        }
        let error = checked().unwrap_err();
        assert_eq!((error.name(), error.message()), ("mayfly::testing::invoke::Problems", "one; two"));
        let error = invoked().unwrap_err().to_string();
        assert!(error.starts_with("Runtime.HandlerNotFound: Handler not found: "), "{error}");
    }
}
