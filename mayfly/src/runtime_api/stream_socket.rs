//! A `Socket` as a stream uses it: for one request that is sent in many parts and cannot be repeated.

use std::io::{self, ErrorKind, IoSlice, Write};
use std::net::TcpStream;

use super::connection::{Connection, STALL_TIMEOUT, Sent, Socket};

impl Connection {
    /// Takes the socket of the last request, or opens a new one. A socket that the server has closed meanwhile is not
    /// used. Returns whether the socket was used before.
    pub(crate) fn open_live(&mut self) -> io::Result<(Socket, bool)> {
        self.socket = self.socket.take().filter(Socket::is_live);
        let was_used = self.socket.is_some();
        Ok((self.open()?, was_used))
    }

    /// Closes the connection.
    pub(crate) fn close(&mut self) {
        self.socket = None;
    }
}

impl Socket {
    /// Returns whether the server keeps the connection open. It reads nothing.
    fn is_live(&self) -> bool {
        match self {
            Self::Blocking(stream) => {
                let peeked = stream.set_nonblocking(true).and_then(|()| stream.peek(&mut [0]));
                let is_silent = peeked.is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
                stream.set_nonblocking(false).is_ok() && is_silent
            }
            #[cfg(feature = "async")]
            Self::Driven { stream, runtime } => runtime.block_on(driven::is_live(stream)),
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

    /// Limits the time of each write from now on, however few bytes it has: all writes together may be more than the
    /// server takes.
    pub(crate) fn limit_stalls(&self) -> io::Result<()> {
        match self {
            Self::Blocking(stream) => stream.set_write_timeout(Some(STALL_TIMEOUT)),
            // It notices a response while it waits.
            #[cfg(feature = "async")]
            Self::Driven { .. } => Ok(()),
        }
    }

    /// Sends all parts, if possible in one write.
    pub(crate) fn send_parts(&mut self, parts: [&[u8]; 4]) -> io::Result<Sent> {
        let slices = parts.map(IoSlice::new);
        let written = match self {
            Self::Blocking(stream) => stream.write_vectored(&slices),
            #[cfg(feature = "async")]
            Self::Driven { stream, runtime } => match stream.try_write_vectored(&slices) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if runtime.block_on(driven::has_answered(stream)) {
                        return Ok(Sent::AnsweredEarly);
                    }
                    stream.try_write_vectored(&slices)
                }
                outcome => outcome,
            },
        };
        // An error occurs again below.
        let mut written = written.unwrap_or(0);
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
