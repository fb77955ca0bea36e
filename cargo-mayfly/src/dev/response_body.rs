//! [`ResponseBody`]: the body of a response, whole or streamed.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame, SizeHint};

/// The body of a response. Its failure aborts the connection.
pub(crate) type ResponseBody = http_body_util::combinators::UnsyncBoxBody<Bytes, BrokenOff>;

/// The error of a streamed body that does not come to its end.
#[derive(Debug)]
pub(crate) struct BrokenOff;

impl fmt::Display for BrokenOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the response broke off")
    }
}

impl std::error::Error for BrokenOff {}

/// Creates a body of bytes that are all there.
pub(crate) fn whole(bytes: Bytes) -> ResponseBody {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}

/// Returns whether a body is streamed.
pub(crate) fn is_streamed(body: &ResponseBody) -> bool {
    body.size_hint().exact().is_none()
}

/// A streamed body that fails when the client has gone.
pub(crate) struct Watched {
    body: ResponseBody,
    gone: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Watched {
    /// Watches the client of a body by a future that is ready when the client has gone.
    pub(crate) fn new(body: ResponseBody, gone: impl Future<Output = ()> + Send + 'static) -> Self {
        Self { body, gone: Box::pin(gone) }
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        if self.gone.as_mut().poll(context).is_ready() {
            return Poll::Ready(Some(Err(BrokenOff)));
        }
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
