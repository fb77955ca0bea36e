//! `Outgoing`: the reply of an invocation on its way to the service.

use std::fmt;

use super::client::Client;
use super::incoming::Incoming;
use crate::driver::Driver;
use crate::ending::Fatal;
use crate::error::Error;
#[cfg(feature = "testing")]
use crate::stream::writer::Sink;

/// The largest capacity in bytes that is kept for the next reply; a larger buffer is freed before the next invocation.
const MAX_KEPT_BYTES: usize = 8 << 20;

/// The reply of an invocation on its way to the service. One value serves all invocations of a poller.
#[derive(Debug, Default)]
pub struct Outgoing {
    pub(crate) bytes: Vec<u8>,
    /// The reply in place of `bytes`, if it is made while it is sent.
    pub(crate) body: Option<Box<dyn Body>>,
}

/// A reply that is made while it is sent. As a trait object, it keeps all code of streams out of a binary without one.
pub(crate) trait Body: fmt::Debug {
    /// Sends the reply, or reports its failure, to which `placed` adds the place of the handler. Bytes that are not sent
    /// yet wait in `memory`, which may have the bytes of another reply.
    fn send(
        self: Box<Self>,
        memory: &mut Vec<u8>,
        client: &mut Client,
        incoming: &Incoming<'_>,
        driver: Driver<'_>,
        placed: &dyn Fn(Error) -> Error,
    ) -> Result<(), Fatal>;

    /// Returns the content type, and the head of an HTTP response if the reply is one.
    #[cfg(feature = "testing")]
    fn head(&self) -> (String, Option<Vec<u8>>);

    /// Makes the reply for a test. Leaves the bytes that are not in a chunk yet in `memory`, and returns the failure as
    /// [`send`](Self::send) reports it.
    #[cfg(feature = "testing")]
    fn produce(
        self: Box<Self>,
        memory: &mut Vec<u8>,
        sink: &mut dyn Sink,
        driver: Driver<'_>,
        placed: &dyn Fn(Error) -> Error,
    ) -> Result<(), Error>;
}

impl Outgoing {
    /// Empties the buffer for the next invocation.
    pub(crate) fn clear(&mut self) {
        if self.bytes.capacity() > MAX_KEPT_BYTES {
            self.bytes = Vec::new();
        }
        self.bytes.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_a_large_reply_is_freed() {
        for (capacity, kept) in [(MAX_KEPT_BYTES + 1, 0), (64, 64)] {
            let mut outgoing = Outgoing { bytes: Vec::with_capacity(capacity), body: None };
            outgoing.bytes.push(0);
            outgoing.clear();
            assert_eq!((outgoing.bytes.len(), outgoing.bytes.capacity()), (0, kept));
        }
    }
}
