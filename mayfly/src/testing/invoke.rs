//! `Invoke`: one invocation of a handler, and its reply.

use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Once};
use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::chunks::{Begun, Chunks, Piece, Sending};
use super::failure::Failure;
use crate::around::list::Arounds;
use crate::env::Function;
use crate::error::Error;
use crate::error::report::Report;
use crate::instance::Instance;
use crate::logging::logger::Log;
use crate::panic::hook;
use crate::registry::select;
use crate::runtime_api::headers;
use crate::runtime_api::incoming::Incoming;
use crate::runtime_api::invocation_id::InvocationId;
use crate::runtime_api::outgoing::Outgoing;
use crate::runtime_api::response::Response;
use crate::runtime_api::trailers;
use crate::stream::writer::Sink;

/// Prepares one invocation of the handler with that path, alias or name.
///
/// By default the event is `{}`, the deadline is in three seconds, and the request id is a fixed one.
pub fn invoke(handler: impl Into<String>) -> Invoke {
    let invoke = Invoke {
        handler: handler.into(),
        payload: b"{}".to_vec(),
        headers: Vec::new(),
        function: Function::default(),
        arounds: None,
    };
    invoke.header(headers::REQUEST_ID, "8476a536-e9f4-11e8-9739-2dfe598c3fcd").deadline(Duration::from_secs(3))
}

/// A builder of one invocation, which [`invoke`] returns.
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `run`"]
pub struct Invoke {
    handler: String,
    payload: Vec<u8>,
    headers: Vec<(String, String)>,
    function: Function,
    pub(super) arounds: Option<Arounds>,
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

    /// Runs the handler inside of these functions, the outermost first, in place of those that `main!` names in the
    /// binary. Those of the handler's own attribute run in any case.
    ///
    /// ```
    /// use mayfly::{Error, Invocation, Next, around, testing};
    ///
    /// #[mayfly::around]
    /// async fn replaced(_: &Invocation<'_>, next: Next<'_>) -> Result<around::Reply, Error> {
    ///     next.run().await.or_else(|error| around::Reply::new(error.message()))
    /// }
    ///
    /// #[mayfly::handler(name = "failing")]
    /// fn failing() -> Result<(), Error> {
    ///     Err(Error::new("SoldOut", "there is none left"))
    /// }
    ///
    /// fn main() {
    ///     let reply = testing::invoke("failing").around(mayfly::arounds![replaced]).run().unwrap();
    ///     assert_eq!(reply.json::<String>(), "there is none left");
    /// }
    /// ```
    pub fn around(mut self, arounds: Arounds) -> Self {
        self.arounds = Some(arounds);
        self
    }

    /// Builds the states that the handler needs, anew in each run, calls the handler and encodes its reply. The chunks
    /// of a streamed reply are joined.
    ///
    /// It can be called anywhere, even inside a tokio runtime, since the handler runs on a thread of its own.
    ///
    /// # Errors
    /// Returns the error that Lambda's caller would get: the handler's error or panic, a bad event, a failed init or an
    /// unknown handler, or the failure of a stream after its beginning.
    pub fn run(self) -> Result<Reply, Failure> {
        match self.begin()? {
            Begun::Whole(bytes) => Ok(Reply(bytes)),
            Begun::Streamed(chunks) => Ok(Reply(chunks.collect::<Result<Vec<_>, _>>()?.concat())),
        }
    }

    /// Calls a handler that returns a [`Stream`](crate::Stream), and returns the chunks as they come.
    ///
    /// # Errors
    /// Returns the error of an invocation that fails before its first chunk has left.
    ///
    /// # Panics
    /// If the handler replies with anything but a stream.
    pub fn stream(self) -> Result<Chunks, Failure> {
        match self.begin()? {
            Begun::Streamed(chunks) => Ok(chunks),
            Begun::Whole(reply) => panic!("the reply is not a stream: {}", String::from_utf8_lossy(&reply)),
        }
    }

    /// Starts the handler, and waits for its reply or for its first chunk.
    pub(super) fn begin(self) -> Result<Begun, Failure> {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| hook::install_for_tests(Log::default()));
        Chunks::begin(move |to| {
            if let Err(error) = self.run_here(to) {
                let _ = to.send(Piece::Failed(Report::of(&error)));
            }
        })
    }

    fn run_here(&self, to: &SyncSender<Piece>) -> Result<(), Error> {
        let instance =
            Instance::new(select::by_name(&self.handler)?, &Arc::new(self.function.clone()), 1, None, self.arounds)?;
        #[cfg(feature = "trace-env")]
        let instance = instance.without_trace_env();
        let response = self.response().unwrap_or_default();
        let id = Arc::new(InvocationId::of(response.headers()).unwrap_or_default());
        let incoming = Incoming { id, headers: response.headers(), payload: &self.payload };
        let mut outgoing = Outgoing::default();
        instance.call(&incoming, &mut outgoing)?;
        let Some(body) = outgoing.body else {
            let _ = to.send(Piece::Whole(outgoing.bytes));
            return Ok(());
        };
        let (content_type, http_head) = body.head();
        let _ = to.send(Piece::Head(content_type, http_head));
        let mut sink = Sending { to, has_begun: false };
        let rest = &mut outgoing.bytes;
        let outcome = body.produce(rest, &mut sink, instance.driver(&incoming), &|error| instance.placed(error));
        // As on the wire, the rest of a reply that fails before its first chunk is not sent.
        if (outcome.is_ok() || sink.has_begun) && !rest.is_empty() {
            let _ = sink.send([rest, b""]);
        }
        match outcome {
            Err(error) if sink.has_begun => _ = to.send(Piece::Failed(trailers::report(&error))),
            outcome => outcome?,
        }
        Ok(())
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
