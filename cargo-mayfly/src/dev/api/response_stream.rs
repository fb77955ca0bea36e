//! [`ResponseStream`]: the body of a response to `InvokeWithResponseStream`.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use cargo_mayfly::emulator::Outcome;
use hyper::body::{Body, Frame};

use crate::dev::fleet::execution_environment::Invoked;
use crate::dev::fleet::running::Running;
use crate::dev::response_body::BrokenOff;
use crate::lambda::event_stream::{InvokeComplete, payload_chunk, reply};

/// The messages of a response, which are sent while the function streams its reply.
#[derive(Debug)]
pub(crate) struct ResponseStream {
    /// The invocation, until its last message.
    running: Option<Running>,
    request_id: String,
    wants_logs: bool,
}

impl ResponseStream {
    pub(crate) fn new(running: Running, request_id: &str, wants_logs: bool) -> Self {
        Self { running: Some(running), request_id: request_id.to_owned(), wants_logs }
    }

    /// Returns the last messages: a reply that was not streamed is one chunk.
    fn end(&self, invoked: &Invoked) -> Vec<u8> {
        let mut messages = match invoked.outcome.reply() {
            Some(bytes) => reply(bytes),
            None => Vec::new(),
        };
        let mut complete = self.complete(&invoked.outcome);
        if self.wants_logs {
            complete.log_result = Some(invoked.log_result(&self.request_id));
        }
        messages.extend(complete.encode());
        messages
    }

    /// Returns the last message. The error code is `Unhandled` for an error that the function reported, and the type of
    /// the error if it is Lambda's own.
    fn complete(&self, outcome: &Outcome) -> InvokeComplete {
        let details = || String::from_utf8_lossy(&outcome.payload(&self.request_id)).into_owned();
        match (outcome, outcome.error()) {
            (_, None) => InvokeComplete::default(),
            (Outcome::Error(_) | Outcome::InitError(_), Some(_)) => InvokeComplete::failed("Unhandled", details()),
            (_, Some(error)) => InvokeComplete::failed(&error.error_type, details()),
        }
    }
}

impl Body for ResponseStream {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        let Some(running) = &mut self.running else { return Poll::Ready(None) };
        let messages = match ready!(running.poll_chunk(context)) {
            Some(chunk) => Ok(payload_chunk(&chunk)),
            None => {
                let invoked = ready!(running.poll_invoked(context));
                self.running = None;
                invoked.map(|invoked| self.end(&invoked)).map_err(|_| BrokenOff)
            }
        };
        Poll::Ready(Some(messages.map(|messages| Frame::data(messages.into()))))
    }
}
