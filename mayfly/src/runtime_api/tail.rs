//! `Tail`: a second handle of a stream's socket, by which the panic hook ends the stream under `panic = "abort"`.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use super::trailers;
use crate::error::Error;
use crate::in_flight::OpenStream;

/// A chunk is being written.
const WRITING: u8 = 0;
/// No chunk is being written, so that trailers can follow.
const BETWEEN_CHUNKS: u8 = 1;
/// The stream is at its end.
const ENDED: u8 = 2;
/// The hook has taken the socket over, and the process is about to end.
const TAKEN: u8 = 3;
/// The pause before the hook looks again whether the chunk is written.
const PAUSE: Duration = Duration::from_millis(1);

/// A second handle of a stream's socket, and whose turn it is to write to the socket.
#[derive(Debug)]
pub(super) struct Tail {
    /// The second handle, which is made after the first write: making it would delay the first byte.
    socket: OnceLock<io::Result<TcpStream>>,
    /// The thread that writes the chunks.
    writer: ThreadId,
    turn: AtomicU8,
}

impl Tail {
    /// Creates a tail on the thread that writes the chunks, which is about to write the first one.
    pub(super) fn new() -> Self {
        Self { socket: OnceLock::new(), writer: thread::current().id(), turn: AtomicU8::new(WRITING) }
    }

    /// Takes the second handle, before the first chunk is noted as written.
    pub(super) fn hold(&self, socket: io::Result<TcpStream>) {
        let _ = self.socket.set(socket);
    }

    /// Returns the second handle, if it could be made.
    fn socket(&self) -> io::Result<&TcpStream> {
        match self.socket.get() {
            Some(Ok(socket)) => Ok(socket),
            Some(Err(error)) => Err(error.kind().into()),
            None => Err(ErrorKind::NotConnected.into()),
        }
    }

    /// Notes that a chunk is about to be written. If the hook has taken the socket over, it never returns.
    pub(super) fn begin_chunk(&self) {
        while self.turn.compare_exchange(BETWEEN_CHUNKS, WRITING, Ordering::SeqCst, Ordering::SeqCst) == Err(TAKEN) {
            thread::park();
        }
    }

    /// Notes that the chunk is written.
    pub(super) fn end_chunk(&self) {
        self.turn.store(BETWEEN_CHUNKS, Ordering::SeqCst);
    }

    /// Notes that the stream is at its end.
    pub(super) fn end_stream(&self) {
        self.turn.store(ENDED, Ordering::SeqCst);
    }

    /// Waits for its turn, at most until `until`. Returns whether the stream is still open; an error if a chunk is
    /// being written.
    fn take(&self, until: Instant) -> io::Result<bool> {
        loop {
            match self.turn.compare_exchange(BETWEEN_CHUNKS, TAKEN, Ordering::SeqCst, Ordering::SeqCst) {
                Ok(_) => return Ok(true),
                Err(ENDED) => return Ok(false),
                // The chunk never ends if its writer is this thread, or waits for a slow reader.
                Err(_) if self.writer == thread::current().id() || Instant::now() > until => {
                    let message = "its reply was being streamed, and the panic interrupted the write of a chunk";
                    return Err(io::Error::new(ErrorKind::Interrupted, message));
                }
                Err(_) => thread::sleep(PAUSE),
            }
        }
    }
}

impl OpenStream for Tail {
    fn end(&self, error: &Error, until: Instant) -> io::Result<()> {
        match self.take(until) {
            Ok(true) => {}
            // The reply is whole.
            Ok(false) => return Ok(()),
            Err(error) => {
                // A broken body is all that can still be told.
                let _ = self.socket().and_then(|socket| socket.shutdown(Shutdown::Both));
                return Err(error);
            }
        }
        let mut socket = self.socket()?;
        let left = || until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        let mut end = Vec::new();
        trailers::write(&mut end, error);
        socket.set_nonblocking(false)?;
        socket.set_write_timeout(Some(left()))?;
        socket.write_all(&end)?;
        socket.set_read_timeout(Some(left()))?;
        // The first byte of the response shows that the server has read the trailers.
        socket.read_exact(&mut [0])
    }
}
