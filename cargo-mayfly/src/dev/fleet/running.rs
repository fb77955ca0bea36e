//! [`Running`]: an invocation on its way, whose reply may be streamed.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use cargo_mayfly::emulator::StreamedReply;
use tokio::sync::oneshot;

use crate::dev::fleet::execution_environment::Invoked;
use crate::dev::refusal::Refusal;

/// An invocation on its way. Dropping it ends a streamed reply.
#[derive(Debug)]
pub(crate) struct Running {
    reply: StreamedReply,
    invoked: oneshot::Receiver<Invoked>,
}

impl Running {
    pub(crate) fn new(reply: StreamedReply, invoked: oneshot::Receiver<Invoked>) -> Self {
        Self { reply, invoked }
    }

    /// Waits until the function begins to stream, and returns the content type. Returns `None` if the invocation ends
    /// without a stream.
    pub(crate) async fn content_type(&mut self) -> Option<String> {
        self.reply.content_type().await
    }

    /// Waits for the next chunk; `None` at the end.
    pub(crate) async fn chunk(&mut self) -> Option<Bytes> {
        self.reply.chunk().await
    }

    /// Polls for the next chunk; `None` at the end.
    pub(crate) fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.reply.poll_chunk(context)
    }

    /// Waits for the result.
    pub(crate) async fn invoked(mut self) -> Result<Invoked, Refusal> {
        std::future::poll_fn(|context| self.poll_invoked(context)).await
    }

    /// Polls for the result, after the last chunk.
    pub(crate) fn poll_invoked(&mut self, context: &mut Context<'_>) -> Poll<Result<Invoked, Refusal>> {
        Pin::new(&mut self.invoked).poll(context).map_err(|_| Refusal::stopping())
    }
}
