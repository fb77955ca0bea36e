//! `Connection`: the connection to the Runtime API. While it waits, it drives the tokio runtime.
//!
//! If the runtime has no threads of its own, the connection waits for its socket inside `block_on`. So the user's
//! background tasks continue while it connects or `/next` is pending, without a helper thread. Waits have no time-out,
//! since the service may take any time to answer `/next`; only the last report of a process has one.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
#[cfg(feature = "async")]
use std::sync::Arc;
use std::time::Duration;

use log::debug;

use super::endpoint::Endpoint;
use super::response::Response;
#[cfg(feature = "async")]
use crate::executor::BackgroundShutdown;
use crate::executor::Executor;

/// The longest time that the report of an error may wait for its response if the process ends with it. Lambda's limit
/// for the init is 10 s.
pub(crate) const REPORT_TIMEOUT: Duration = Duration::from_secs(2);
/// The time that a write may stall before the connection checks whether the server has already responded.
pub(super) const STALL_TIMEOUT: Duration = Duration::from_millis(500);
/// The size in bytes from which a write gets a time-out. A socket takes fewer bytes at once, whatever the server does,
/// so a smaller write cannot stall for long.
const MIN_TIMED_WRITE_BYTES: usize = 256 << 10;

/// A connection that is opened on first use and opened again after it was lost.
#[derive(Debug)]
pub(crate) struct Connection {
    endpoint: Endpoint,
    executor: Executor,
    /// The longest time that each read waits; `None` for any time.
    patience: Option<Duration>,
    pub(super) socket: Option<Socket>,
}

impl Connection {
    pub(crate) fn new(endpoint: &Endpoint, executor: &Executor) -> Self {
        Self { endpoint: endpoint.clone(), executor: executor.clone(), patience: None, socket: None }
    }

    /// Limits the time for which each read of the next connection waits, if its waits drive no runtime.
    pub(crate) fn limit_waits(&mut self, patience: Duration) {
        self.patience = Some(patience);
    }

    /// Sends a request in up to two parts and reads the response. If that fails on a connection that has been used
    /// before, which the server may have closed while it was idle, it tries once more on a new one. Returns whether it
    /// did, or the error of the last try.
    pub(crate) fn exchange(&mut self, request: [&[u8]; 2], response: &mut Response) -> io::Result<bool> {
        let was_used = self.socket.is_some();
        let socket = self.open()?;
        match self.exchange_once(socket, request, response) {
            Err(error) if was_used => {
                log_lost(&error);
                let socket = self.open()?;
                self.exchange_once(socket, request, response).map(|()| true)
            }
            outcome => outcome.map(|()| false),
        }
    }

    /// Sleeps between two requests, while the runtime's tasks continue.
    pub(crate) fn pause(&self, time: Duration) {
        self.executor.sleep(time);
    }

    /// Takes the socket of the last request, or opens a new one.
    pub(crate) fn open(&mut self) -> io::Result<Socket> {
        if let Some(socket) = self.socket.take() {
            return Ok(socket);
        }
        let socket = Socket::connect(&self.endpoint, &self.executor)?;
        if let (Some(_), Socket::Blocking(stream)) = (self.patience, &socket) {
            stream.set_read_timeout(self.patience)?;
        }
        Ok(socket)
    }

    /// Sends a request over `socket` and reads the response. Keeps the socket if it can carry another request.
    pub(crate) fn exchange_once(
        &mut self,
        mut socket: Socket,
        request: [&[u8]; 2],
        response: &mut Response,
    ) -> io::Result<()> {
        let mut sent = Sent::Whole;
        for part in request {
            if sent == Sent::Whole && !part.is_empty() {
                sent = socket.send(part)?;
            }
        }
        let is_reusable = response.receive(&mut socket)?;
        self.socket = (is_reusable && sent == Sent::Whole).then_some(socket);
        Ok(())
    }
}

/// Logs that a connection was lost, which is normal: a frozen process finds it closed when it resumes.
#[cold]
pub(crate) fn log_lost(error: &io::Error) {
    debug!("the connection to the Runtime API was lost ({error}); trying again on a new one");
}

/// Replaces the error of a read or a write that has reached its time limit, for which the operating system has no plain
/// words.
#[cold]
pub(crate) fn explained(error: io::Error) -> io::Error {
    if error.kind() == ErrorKind::WouldBlock {
        return io::Error::new(ErrorKind::TimedOut, "the Runtime API did not answer in time (at most 2 s)");
    }
    error
}

/// The extent to which a request was sent.
#[derive(PartialEq)]
pub(crate) enum Sent {
    Whole,
    /// The server responded before it had read the whole request (with 413). The rest of the request is dropped, and
    /// the connection is closed after the response.
    AnsweredEarly,
}

/// An open socket.
#[derive(Debug)]
pub(crate) enum Socket {
    Blocking(TcpStream),
    /// A socket of a runtime without threads of its own. Each wait for the socket drives the runtime.
    #[cfg(feature = "async")]
    Driven {
        stream: tokio::net::TcpStream,
        runtime: Arc<BackgroundShutdown>,
    },
}

impl Socket {
    fn connect(endpoint: &Endpoint, executor: &Executor) -> io::Result<Self> {
        let pause = |pause| executor.sleep(pause);
        endpoint.retry_until_up(&pause, &|| Self::connect_to(&endpoint.addresses, executor))
    }

    fn connect_to(addresses: &[SocketAddr], executor: &Executor) -> io::Result<Self> {
        #[cfg(feature = "async")]
        if let Some(runtime) = executor.threadless_runtime() {
            let stream = runtime.block_on(tokio::net::TcpStream::connect(addresses))?;
            stream.set_nodelay(true)?;
            return Ok(Self::Driven { stream, runtime: Arc::clone(runtime) });
        }
        let _ = executor;
        let stream = TcpStream::connect(addresses)?;
        stream.set_nodelay(true)?;
        Ok(Self::Blocking(stream))
    }

    pub(super) fn send(&mut self, request: &[u8]) -> io::Result<Sent> {
        match self {
            Self::Blocking(stream) => send_blocking(stream, request),
            #[cfg(feature = "async")]
            Self::Driven { stream, runtime } => match stream.try_write(request) {
                Ok(written) if written == request.len() => Ok(Sent::Whole),
                Ok(written) => runtime.block_on(driven::send(stream, &request[written..])),
                // The socket is not writable or not known to be; any other error occurs there again.
                Err(_) => runtime.block_on(driven::send(stream, request)),
            },
        }
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Blocking(stream) => uninterrupted(|| stream.read(buffer)),
            #[cfg(feature = "async")]
            Self::Driven { stream, runtime } => runtime.block_on(driven::read(stream, buffer)),
        }
    }
}

/// Writes the whole request. A server may respond with 413 without reading all of it. Then the write stalls or fails,
/// while the response can already be read.
fn send_blocking(stream: &mut TcpStream, mut request: &[u8]) -> io::Result<Sent> {
    if request.len() >= MIN_TIMED_WRITE_BYTES {
        stream.set_write_timeout(Some(STALL_TIMEOUT))?;
    }
    while !request.is_empty() {
        match uninterrupted(|| stream.write(request)) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => request = &request[written..],
            Err(_) if has_input(stream) => return Ok(Sent::AnsweredEarly),
            Err(stalled) if stalled.kind() == ErrorKind::WouldBlock => {}
            Err(failed) => return Err(failed),
        }
    }
    Ok(Sent::Whole)
}

/// Returns whether there are bytes to read.
fn has_input(stream: &TcpStream) -> bool {
    let peeked = stream.set_nonblocking(true).and_then(|()| stream.peek(&mut [0]));
    stream.set_nonblocking(false).is_ok() && matches!(peeked, Ok(1))
}

/// Repeats a system call as long as a signal interrupts it.
fn uninterrupted<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}

#[cfg(feature = "async")]
mod driven {
    use std::future::poll_fn;
    use std::io;
    use std::pin::Pin;
    use std::task::Poll;

    use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
    use tokio::net::TcpStream;

    use super::Sent;

    /// Reads once. It uses `poll_read`, which clears the readiness after a read that did not fill the buffer; after
    /// `try_read`, the next read would need one more system call.
    pub(super) async fn read(stream: &mut TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
        let mut buffer = ReadBuf::new(buffer);
        poll_fn(|cx| Pin::new(&mut *stream).poll_read(cx, &mut buffer)).await?;
        Ok(buffer.filled().len())
    }

    /// Writes the whole request, as [`send_blocking`](super::send_blocking) does.
    pub(super) async fn send(stream: &mut TcpStream, mut request: &[u8]) -> io::Result<Sent> {
        while !request.is_empty() {
            let written = poll_fn(|cx| match Pin::new(&mut *stream).poll_write(cx, request) {
                Poll::Ready(Ok(written)) => Poll::Ready(Ok(Some(written))),
                unwritten => match stream.poll_peek(cx, &mut ReadBuf::new(&mut [0])) {
                    Poll::Ready(Ok(1)) => Poll::Ready(Ok(None)),
                    // The kernel may have a response that the server sent before it went away, although the runtime
                    // does not know of it yet.
                    Poll::Pending if is_lost(&unwritten) => Poll::Pending,
                    _ => unwritten.map_ok(Some),
                },
            });
            match written.await? {
                Some(0) => return Err(io::ErrorKind::WriteZero.into()),
                Some(written) => request = &request[written..],
                None => return Ok(Sent::AnsweredEarly),
            }
        }
        Ok(Sent::Whole)
    }

    /// Returns whether the write failed because the connection was lost.
    fn is_lost(unwritten: &Poll<io::Result<usize>>) -> bool {
        use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
        let Poll::Ready(Err(error)) = unwritten else { return false };
        matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset)
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    const REFUSAL: &[u8] = b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\n{}";

    /// Returns the status of the response to a request whose server resets the connection after half of the request,
    /// after it has sent `last_words`.
    fn status_after_reset(executor: &Executor, last_words: &[u8]) -> io::Result<u16> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let endpoint = Endpoint::parse(&listener.local_addr()?.to_string()).unwrap();
        let mut socket = Socket::connect(&endpoint, executor)?;
        let (mut stream, _) = listener.accept()?;
        assert!(socket.send(b"POST")? == Sent::Whole);
        stream.peek(&mut [0])?;
        stream.write_all(last_words)?;
        // Since the stream has unread bytes, dropping it is a reset, which has arrived when `drop` returns.
        drop(stream);
        assert!(socket.send(b" / HTTP/1.1\r\n")? == Sent::AnsweredEarly);
        let mut response = Response::default();
        response.receive(&mut socket)?;
        Ok(response.status())
    }

    #[test]
    fn a_response_is_read_even_if_the_request_could_not_be_sent() {
        assert_eq!(status_after_reset(&Executor::default(), REFUSAL).unwrap(), 413);
        status_after_reset(&Executor::default(), b"").unwrap_err();
    }

    #[cfg(feature = "async")]
    #[test]
    fn a_response_is_read_through_a_runtime_even_if_the_request_could_not_be_sent() {
        assert_eq!(status_after_reset(&Executor::build().unwrap(), REFUSAL).unwrap(), 413);
        status_after_reset(&Executor::build().unwrap(), b"").unwrap_err();
    }
}
