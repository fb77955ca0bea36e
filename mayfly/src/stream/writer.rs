//! `Writer`: the place that the bytes of a stream are written to.

use std::fmt;
use std::io::{self, ErrorKind, Write};
#[cfg(feature = "async")]
use std::task::{Context, Poll};

use crate::current;
use crate::driver::Driver;
use crate::error::Error;
#[cfg(feature = "async")]
use crate::executor::Executor;

/// The bytes of a chunk: fewer wait in the buffer. A chunk and the lines around it fit into one segment of Linux's
/// loopback interface, which has 65,463 bytes or more. The last bytes of 64 KiB would need a second segment, which
/// costs a tenth of the CPU time.
pub(super) const CHUNK_BYTES: usize = (64 << 10) - 128;

/// The most bytes beyond a chunk that wait for the next write. More are worth a segment of their own.
pub(super) const MOST_LEFT_BYTES: usize = 4 << 10;

/// The receiver of a stream's chunks.
pub(crate) trait Sink {
    /// Takes a chunk, given in two parts. A chunk without bytes only begins the reply.
    fn send(&mut self, chunk: [&[u8]; 2]) -> io::Result<()>;

    /// Waits until the receiver takes no more chunks. It is polled in the runtime of `executor`, and only while the
    /// source waits. The default never ends: then a source notices it with its next chunk.
    #[cfg(feature = "async")]
    fn poll_closed(&mut self, _: &mut Context<'_>, _: &Executor) -> Poll<()> {
        Poll::Pending
    }
}

/// The place that the bytes of a [`Stream`](crate::Stream) are written to.
///
/// Bytes are sent when there are almost 64 KiB of them, and by [`flush`](Write::flush). A larger write is sent without
/// being copied, but up to 4 KiB at its end may wait for the next one.
pub struct Writer<'a> {
    sink: &'a mut dyn Sink,
    /// The bytes that are not sent yet.
    buffer: &'a mut Vec<u8>,
    /// Whether the reply has a head that should leave before the first byte is there.
    owes_head: bool,
    is_closed: bool,
}

impl<'a> Writer<'a> {
    /// Creates a writer to `sink`. It empties `buffer`, and leaves there the bytes that are not sent at its end.
    pub(super) fn new(sink: &'a mut dyn Sink, buffer: &'a mut Vec<u8>, owes_head: bool) -> Self {
        buffer.clear();
        Self { sink, buffer, owes_head, is_closed: false }
    }

    /// Returns whether a flush would send something.
    pub(super) fn has_pending(&self) -> bool {
        self.owes_head || !self.buffer.is_empty()
    }

    /// Returns whether that many bytes fit into the buffer without being sent.
    pub(super) fn has_room_for(&self, length: usize) -> bool {
        self.buffer.len() + length < CHUNK_BYTES
    }

    /// Returns an error if a write has failed or panicked, which the source may have ignored.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.is_closed { Err(Error::of_display(&io::Error::from(ErrorKind::BrokenPipe))) } else { Ok(()) }
    }

    /// Returns the buffer. A source that has a buffer of its own takes the memory out of this one, and puts it back
    /// with the bytes that are not sent yet.
    #[cfg(feature = "async")]
    pub(super) fn buffer(&mut self) -> &mut Vec<u8> {
        self.buffer
    }

    /// Sends the buffered bytes and these in one chunk.
    pub(super) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.is_closed {
            return Err(ErrorKind::BrokenPipe.into());
        }
        self.owes_head = false;
        // If the sink panics and the source catches it, nothing tells how much of the chunk is sent.
        self.is_closed = true;
        let outcome = self.sink.send([self.buffer, bytes]);
        self.buffer.clear();
        self.is_closed = outcome.is_err();
        outcome
    }

    /// Waits until the service takes no more bytes, and returns the error that ends the source.
    #[cfg(feature = "async")]
    pub(super) fn poll_closed(&mut self, cx: &mut Context<'_>, driver: Driver<'_>) -> Poll<Error> {
        self.sink.poll_closed(cx, driver.executor).map(|()| {
            self.is_closed = true;
            Error::of_display(&io::Error::from(ErrorKind::BrokenPipe))
        })
    }
}

impl Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_closed {
            return Err(ErrorKind::BrokenPipe.into());
        }
        if self.has_room_for(bytes.len()) {
            self.buffer.extend_from_slice(bytes);
            return Ok(bytes.len());
        }
        // The beginning of these bytes completes the chunk; the caller writes the rest again.
        let completing = CHUNK_BYTES - self.buffer.len();
        let is_large = bytes.len() >= CHUNK_BYTES && bytes.len() - completing > MOST_LEFT_BYTES;
        let length = if is_large { bytes.len() } else { completing };
        self.send(&bytes[..length])?;
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.has_pending() || self.is_closed { self.send(b"") } else { Ok(()) }
    }
}

impl fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("buffered", &self.buffer.len()).finish_non_exhaustive()
    }
}

/// Runs sync code of an invocation.
pub(super) fn run_sync(driver: Driver<'_>, write: impl FnOnce() -> Result<(), Error>) -> Result<(), Error> {
    let _current = current::enter(driver.request_id);
    write()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes of a segment of the loopback interface, over IPv6 with time stamps.
    const SEGMENT_BYTES: usize = 65_463;

    #[derive(Default)]
    struct Sizes(Vec<usize>);

    impl Sink for Sizes {
        fn send(&mut self, chunk: [&[u8]; 2]) -> io::Result<()> {
            self.0.push(chunk[0].len() + chunk[1].len());
            Ok(())
        }
    }

    /// Returns the sizes of the chunks of that many writes, and the size of the rest.
    fn chunks(writes: usize, bytes: usize) -> (Vec<usize>, usize) {
        let mut sizes = Sizes::default();
        let mut buffer = Vec::new();
        let mut out = Writer::new(&mut sizes, &mut buffer, false);
        for _ in 0..writes {
            out.write_all(&vec![b'x'; bytes]).unwrap();
        }
        (sizes.0, buffer.len())
    }

    #[test]
    fn small_writes_leave_in_chunks_that_fit_into_a_segment() {
        assert!(format!("{CHUNK_BYTES:x}\r\n\r\n").len() + CHUNK_BYTES <= SEGMENT_BYTES);
        for bytes in [1, 1_000, 4 << 10, 40_000, CHUNK_BYTES - 1] {
            let writes = 300_000 / bytes;
            let (chunks, rest) = chunks(writes, bytes);
            assert_eq!((chunks.len(), rest), (writes * bytes / CHUNK_BYTES, writes * bytes % CHUNK_BYTES), "{bytes}");
            assert!(chunks.iter().all(|&chunk| chunk == CHUNK_BYTES), "{bytes}: {chunks:?}");
        }
    }

    #[test]
    fn large_writes_leave_as_they_are() {
        for bytes in [CHUNK_BYTES, CHUNK_BYTES + MOST_LEFT_BYTES + 1, 1 << 20] {
            assert_eq!(chunks(2, bytes), (vec![bytes; 2], 0));
        }
    }

    #[test]
    fn the_last_bytes_of_64_kib_wait_until_they_are_worth_a_segment() {
        let writes = MOST_LEFT_BYTES / 128;
        assert_eq!(chunks(writes, 64 << 10), (vec![CHUNK_BYTES; writes], MOST_LEFT_BYTES));
        let with_the_rest = [vec![CHUNK_BYTES; writes], vec![(64 << 10) + MOST_LEFT_BYTES]].concat();
        assert_eq!(chunks(writes + 1, 64 << 10), (with_the_rest, 0));
    }
}
