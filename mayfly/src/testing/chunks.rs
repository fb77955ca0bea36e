//! `Chunks`: a streamed reply, as a test receives it.

use std::fmt;
use std::io::{self, ErrorKind};
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::failure::Failure;
use crate::error::report::Report;
use crate::runtime_api::stream_post::END_OF_HTTP_HEAD;
use crate::stream::writer::Sink;

/// A reply on its way from the thread of the handler.
pub(super) enum Begun {
    Whole(Vec<u8>),
    Streamed(Chunks),
}

/// A part of a reply, in the order in which they are sent.
pub(super) enum Piece {
    Whole(Vec<u8>),
    /// The content type of a stream, and the head if it is an HTTP response.
    Head(String, Option<Vec<u8>>),
    Chunk(Vec<u8>),
    Failed(Report),
}

/// Sends the chunks of a stream from the thread of the handler. Each waits until the test takes it.
pub(super) struct Sending<'a> {
    pub(super) to: &'a SyncSender<Piece>,
    pub(super) has_begun: bool,
}

impl Sink for Sending<'_> {
    fn send(&mut self, chunk: [&[u8]; 2]) -> io::Result<()> {
        self.has_begun = true;
        self.to.send(Piece::Chunk(chunk.concat())).map_err(|_| ErrorKind::BrokenPipe.into())
    }
}

/// The chunks of a streamed reply, as they come. The last item is the error if the stream breaks off.
///
/// The source is not asked for more than the test takes. Dropping the iterator closes the connection, which ends the
/// source; so a test of an endless stream can take its first chunks.
///
/// ```
/// use mayfly::{Stream, testing};
///
/// #[mayfly::handler(name = "endless")]
/// fn endless() -> Stream {
///     Stream::iter((0..).map(|number| vec![number as u8; 1 << 20]))
/// }
///
/// fn main() -> Result<(), testing::Failure> {
///     let chunks = testing::invoke("endless").stream()?;
///     let first: Vec<_> = chunks.take(3).collect::<Result<_, _>>()?;
///     assert_eq!(first[2], vec![2; 1 << 20]);
///     Ok(())
/// }
/// ```
pub struct Chunks {
    content_type: String,
    pub(super) http_head: Option<Vec<u8>>,
    /// The first chunk, which tells a stream from a failure.
    first: Option<Vec<u8>>,
    pieces: Receiver<Piece>,
    thread: Option<JoinHandle<()>>,
}

impl Chunks {
    /// Returns the content type of the stream.
    #[must_use]
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// Starts `run` on a thread of its own, and waits for its reply or for its first chunk.
    pub(super) fn begin(run: impl FnOnce(&SyncSender<Piece>) + Send + 'static) -> Result<Begun, Failure> {
        let (to, pieces) = sync_channel(0);
        let thread = Some(thread::spawn(move || run(&to)));
        let mut chunks = Self { content_type: String::new(), http_head: None, first: None, pieces, thread };
        loop {
            match chunks.receive() {
                Some(Piece::Whole(bytes)) => return Ok(Begun::Whole(bytes)),
                Some(Piece::Failed(report)) => return Err(Failure(report)),
                // A failure may follow, before the first chunk.
                Some(Piece::Head(content_type, http_head)) => {
                    (chunks.content_type, chunks.http_head) = (content_type, http_head);
                }
                Some(Piece::Chunk(chunk)) => {
                    chunks.first = Some(chunk);
                    return Ok(Begun::Streamed(chunks));
                }
                None => return Ok(Begun::Streamed(chunks)),
            }
        }
    }

    /// Waits for the next piece; `None` after the last one.
    fn receive(&mut self) -> Option<Piece> {
        let piece = self.pieces.recv().ok();
        if piece.is_none()
            && let Some(Err(payload)) = self.thread.take().map(JoinHandle::join)
        {
            resume_unwind(payload);
        }
        piece
    }
}

impl Iterator for Chunks {
    type Item = Result<Vec<u8>, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(head) = self.http_head.take() {
            return Some(Ok([&head, END_OF_HTTP_HEAD].concat()));
        }
        loop {
            let chunk = match self.first.take() {
                Some(chunk) => chunk,
                None => match self.receive()? {
                    Piece::Chunk(chunk) => chunk,
                    Piece::Failed(report) => return Some(Err(Failure(report))),
                    Piece::Whole(_) | Piece::Head(..) => continue,
                },
            };
            // A chunk without bytes only begins the reply.
            if !chunk.is_empty() {
                return Some(Ok(chunk));
            }
        }
    }
}

impl fmt::Debug for Chunks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunks").field("content_type", &self.content_type).finish_non_exhaustive()
    }
}
