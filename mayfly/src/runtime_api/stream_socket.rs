//! A `Socket` as a stream uses it: for one request that is sent in many parts and cannot be repeated.

use std::io::{self, ErrorKind, IoSlice, Write};
use std::net::TcpStream;
#[cfg(feature = "async")]
use std::sync::Arc;
#[cfg(feature = "async")]
use std::task::{Context, Poll};

use super::connection::{Connection, STALL_TIMEOUT, Sent, Socket};
#[cfg(feature = "async")]
use crate::executor::Executor;

/// The input of a socket whose request is not complete yet.
#[cfg(feature = "async")]
pub(crate) enum Input {
    /// A response of success. cargo-lambda sends one as soon as it has the head of the request.
    Accepted,
    /// A response of failure, or the end of the connection.
    Refused,
}

impl Connection {
    /// Takes the socket of the last request, or opens a new one. A socket that the server has closed meanwhile is not
    /// used. Returns whether the socket was used before. It does not wait: [`Socket::send_first`] comes next.
    pub(crate) fn open_live(&mut self) -> io::Result<(Socket, bool)> {
        if let Some(socket) = self.socket.take().filter(Socket::is_live) {
            return Ok((socket, true));
        }
        let socket = self.open()?;
        socket.set_waiting(false)?;
        Ok((socket, false))
    }

    /// Closes the connection, since the service expects no other request after a stream.
    pub(crate) fn close(&mut self) {
        self.socket = None;
    }
}

impl Socket {
    /// Returns whether the server keeps the connection open. It reads nothing, and the socket does not wait any more.
    ///
    /// After the first write, it would be too late: a server may close the connection as soon as it has read that.
    fn is_live(&self) -> bool {
        match self {
            Self::Blocking(stream) => {
                let peeked = self.set_waiting(false).and_then(|()| stream.peek(&mut [0]));
                peeked.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
            }
            #[cfg(feature = "async")]
            Self::Driven { stream, runtime } => runtime.block_on(driven::is_live(stream)),
        }
    }

    /// Sets whether the calls of a blocking socket wait. A driven one waits in the runtime.
    fn set_waiting(&self, is_waiting: bool) -> io::Result<()> {
        match self {
            Self::Blocking(stream) => stream.set_nonblocking(!is_waiting),
            #[cfg(feature = "async")]
            Self::Driven { .. } => Ok(()),
        }
    }

    /// Returns a second handle of the socket.
    pub(crate) fn second_handle(&self) -> io::Result<TcpStream> {
        match self {
            Self::Blocking(stream) => stream.try_clone(),
            #[cfg(all(feature = "async", unix))]
            Self::Driven { stream, .. } => Ok(std::os::fd::AsFd::as_fd(stream).try_clone_to_owned()?.into()),
            #[cfg(all(feature = "async", not(unix)))]
            Self::Driven { .. } => Err(ErrorKind::Unsupported.into()),
        }
    }

    /// Lets the socket wait again, and limits the time of each write from now on, however few bytes it has: all writes
    /// together may be more than the server takes.
    pub(crate) fn limit_stalls(&self) -> io::Result<()> {
        self.set_waiting(true)?;
        match self {
            Self::Blocking(stream) => stream.set_write_timeout(Some(STALL_TIMEOUT)),
            // It notices a response while it waits.
            #[cfg(feature = "async")]
            Self::Driven { .. } => Ok(()),
        }
    }

    /// Registers a blocking socket with the runtime of `executor`, in which it is called.
    #[cfg(feature = "async")]
    pub(crate) fn into_driven(self, executor: &Executor) -> io::Result<Self> {
        match (self, executor.runtime()) {
            (Self::Blocking(stream), Some(runtime)) => {
                stream.set_nonblocking(true)?;
                let stream = tokio::net::TcpStream::from_std(stream)?;
                Ok(Self::Driven { stream, runtime: Arc::clone(runtime) })
            }
            (socket, _) => Ok(socket),
        }
    }

    /// Waits until the server has responded or has closed the connection. It reads nothing, and a blocking socket never
    /// notices it.
    #[cfg(feature = "async")]
    pub(crate) fn poll_input(&self, cx: &mut Context<'_>) -> Poll<io::Result<Input>> {
        let Self::Driven { stream, .. } = self else { return Poll::Pending };
        let mut start = [0; "HTTP/1.1 2".len()];
        stream.poll_peek(cx, &mut tokio::io::ReadBuf::new(&mut start)).map_ok(|length| {
            let is_closed = length == 0;
            // A server that sends fewer bytes at once is heard at the end of the stream.
            let is_refusal = length == start.len() && !start.ends_with(b" 2");
            if is_closed || is_refusal { Input::Refused } else { Input::Accepted }
        })
    }

    /// Sends the parts that begin the request. If a blocking socket takes them at once, which is usual, it returns
    /// `None`: then [`limit_stalls`](Self::limit_stalls) has to come before the next parts, since its system calls would
    /// delay the first byte here.
    pub(crate) fn send_first(&mut self, parts: [&[u8]; 4]) -> io::Result<Option<Sent>> {
        match self {
            Self::Blocking(stream) => {
                // An error occurs again below.
                let written = stream.write_vectored(&parts.map(IoSlice::new)).unwrap_or(0);
                if written == parts.iter().map(|part| part.len()).sum::<usize>() {
                    return Ok(None);
                }
                self.limit_stalls()?;
                self.send_rest(parts, written).map(Some)
            }
            #[cfg(feature = "async")]
            Self::Driven { .. } => self.send_parts(parts).map(Some),
        }
    }

    /// Sends all parts, if possible in one write.
    pub(crate) fn send_parts(&mut self, parts: [&[u8]; 4]) -> io::Result<Sent> {
        let written = match self {
            Self::Blocking(stream) => stream.write_vectored(&parts.map(IoSlice::new)),
            #[cfg(feature = "async")]
            Self::Driven { stream, runtime } => match stream.try_write_vectored(&parts.map(IoSlice::new)) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if runtime.block_on(driven::has_answered(stream)) {
                        return Ok(Sent::AnsweredEarly);
                    }
                    stream.try_write_vectored(&parts.map(IoSlice::new))
                }
                outcome => outcome,
            },
        };
        // An error occurs again.
        self.send_rest(parts, written.unwrap_or(0))
    }

    /// Sends the parts without the bytes that are written already.
    fn send_rest(&mut self, parts: [&[u8]; 4], mut written: usize) -> io::Result<Sent> {
        for part in parts {
            let of_part = written.min(part.len());
            written -= of_part;
            if of_part < part.len() && self.send(&part[of_part..])? == Sent::AnsweredEarly {
                return Ok(Sent::AnsweredEarly);
            }
        }
        Ok(Sent::Whole)
    }
}

#[cfg(feature = "async")]
mod driven {
    use std::future::poll_fn;
    use std::task::Poll;

    use tokio::io::ReadBuf;
    use tokio::net::TcpStream;

    /// Waits until the socket takes more bytes or the server has responded. Returns whether the server has.
    pub(super) async fn has_answered(stream: &TcpStream) -> bool {
        poll_fn(|cx| match stream.poll_write_ready(cx) {
            Poll::Ready(_) => Poll::Ready(false),
            Poll::Pending => match stream.poll_peek(cx, &mut ReadBuf::new(&mut [0])) {
                Poll::Ready(Ok(1)) => Poll::Ready(true),
                _ => Poll::Pending,
            },
        })
        .await
    }

    /// Returns whether the server keeps the connection open, as far as the runtime knows.
    pub(super) async fn is_live(stream: &TcpStream) -> bool {
        poll_fn(|cx| Poll::Ready(stream.poll_peek(cx, &mut ReadBuf::new(&mut [0])).is_pending())).await
    }
}
