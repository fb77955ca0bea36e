//! `StandIn`: a Runtime API with as little work of its own as possible, since the benchmark measures the function.

use std::io::{ErrorKind, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::SockRef;

use crate::connection::{Connection, PATIENCE, Request, Streamed};
use crate::event::Answer;

const ACCEPTED: &[u8] =
    b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"status\":\"OK\"}";

/// A listening port for one function.
#[derive(Debug)]
pub struct StandIn(TcpListener);

impl StandIn {
    /// Listens on a free port.
    ///
    /// # Errors
    /// If there is none.
    pub fn listen() -> Result<Self> {
        let listener =
            TcpListener::bind("127.0.0.1:0").context("no port is free for the stand-in of the Runtime API")?;
        Ok(Self(listener))
    }

    /// Returns the value of `AWS_LAMBDA_RUNTIME_API`.
    ///
    /// # Errors
    /// If the operating system does not know it.
    pub fn address(&self) -> Result<SocketAddr> {
        Ok(self.0.local_addr()?)
    }

    /// Waits for the first poll of a function that takes one invocation at a time.
    ///
    /// # Errors
    /// If no request comes, or another one.
    pub fn first_poll(&self) -> Result<Caller> {
        let listener = self.0.try_clone()?;
        let mut caller = Caller { listener, connections: Vec::new(), current: 0, ended: None };
        caller.polled()?;
        Ok(caller)
    }

    /// Hands out invocations to a function that takes several at a time; returns the time that `measured` of them took,
    /// after `before` others.
    ///
    /// # Errors
    /// If the function fails an invocation.
    pub fn serve(&self, answer: &Answer, before: usize, measured: usize) -> Result<Duration> {
        let (marks, reached) = channel();
        let load = Arc::new(Load {
            answer: answer.clone(),
            marks: [before, before + measured],
            handed_out: AtomicUsize::new(0),
            answered: AtomicUsize::new(0),
        });
        let listener = self.0.try_clone()?;
        SockRef::from(&listener).set_read_timeout(Some(Duration::from_millis(20)))?;
        thread::spawn({
            let load = Arc::clone(&load);
            move || load.accept(&listener, &marks)
        });
        let mark = || reached.recv_timeout(PATIENCE).context("the function stopped taking invocations")?;
        let start = mark()?;
        Ok(mark()? - start)
    }
}

/// A function that waits for an event.
#[derive(Debug)]
pub struct Caller {
    listener: TcpListener,
    /// The connections; `lambda_runtime` on tokio's default runtime may use several, even for one invocation.
    connections: Vec<Connection>,
    /// The connection of the last request.
    current: usize,
    /// The connection that has ended last.
    ended: Option<Connection>,
}

impl Caller {
    fn polled(&mut self) -> Result<()> {
        let request = self.request()?;
        ensure!(request == Request::Next, "the function did not ask for its next invocation: {request:?}");
        Ok(())
    }

    /// Hands out an event, accepts the reply and waits for the next poll; returns the time from the event to the reply.
    ///
    /// # Errors
    /// If the function does anything else.
    pub fn invoke(&mut self, answer: &Answer) -> Result<Duration> {
        let start = Instant::now();
        self.answer(answer.bytes())?;
        let request = self.request()?;
        let took = self.connections[self.current].read_at - start;
        ensure!(request == Request::Response, "the function did not reply: {request:?}");
        self.answer(ACCEPTED)?;
        self.polled()?;
        Ok(took)
    }

    /// Hands out an event as [`invoke`](Self::invoke) does, and returns the body of the reply.
    ///
    /// # Errors
    /// If the function does anything else.
    pub fn invoke_and_read(&mut self, answer: &Answer) -> Result<Vec<u8>> {
        self.answer(answer.bytes())?;
        let request = self.request()?;
        ensure!(request == Request::Response, "the function did not reply: {request:?}");
        let input = self.connections[self.current].last();
        let head = input.windows(4).position(|window| window == b"\r\n\r\n").context("a request has a head")?;
        let reply = input[head + 4..].to_vec();
        self.answer(ACCEPTED)?;
        self.polled()?;
        Ok(reply)
    }

    /// Hands out an event, accepts the streamed reply and waits for the next poll.
    ///
    /// # Errors
    /// If the function does anything else, or the stream breaks off.
    pub fn stream(&mut self, answer: &Answer) -> Result<Streamed> {
        let start = Instant::now();
        self.answer(answer.bytes())?;
        let streamed = self.streamed(start)?;
        self.answer(ACCEPTED)?;
        self.polled()?;
        Ok(streamed)
    }

    fn answer(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.connections[self.current].stream.write_all(bytes)?)
    }

    /// Waits for a request on any connection.
    fn request(&mut self) -> Result<Request> {
        loop {
            let connection = self.ready()?;
            match self.connections[connection].request()? {
                Request::End => self.ended = Some(self.connections.remove(connection)),
                request => {
                    self.current = connection;
                    return Ok(request);
                }
            }
        }
    }

    /// Waits for a streamed reply on any connection.
    fn streamed(&mut self, start: Instant) -> Result<Streamed> {
        loop {
            let connection = self.ready()?;
            match self.connections[connection].streamed(start)? {
                None => self.ended = Some(self.connections.remove(connection)),
                Some(streamed) => {
                    self.current = connection;
                    return Ok(streamed);
                }
            }
        }
    }

    /// Waits until a connection has something to read, its end included.
    fn ready(&mut self) -> Result<usize> {
        loop {
            let listener = self.listener.as_fd();
            let connections = self.connections.iter().map(|connection| connection.stream.as_fd());
            let descriptors = std::iter::once(listener).chain(connections);
            let mut descriptors: Vec<_> = descriptors.map(|fd| PollFd::new(fd, PollFlags::POLLIN)).collect();
            let ready = poll(&mut descriptors, PollTimeout::try_from(PATIENCE)?)?;
            ensure!(ready > 0, "the function asked for nothing more");
            let ready = descriptors.iter().rposition(|descriptor| descriptor.any() == Some(true));
            match ready.and_then(|position| position.checked_sub(1)) {
                Some(connection) => return Ok(connection),
                None => {
                    let (stream, _) = self.listener.accept()?;
                    self.connections.push(match self.ended.take() {
                        Some(ended) => Connection::succeed(ended, stream)?,
                        None => Connection::new(stream)?,
                    });
                }
            }
        }
    }
}

/// The counters that the connections of one function share.
#[derive(Debug)]
struct Load {
    answer: Answer,
    /// The numbers of replies after which the time is taken.
    marks: [usize; 2],
    handed_out: AtomicUsize,
    answered: AtomicUsize,
}

impl Load {
    fn accept(self: &Arc<Self>, listener: &TcpListener, marks: &Sender<Result<Instant>>) {
        while self.answered.load(Ordering::Relaxed) < self.marks[1] {
            match listener.accept() {
                Ok((stream, _)) => {
                    let (load, marks) = (Arc::clone(self), marks.clone());
                    thread::spawn(move || {
                        if let Err(error) =
                            Connection::new(stream).and_then(|mut caller| load.serve(&mut caller, &marks))
                        {
                            // The receiver is gone if the function has just ended.
                            let _ = marks.send(Err(error));
                        }
                    });
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => {
                    let _ = marks.send(Err(error.into()));
                    return;
                }
            }
        }
    }

    fn serve(&self, connection: &mut Connection, marks: &Sender<Result<Instant>>) -> Result<()> {
        loop {
            match connection.request()? {
                Request::Next if self.handed_out.fetch_add(1, Ordering::Relaxed) < self.marks[1] => {
                    connection.stream.write_all(self.answer.bytes())?;
                }
                // No events are left: the poll is held until the function is ended.
                Request::Next => {}
                Request::Response => {
                    if self.marks.contains(&(self.answered.fetch_add(1, Ordering::Relaxed) + 1)) {
                        let _ = marks.send(Ok(Instant::now()));
                    }
                    connection.stream.write_all(ACCEPTED)?;
                }
                Request::End => return Ok(()),
                Request::Other(request) => bail!("the function did not reply: {request}"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::TcpStream;

    use super::*;
    use crate::connection::NEXT;
    use crate::event::REQUEST_ID;

    /// Runs the shortest function that polls and replies.
    fn function(address: SocketAddr, invocations: usize) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(address)?;
        for _ in 0..invocations {
            write!(stream, "GET {NEXT} HTTP/1.1\r\n\r\n")?;
            let mut answer = [0; 4096];
            assert!(stream.read(&mut answer)? > 0);
            write!(
                stream,
                "POST /2018-06-01/runtime/invocation/{REQUEST_ID}/response HTTP/1.1\r\ncontent-length: 4\r\n\r\nnull"
            )?;
            stream.read_exact(&mut answer[..ACCEPTED.len()])?;
        }
        write!(stream, "GET {NEXT} HTTP/1.1\r\n\r\n")
    }

    #[test]
    fn invocations_are_handed_out_one_at_a_time() {
        let stand_in = StandIn::listen().unwrap();
        let address = stand_in.address().unwrap();
        let function = thread::spawn(move || function(address, 3));
        let mut caller = stand_in.first_poll().unwrap();
        let answer = Answer::of(crate::event::SMALL);
        for _ in 0..3 {
            assert!(caller.invoke(&answer).unwrap() > Duration::ZERO);
        }
        function.join().unwrap().unwrap();
        drop(caller);
    }

    #[test]
    fn a_streamed_reply_is_read_to_its_end() {
        let stand_in = StandIn::listen().unwrap();
        let address = stand_in.address().unwrap();
        let function = thread::spawn(move || {
            let mut stream = TcpStream::connect(address)?;
            write!(stream, "GET {NEXT} HTTP/1.1\r\n\r\n")?;
            let mut answer = [0; 4096];
            assert!(stream.read(&mut answer)? > 0);
            let head =
                format!("POST /2018-06-01/runtime/invocation/{REQUEST_ID}/response HTTP/1.1\r\ntransfer-encoding: ");
            for part in [&*head, "chunked\r\n\r\n3", "\r\nabc\r\n4\r\nde", "fg\r\n0\r\n", "\r\n"] {
                thread::sleep(Duration::from_millis(5));
                stream.write_all(part.as_bytes())?;
            }
            stream.read_exact(&mut answer[..ACCEPTED.len()])?;
            write!(stream, "GET {NEXT} HTTP/1.1\r\n\r\n")
        });
        let mut caller = stand_in.first_poll().unwrap();
        let streamed = caller.stream(&Answer::of(crate::event::SHORT)).unwrap();
        assert_eq!(streamed.bytes, 7);
        assert!(streamed.first_byte > Duration::ZERO);
        function.join().unwrap().unwrap();
    }

    #[test]
    fn several_invocations_are_handed_out_at_a_time() {
        let stand_in = StandIn::listen().unwrap();
        let address = stand_in.address().unwrap();
        for _ in 0..4 {
            thread::spawn(move || function(address, 3));
        }
        assert!(stand_in.serve(&Answer::of(crate::event::SMALL), 4, 8).unwrap() > Duration::ZERO);
    }
}
