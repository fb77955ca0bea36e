//! [`StreamedReply`]: a streamed reply on its way to the caller.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::sync::mpsc;

/// A streamed reply, which is read while the function sends it.
///
/// The function is slowed down to the speed of the reader. Dropping this value closes the connection of a function that
/// streams.
#[derive(Debug)]
pub struct StreamedReply {
    parts: mpsc::Receiver<Part>,
}

/// The other end of a [`StreamedReply`], for [`Invocation::stream`](crate::emulator::Invocation::stream). It can be
/// used once.
#[derive(Clone, Debug)]
pub struct StreamSink(Arc<Mutex<Option<mpsc::Sender<Part>>>>);

/// A part of a streamed reply.
#[derive(Debug)]
pub(crate) enum Part {
    /// The beginning, with the content type.
    Beginning(String),
    Chunk(Bytes),
}

impl StreamedReply {
    /// Creates the two ends of a streamed reply.
    #[must_use]
    pub fn new() -> (StreamSink, Self) {
        let (sender, parts) = mpsc::channel(1);
        (StreamSink(Arc::new(Mutex::new(Some(sender)))), Self { parts })
    }

    /// Waits for the beginning of the stream, and returns its content type. Returns `None` if the invocation ends
    /// without a stream.
    pub async fn content_type(&mut self) -> Option<String> {
        match self.parts.recv().await? {
            Part::Beginning(content_type) => Some(content_type),
            Part::Chunk(_) => None,
        }
    }

    /// Waits for the next chunk. Returns `None` at the end of the invocation, whose outcome tells whether the stream is
    /// complete.
    pub async fn chunk(&mut self) -> Option<Bytes> {
        std::future::poll_fn(|context| self.poll_chunk(context)).await
    }

    /// Polls for the next chunk, like [`chunk`](Self::chunk).
    pub fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            match std::task::ready!(self.parts.poll_recv(context)) {
                Some(Part::Beginning(_)) => {}
                Some(Part::Chunk(chunk)) => return Poll::Ready(Some(chunk)),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl StreamSink {
    /// Takes the sender, which the first stream gets.
    pub(crate) fn take(&self) -> Option<mpsc::Sender<Part>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Ends a stream that has not begun: the reader gets `None`.
    pub(crate) fn close(&self) {
        drop(self.take());
    }
}
