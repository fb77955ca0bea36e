//! `StreamPost`: the POST of a reply that is made while it is sent, in chunks and with trailers.

use std::io::{self, ErrorKind};
use std::mem;
use std::sync::Arc;
#[cfg(feature = "async")]
use std::task::{Context, Poll};

use super::client::Client;
use super::connection::{Sent, Socket, log_lost};
use super::incoming::Incoming;
use super::invocation_id::InvocationId;
#[cfg(feature = "async")]
use super::stream_socket::Input;
use super::tail::Tail;
use super::{request, trailers};
use crate::ending::Fatal;
use crate::error::Error;
#[cfg(feature = "async")]
use crate::executor::Executor;
use crate::in_flight;

/// The bytes between the head of a streamed HTTP response and its body.
pub(crate) const END_OF_HTTP_HEAD: &[u8] = &[0; 8];
const END_OF_CHUNK: &[u8] = b"\r\n";
/// The last chunk, which is empty, without trailers.
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";
/// The end of a chunk that only the last chunk follows.
const END_OF_CHUNKS: &[u8] = b"\r\n0\r\n\r\n";

/// A POST whose body follows in chunks. The head of the request leaves with the first chunk.
///
/// The bytes that go before the next chunk are in `client.post`, which has memory from the requests before.
pub(crate) struct StreamPost<'a> {
    client: &'a mut Client,
    id: &'a Arc<InvocationId>,
    progress: Progress,
    /// The number of bytes of all chunks so far.
    bytes: usize,
    /// Whether the server has accepted the reply before its end. Its response stays unread until then.
    #[cfg(feature = "async")]
    is_accepted: bool,
    tail: Option<Arc<Tail>>,
}

/// The extent to which the request was sent.
enum Progress {
    Unsent,
    /// The first write is done, and its socket does not wait yet.
    Begun(Socket),
    Open(Socket),
    /// The server responded before the end of the request, with 413 for example.
    AnsweredEarly(Socket),
    Lost(io::Error),
}

impl<'a> StreamPost<'a> {
    /// Prepares the POST for an invocation. An HTTP response has a head of its own, which goes before its body as two
    /// chunks: some emulators search for the end of the head only at the beginning of a chunk.
    pub(crate) fn new(
        client: &'a mut Client,
        incoming: &'a Incoming<'_>,
        content_type: &str,
        http_head: Option<&[u8]>,
    ) -> Self {
        let (id, lead) = (&incoming.id, &mut client.post);
        lead.clear();
        request::post_in_chunks(lead, &client.endpoint, &path(id), id, content_type);
        for chunk in http_head.into_iter().flat_map(|head| [head, END_OF_HTTP_HEAD]) {
            push_size(lead, chunk.len());
            lead.extend(chunk);
            lead.extend(END_OF_CHUNK);
        }
        Self {
            client,
            id,
            progress: Progress::Unsent,
            bytes: 0,
            #[cfg(feature = "async")]
            is_accepted: false,
            tail: None,
        }
    }

    /// Returns whether part of the request has left, so that a failure can no longer be posted to `/error`.
    pub(crate) fn has_begun(&self) -> bool {
        !matches!(self.progress, Progress::Unsent)
    }

    /// Returns whether the server takes no more of the request.
    pub(crate) fn is_closed(&self) -> bool {
        matches!(self.progress, Progress::AnsweredEarly(_) | Progress::Lost(_))
    }

    /// Sends a chunk that is given in two parts, usually in one write. Without any bytes, it sends only the head.
    pub(crate) fn send(&mut self, chunk: [&[u8]; 2]) -> io::Result<()> {
        if self.is_closed() {
            return Err(ErrorKind::BrokenPipe.into());
        }
        if let Some(tail) = &self.tail {
            tail.begin_chunk();
        }
        let is_empty = chunk.iter().all(|part| part.is_empty());
        self.write(chunk, if is_empty { b"" } else { END_OF_CHUNK });
        if let Some(tail) = &self.tail {
            tail.end_chunk();
        }
        if self.is_closed() { Err(ErrorKind::BrokenPipe.into()) } else { Ok(()) }
    }

    /// Waits until the server has closed the connection or has refused the reply, if part of the request has left. It
    /// is polled in the runtime of `executor`.
    #[cfg(feature = "async")]
    pub(crate) fn poll_closed(&mut self, cx: &mut Context<'_>, executor: &Executor) -> Poll<()> {
        if self.is_accepted {
            return Poll::Pending;
        }
        self.progress = match mem::replace(&mut self.progress, Progress::Unsent) {
            Progress::Begun(socket) | Progress::Open(socket) => match socket.into_driven(executor) {
                Ok(socket) => match socket.poll_input(cx) {
                    Poll::Pending => Progress::Open(socket),
                    Poll::Ready(Ok(Input::Accepted)) => {
                        self.is_accepted = true;
                        Progress::Open(socket)
                    }
                    Poll::Ready(Ok(Input::Refused)) => Progress::AnsweredEarly(socket),
                    Poll::Ready(Err(error)) => Progress::Lost(error),
                },
                Err(error) => Progress::Lost(error),
            },
            unchanged => unchanged,
        };
        if !self.is_closed() {
            return Poll::Pending;
        }
        // The response may be the one that the panic hook waits for.
        if let Some(tail) = &self.tail {
            tail.begin_chunk();
        }
        Poll::Ready(())
    }

    /// Sends the `rest` of the reply, then its end, with the error in trailers if there is one, and reads the response.
    pub(crate) fn finish(mut self, rest: &[u8], error: Option<&Error>) -> Result<(), Fatal> {
        let mut trailers = Vec::new();
        let end = match error {
            None if rest.is_empty() => LAST_CHUNK,
            None => END_OF_CHUNKS,
            Some(error) => {
                if !rest.is_empty() {
                    trailers.extend(END_OF_CHUNK);
                }
                trailers::write(&mut trailers, error);
                &trailers
            }
        };
        if !self.has_begun() {
            return self.send_whole(rest, end);
        }
        if !self.is_closed() {
            if let Some(tail) = &self.tail {
                tail.begin_chunk();
            }
            self.write([rest, b""], end);
        }
        if let Some(tail) = &self.tail {
            tail.end_stream();
        }
        let Self { client, id, progress, bytes, .. } = self;
        let outcome = match progress {
            Progress::Open(socket) | Progress::AnsweredEarly(socket) => {
                client.connection.exchange_once(socket, [b"", b""], &mut client.response)
            }
            Progress::Lost(error) => Err(error),
            Progress::Unsent | Progress::Begun(_) => Ok(()),
        };
        // The service expects no other request on it.
        client.connection.close();
        client.judge(outcome.map(|()| false), &path(id), bytes)
    }

    /// Sends a short reply, whose end is known before its beginning is sent, like any other request.
    fn send_whole(self, rest: &[u8], end: &[u8]) -> Result<(), Fatal> {
        let Self { client, id, .. } = self;
        if !rest.is_empty() {
            push_size(&mut client.post, rest.len());
        }
        client.post.extend(rest);
        client.post.extend(end);
        let outcome = client.connection.exchange([&client.post, b""], &mut client.response);
        client.connection.close();
        client.judge(outcome, &path(id), rest.len())
    }

    /// Writes a chunk, if it has any bytes, then `end`, which ends the chunk too.
    fn write(&mut self, chunk: [&[u8]; 2], end: &[u8]) {
        let length = chunk[0].len() + chunk[1].len();
        if length > 0 {
            push_size(&mut self.client.post, length);
        }
        let mut lead = mem::take(&mut self.client.post);
        let parts = [&*lead, chunk[0], chunk[1], end];
        self.progress = match mem::replace(&mut self.progress, Progress::Unsent) {
            Progress::Unsent => self.begin(parts),
            Progress::Begun(socket) => socket.limit_stalls().map_or_else(Progress::Lost, |()| sent(socket, parts)),
            Progress::Open(socket) => sent(socket, parts),
            closed => closed,
        };
        self.bytes += length;
        lead.clear();
        self.client.post = lead;
    }

    /// Opens the connection and sends the first part of the request. If that fails on a connection that was used
    /// before, it tries once more on a new one.
    fn begin(&mut self, parts: [&[u8]; 4]) -> Progress {
        loop {
            let (mut socket, was_used) = match self.client.connection.open_live() {
                Ok(opened) => opened,
                Err(error) => return Progress::Lost(error),
            };
            if cfg!(panic = "abort") {
                self.register();
            }
            let sent = socket.send_first(parts);
            if let Some(tail) = &self.tail {
                tail.hold(socket.second_handle());
            }
            match sent {
                Ok(None) => return Progress::Begun(socket),
                Ok(Some(Sent::Whole)) => return Progress::Open(socket),
                Ok(Some(Sent::AnsweredEarly)) => return Progress::AnsweredEarly(socket),
                Err(error) if was_used => log_lost(&error),
                Err(error) => return Progress::Lost(error),
            }
        }
    }

    /// Registers the stream for the panic hook, before any of it leaves. The handle of the socket follows.
    fn register(&mut self) {
        let tail = Arc::new(Tail::new());
        in_flight::stream(self.id, Arc::<Tail>::clone(&tail));
        self.tail = Some(tail);
    }
}

fn path(id: &InvocationId) -> [&str; 3] {
    ["/invocation/", id.path(), "/response"]
}

/// Appends the line before a chunk.
fn push_size(buffer: &mut Vec<u8>, length: usize) {
    let digits = length.checked_ilog2().unwrap_or(0) / 4;
    // Formatting it would take six times the instructions.
    buffer.extend((0..=digits).rev().map(|digit| b"0123456789abcdef"[(length >> (4 * digit)) & 15]));
    buffer.extend(b"\r\n");
}

fn sent(mut socket: Socket, parts: [&[u8]; 4]) -> Progress {
    match socket.send_parts(parts) {
        Ok(Sent::Whole) => Progress::Open(socket),
        Ok(Sent::AnsweredEarly) => Progress::AnsweredEarly(socket),
        Err(error) => Progress::Lost(error),
    }
}
