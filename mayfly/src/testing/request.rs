//! `SendRequest`: an HTTP request to a service, through one of the sources.

use super::chunks::{Begun, Chunks};
use super::failure::Failure;
use super::invoke::invoke;
use crate::around::list::Arounds;
use crate::http::gateway::Via;

/// Prepares one HTTP request to the handler with that path, alias or name: a function under
/// [`#[mayfly::service]`](macro@crate::service).
///
/// It goes through the event and the reply of a real source, that of an HTTP API unless [`via`](SendRequest::via) names
/// another.
pub fn request(handler: impl Into<String>, request: http::Request<impl Into<bytes::Bytes>>) -> SendRequest {
    SendRequest { handler: handler.into(), request: request.map(Into::into), via: Via::default(), arounds: None }
}

/// A builder of one HTTP request, which [`request()`] returns.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `run`"]
pub struct SendRequest {
    handler: String,
    request: http::Request<bytes::Bytes>,
    via: Via,
    arounds: Option<Arounds>,
}

impl SendRequest {
    /// Sends the request through this source.
    pub fn via(mut self, via: Via) -> Self {
        self.via = via;
        self
    }

    /// Runs the service inside of these functions, as [`Invoke::around`](super::invoke::Invoke::around) does.
    pub fn around(mut self, arounds: Arounds) -> Self {
        self.arounds = Some(arounds);
        self
    }

    /// Sends the request, and returns the response as the source reads it from the reply, with all of its body.
    ///
    /// # Errors
    /// The report of an invocation that fails, which a source would answer with 500 or 502, or of a response that
    /// breaks off.
    ///
    /// # Panics
    /// If the source would answer 502 to the reply.
    pub fn run(self) -> Result<http::Response<bytes::Bytes>, Failure> {
        let (response, chunks) = self.begin()?;
        let Some(chunks) = chunks else { return Ok(response) };
        let body = chunks.collect::<Result<Vec<_>, _>>()?.concat();
        Ok(response.map(|_| body.into()))
    }

    /// Sends the request to a service with the argument `stream`, and returns the response, whose body is still on its
    /// way.
    ///
    /// # Errors
    /// The report of an invocation that fails before the response begins.
    ///
    /// # Panics
    /// If the responses of the service are not streamed.
    pub fn stream(self) -> Result<http::Response<Chunks>, Failure> {
        let (response, chunks) = self.begin()?;
        let chunks = chunks.expect("a service streams its responses if it has `#[mayfly::service(stream)]`");
        Ok(response.map(|_| chunks))
    }

    fn begin(self) -> Result<(http::Response<bytes::Bytes>, Option<Chunks>), Failure> {
        let mut invoke = invoke(self.handler);
        invoke.arounds = self.arounds;
        let (reply, chunks) = match invoke.event(self.via.event(&self.request)).begin()? {
            Begun::Whole(reply) => (reply, None),
            Begun::Streamed(mut chunks) => (chunks.http_head.take().unwrap_or_default(), Some(chunks)),
        };
        let response = self.via.response(&reply);
        Ok((response.unwrap_or_else(|why| panic!("{:?} would answer 502: {why}", self.via)), chunks))
    }
}
