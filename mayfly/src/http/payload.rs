//! `Payload`: the body of a response on its way to the caller.

use std::fmt;

use bytes::Bytes;

use crate::stream::pull::Polled;

/// The body of a response.
#[derive(Default)]
pub(crate) struct Payload {
    /// The whole body, or its beginning.
    pub(crate) bytes: Bytes,
    /// The rest of the body, in a service whose responses are streamed.
    pub(crate) frames: Option<Frames>,
}

/// The parts of a body, which are polled for.
pub(crate) type Frames = Box<Polled<'static, Bytes>>;

impl From<Bytes> for Payload {
    fn from(bytes: Bytes) -> Self {
        Self { bytes, frames: None }
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payload").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}
