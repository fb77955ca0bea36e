//! `Streamed`: a reply that a function posts in chunks.

use std::fmt;
use std::io::{self, BufRead, Read};
use std::ops::Deref;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};

use crate::request::Request;
use crate::wait::PATIENCE;

/// A POST of a function whose body comes in chunks, while the function still writes. The server reads no further than
/// the test takes.
pub struct Streamed {
    request: Request,
    pieces: Receiver<Piece>,
}

/// A part of a body in chunks.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// A chunk.
    Chunk(Vec<u8>),
    /// The last chunk, with the lines of the trailers.
    End(Vec<String>),
    /// The end of a connection that broke off before the last chunk.
    Broken,
}

impl Streamed {
    /// Waits for the next part of the body.
    #[must_use]
    pub fn piece(&self) -> Piece {
        match self.pieces.recv_timeout(PATIENCE) {
            Ok(piece) => piece,
            Err(RecvTimeoutError::Disconnected) => Piece::Broken,
            Err(RecvTimeoutError::Timeout) => panic!("no chunk comes: {:?}", self.request),
        }
    }

    /// Waits for the next part of the body, which must be a chunk, and returns it as text.
    #[must_use]
    pub fn chunk(&self) -> String {
        match self.piece() {
            Piece::Chunk(chunk) => String::from_utf8(chunk).expect("the chunk is text"),
            other => panic!("{other:?} in place of a chunk"),
        }
    }

    /// Reads the rest of the body. Returns its chunks and its end.
    #[must_use]
    pub fn rest(&self) -> (Vec<Vec<u8>>, Piece) {
        let mut chunks = Vec::new();
        loop {
            match self.piece() {
                Piece::Chunk(chunk) => chunks.push(chunk),
                end => return (chunks, end),
            }
        }
    }

    /// Reads the rest of a body that must end well, and returns its bytes.
    #[must_use]
    pub fn rest_of_whole(&self) -> Vec<u8> {
        let (chunks, end) = self.rest();
        assert_eq!(end, Piece::End(Vec::new()), "after {} chunks", chunks.len());
        chunks.concat()
    }

    /// Accepts the body, as the service does.
    pub fn accept(&self) {
        self.respond(202, r#"{"status":"OK"}"#);
    }
}

impl From<Request> for Streamed {
    fn from(mut request: Request) -> Self {
        let pieces = request.pieces.take().unwrap_or_else(|| panic!("the body comes in one piece: {request:?}"));
        Self { request, pieces: pieces.into_inner().expect("no thread panics") }
    }
}

impl Deref for Streamed {
    type Target = Request;

    fn deref(&self) -> &Request {
        &self.request
    }
}

impl fmt::Debug for Streamed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.request.fmt(f)
    }
}

/// Reads a body in chunks and hands out each as it comes. Returns whether the test takes them to the end.
pub(crate) fn read_chunks(reader: &mut dyn BufRead, to: &SyncSender<Piece>) -> io::Result<bool> {
    loop {
        let line = read_line(reader)?;
        let size = usize::from_str_radix(&line, 16).map_err(io::Error::other)?;
        if size == 0 {
            break;
        }
        let mut chunk = vec![0; size];
        reader.read_exact(&mut chunk)?;
        assert_eq!(read_line(reader)?, "", "the chunk is longer than its size");
        if to.send(Piece::Chunk(chunk)).is_err() {
            return Ok(false);
        }
    }
    let mut trailers = Vec::new();
    loop {
        let line = read_line(reader)?;
        if line.is_empty() {
            return Ok(to.send(Piece::End(trailers)).is_ok());
        }
        trailers.push(line);
    }
}

/// Reads a line without its end.
fn read_line(reader: &mut dyn BufRead) -> io::Result<String> {
    let mut line = Vec::new();
    reader.take(1 << 16).read_until(b'\n', &mut line)?;
    let line = line.strip_suffix(b"\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    String::from_utf8(line.to_vec()).map_err(io::Error::other)
}
