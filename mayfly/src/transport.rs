//! ureq's connection to the Runtime API: one write a request, and waits that drive the tokio runtime.
//!
//! ureq's own transport probes a pooled connection before each use (12 system calls an invocation) and writes head and
//! body apart. This one says it is open until it fails, which [`client`](crate::client) answers by a second try, and
//! holds the head back until the body can go with it. With a runtime it waits for the socket inside
//! `block_on`, so that the user's background tasks go on while `/next` is held, without a helper thread.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

use crate::buffers::{HeldBuffers, LARGE};
use crate::endpoint::Endpoint;
use crate::executor::Executor;

/// How long a write may stall before we look whether the server has answered already.
const STALL: Duration = Duration::from_millis(500);

/// What the client and its connections tell each other.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    /// How many connections were made.
    pub(crate) connections: AtomicUsize,
    /// The size of the next request, so that it goes out in one write.
    pub(crate) request_size: AtomicUsize,
}

/// Makes connections for ureq.
#[derive(Debug)]
pub(crate) struct Dialer {
    pub(crate) endpoint: Endpoint,
    pub(crate) executor: Executor,
    pub(crate) wire: Arc<Wire>,
}

impl Connector for Dialer {
    type Out = Connection;

    fn connect(&self, _: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Connection>, ureq::Error> {
        self.wire.connections.fetch_add(1, Ordering::Relaxed);
        let socket = Socket::new(self.endpoint.connect()?, &self.executor)?;
        Ok(Some(Connection { socket, buffers: HeldBuffers::new(Arc::clone(&self.wire)), answered_early: false }))
    }
}

/// Tells ureq the addresses that were resolved at the start.
#[derive(Debug)]
pub(crate) struct Resolved(pub(crate) Endpoint);

impl Resolver for Resolved {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        // The connector knows them; ureq only wants to see that there is one.
        let mut addresses = self.empty();
        addresses.push(self.0.addresses[0]);
        Ok(addresses)
    }
}

/// One connection. Its waits have no time-out: `/next` may be silent for as long as it likes.
#[derive(Debug)]
pub(crate) struct Connection {
    socket: Socket,
    buffers: HeldBuffers,
    /// The server answered before it had the whole request (413): what is left to send is dropped, and so is the
    /// connection after the answer.
    answered_early: bool,
}

impl Transport for Connection {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        self.buffers.hold(amount);
        if self.buffers.awaits_body() { Ok(()) } else { Ok(self.flush()?) }
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        self.flush()?;
        let amount = self.socket.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        !self.answered_early
    }
}

impl Connection {
    fn flush(&mut self) -> io::Result<()> {
        let pending = self.buffers.take_held();
        // Nothing to send is no reason to ask the kernel.
        if !pending.is_empty() && !self.answered_early && self.socket.send(pending)? == Sent::AnsweredEarly {
            self.answered_early = true;
        }
        Ok(())
    }
}

/// Whether a request went out whole.
#[derive(PartialEq)]
enum Sent {
    Whole,
    AnsweredEarly,
}

#[derive(Debug)]
enum Socket {
    Blocking(TcpStream),
    #[cfg(feature = "async")]
    Driven {
        stream: tokio::net::TcpStream,
        runtime: Arc<crate::executor::Unwaiting>,
    },
}

impl Socket {
    fn new(stream: TcpStream, executor: &Executor) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        #[cfg(feature = "async")]
        if let Some(runtime) = executor.runtime() {
            stream.set_nonblocking(true)?;
            let stream = executor.enter(|| tokio::net::TcpStream::from_std(stream))?;
            return Ok(Self::Driven { stream, runtime: Arc::clone(runtime) });
        }
        let _ = executor;
        Ok(Self::Blocking(stream))
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Blocking(stream) => uninterrupted(|| stream.read(buffer)),
            #[cfg(feature = "async")]
            Self::Driven { stream, runtime } => runtime.block_on(driven::read(stream, buffer)),
        }
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

/// Writes the whole request. A server may answer 413 without reading it to its end: then the write stalls or fails
/// while the answer is already there to read.
fn send_blocking(stream: &mut TcpStream, mut request: &[u8]) -> io::Result<Sent> {
    if request.len() >= LARGE / 2 {
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
    use std::task::{Context, Poll};

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
                _ if has_input(stream, cx) => Poll::Ready(Ok(None)),
                Poll::Ready(Err(failed)) => Poll::Ready(Err(failed)),
                Poll::Pending => Poll::Pending,
            });
            match written.await? {
                Some(0) => return Err(io::ErrorKind::WriteZero.into()),
                Some(written) => request = &request[written..],
                None => return Ok(Sent::AnsweredEarly),
            }
        }
        Ok(Sent::Whole)
    }

    fn has_input(stream: &TcpStream, cx: &mut Context<'_>) -> bool {
        matches!(stream.poll_peek(cx, &mut ReadBuf::new(&mut [0])), Poll::Ready(Ok(1)))
    }
}
