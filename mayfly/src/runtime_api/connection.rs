//! The connection to the Runtime API, whose waits drive the tokio runtime.
//!
//! With a runtime that has no threads it waits for the socket inside `block_on`, so that the user's background tasks go on
//! while it connects or `/next` is held, without a helper thread. No wait has a time-out: `/next` may be silent for as
//! long as it likes.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
#[cfg(feature = "async")]
use std::sync::Arc;
use std::time::Duration;

use log::debug;

use crate::executor::Executor;
use crate::runtime_api::endpoint::Endpoint;
use crate::runtime_api::response::Response;

/// How long a write may stall before we look whether the server has answered already.
const STALL: Duration = Duration::from_millis(500);
/// What a socket takes at once, whatever the server does: such a write cannot stall for long.
const SHORT: usize = 256 << 10;

/// A connection that is made when it is needed, and again when it was lost.
#[derive(Debug)]
pub(crate) struct Connection {
    endpoint: Endpoint,
    executor: Executor,
    socket: Option<Socket>,
}

impl Connection {
    pub(crate) fn new(endpoint: &Endpoint, executor: &Executor) -> Self {
        Self { endpoint: endpoint.clone(), executor: executor.clone(), socket: None }
    }

    /// Sends a request, which may come in two parts, and reads its response; once more if that failed on a connection that
    /// had been in use before: the server may have closed it while it was idle. Says whether it came to that.
    ///
    /// # Errors
    /// What the last try met.
    pub(crate) fn exchange(&mut self, request: [&[u8]; 2], response: &mut Response) -> io::Result<bool> {
        let was_used = self.socket.is_some();
        let socket = self.open()?;
        match self.exchange_once(socket, request, response) {
            Err(error) if was_used => {
                lost(&error);
                let socket = self.open()?;
                self.exchange_once(socket, request, response).map(|()| true)
            }
            outcome => outcome.map(|()| false),
        }
    }

    /// Lets some time pass between two requests.
    pub(crate) fn pause(&self, time: Duration) {
        self.executor.sleep(time);
    }

    /// Takes the connection that was in use before, else makes one.
    ///
    /// # Errors
    /// What kept it from being made.
    pub(crate) fn open(&mut self) -> io::Result<Socket> {
        self.socket.take().map_or_else(|| Socket::connect(&self.endpoint, &self.executor), Ok)
    }

    /// Sends a request over `socket` and reads its response; keeps the socket, if it can carry another.
    ///
    /// # Errors
    /// Why the response did not arrive.
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

/// Says that a connection was lost. Nothing unusual: a frozen process finds it closed when it wakes.
#[cold]
pub(crate) fn lost(error: &io::Error) {
    debug!("the connection to the Runtime API was lost ({error}); trying again on a new one");
}

/// Whether a request went out whole.
#[derive(PartialEq)]
enum Sent {
    Whole,
    /// The server answered before it had the whole request (413): the rest is dropped, and so is the connection after
    /// the response.
    AnsweredEarly,
}

/// An open connection.
#[derive(Debug)]
pub(crate) enum Socket {
    Blocking(TcpStream),
    #[cfg(feature = "async")]
    Driven {
        stream: tokio::net::TcpStream,
        runtime: Arc<crate::executor::BackgroundShutdown>,
    },
}

impl Socket {
    fn connect(endpoint: &Endpoint, executor: &Executor) -> io::Result<Self> {
        let pause = |pause| executor.sleep(pause);
        endpoint.once_up(&pause, &|| Self::connect_to(&endpoint.addresses, executor))
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

    fn send(&mut self, request: &[u8]) -> io::Result<Sent> {
        match self {
            Self::Blocking(stream) => send_blocking(stream, request),
            #[cfg(feature = "async")]
            Self::Driven { stream, runtime } => match stream.try_write(request) {
                Ok(written) if written == request.len() => Ok(Sent::Whole),
                Ok(written) => runtime.block_on(driven::send(stream, &request[written..])),
                // Not writable at the moment, or not known to be; and an error is met there as well.
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

/// Writes the whole request. A server may answer 413 without reading it to its end: then the write stalls or fails
/// while the response is already there to read.
fn send_blocking(stream: &mut TcpStream, mut request: &[u8]) -> io::Result<Sent> {
    if request.len() >= SHORT {
        stream.set_write_timeout(Some(STALL))?;
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

fn has_input(stream: &TcpStream) -> bool {
    let peeked = stream.set_nonblocking(true).and_then(|()| stream.peek(&mut [0]));
    stream.set_nonblocking(false).is_ok() && matches!(peeked, Ok(1))
}

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

    /// `poll_read` forgets the readiness after a read that did not fill the buffer; `try_read` would ask the kernel
    /// once more next time.
    pub(super) async fn read(stream: &mut TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
        let mut buffer = ReadBuf::new(buffer);
        poll_fn(|cx| Pin::new(&mut *stream).poll_read(cx, &mut buffer)).await?;
        Ok(buffer.filled().len())
    }

    /// See `send_blocking`.
    pub(super) async fn send(stream: &mut TcpStream, mut request: &[u8]) -> io::Result<Sent> {
        while !request.is_empty() {
            let written = poll_fn(|cx| match Pin::new(&mut *stream).poll_write(cx, request) {
                Poll::Ready(Ok(written)) => Poll::Ready(Ok(Some(written))),
                unwritten => match stream.poll_peek(cx, &mut ReadBuf::new(&mut [0])) {
                    Poll::Ready(Ok(1)) => Poll::Ready(Ok(None)),
                    // What the server said before it went may be known to the kernel, but not to the runtime yet.
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

    /// What comes of a request whose server goes away after half of it, by a reset, with or without last words.
    fn refused(executor: &Executor, last_words: &[u8]) -> io::Result<u16> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let endpoint = Endpoint::parse(&listener.local_addr()?.to_string()).unwrap();
        let mut socket = Socket::connect(&endpoint, executor)?;
        let (mut stream, _) = listener.accept()?;
        assert!(socket.send(b"POST")? == Sent::Whole);
        stream.peek(&mut [0])?;
        stream.write_all(last_words)?;
        // With bytes that nobody has read this is a reset, which has arrived when it returns.
        drop(stream);
        assert!(socket.send(b" / HTTP/1.1\r\n")? == Sent::AnsweredEarly);
        let mut response = Response::default();
        response.receive(&mut socket)?;
        Ok(response.status())
    }

    #[test]
    fn a_response_is_read_although_the_request_could_not_be_sent() {
        assert_eq!(refused(&Executor::default(), REFUSAL).unwrap(), 413);
        refused(&Executor::default(), b"").unwrap_err();
    }

    #[cfg(feature = "async")]
    #[test]
    fn it_is_read_also_where_a_runtime_has_to_hear_of_it() {
        assert_eq!(refused(&Executor::build().unwrap(), REFUSAL).unwrap(), 413);
        refused(&Executor::build().unwrap(), b"").unwrap_err();
    }
}
