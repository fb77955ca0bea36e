//! Streams a response to a browser.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame};

use crate::console::say;
use crate::counted::counted;
use crate::dev::fleet::running::Running;
use crate::dev::response_body::BrokenOff;

/// The body of a streamed response, which is sent while the function makes it.
#[derive(Debug)]
pub(crate) struct Streamed {
    /// The first bytes, which came with the head.
    first: Bytes,
    running: Running,
    /// The function and the request, for the line about a failure.
    what: String,
    /// The number of bytes so far.
    size: u64,
    end: End,
}

/// The state of the body's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Ahead,
    Complete,
    Failed,
}

impl Streamed {
    /// Creates a body from its first bytes and the invocation that sends the rest.
    pub(crate) fn new(first: Bytes, running: Running, what: String) -> Self {
        Self { first, running, what, size: 0, end: End::Ahead }
    }

    /// Waits for the result of the invocation, after the last chunk, and prints why it failed.
    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<End> {
        let error = match ready!(self.running.poll_invoked(context)) {
            Ok(invoked) => {
                invoked.outcome.error().map(|error| format!("{}: {}", error.error_type, error.error_message))
            }
            Err(refusal) => Some(refusal.message),
        };
        let Some(error) = error else { return Poll::Ready(End::Complete) };
        let size = counted(self.size, "byte");
        say(format_args!("{}: the response broke off after {size}: {error}", self.what));
        Poll::Ready(End::Failed)
    }
}

impl Body for Streamed {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        match self.end {
            End::Ahead => {}
            End::Complete => return Poll::Ready(None),
            End::Failed => return Poll::Ready(Some(Err(BrokenOff))),
        }
        let first = std::mem::take(&mut self.first);
        let chunk = if first.is_empty() { ready!(self.running.poll_chunk(context)) } else { Some(first) };
        if let Some(chunk) = chunk {
            self.size += chunk.len() as u64;
            return Poll::Ready(Some(Ok(Frame::data(chunk))));
        }
        self.end = ready!(self.poll_end(context));
        if self.end == End::Complete {
            return Poll::Ready(None);
        }
        // The server drops what it has not sent yet at a failure, but sends it in a pause.
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::pin::pin;
    use std::task::Waker;

    use cargo_mayfly::emulator::StreamedReply;
    use tokio::sync::oneshot;

    use super::*;
    use crate::dev::fleet::execution_environment::Invoked;

    #[test]
    fn a_failed_body_pauses_before_it_fails() {
        let (sink, reply) = StreamedReply::new();
        drop(sink);
        let (sender, invoked) = oneshot::channel();
        sender.send(Invoked::not_started(&io::Error::other("a failure"))).expect("it is received");
        let running = Running::new(reply, invoked);
        let mut body = pin!(Streamed::new(Bytes::from_static(b"first"), running, "GET /".to_owned()));
        let mut context = Context::from_waker(Waker::noop());
        let mut poll = || body.as_mut().poll_frame(&mut context);
        assert!(matches!(poll(), Poll::Ready(Some(Ok(frame))) if frame.is_data()));
        assert!(poll().is_pending());
        assert!(matches!(poll(), Poll::Ready(Some(Err(BrokenOff)))));
    }
}
