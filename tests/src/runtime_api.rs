//! `RuntimeApi`: a Runtime API that queues requests until the test responds to each of them.

use std::io::{self, BufRead, BufReader, Read};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel, sync_channel};
use std::sync::{Arc, Mutex, Weak};
use std::thread;
use std::time::Duration;

use crate::NEXT;
use crate::delivery::Delivery;
use crate::posted::Posted;
use crate::request::Request;
use crate::streamed::{Streamed, read_chunks};
use crate::wait::{PATIENCE, until};

/// A server that leaves every response to the test.
///
/// Requests queue up until the test takes them. Dropping the server frees its port and closes every connection.
#[derive(Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
    requests: Receiver<Request>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// The length above which bodies are left unread.
    most: AtomicUsize,
    connections: Mutex<Vec<Weak<TcpStream>>>,
    /// Connections with an unread body, kept open: closing one would reset it and lose the response.
    unread: Mutex<Vec<Arc<TcpStream>>>,
    is_deaf: Mutex<bool>,
}

impl RuntimeApi {
    /// Listens on a free port.
    #[must_use]
    pub fn start() -> Self {
        Self::start_on("127.0.0.1:0")
    }

    /// Listens on that address; port 0 stands for any free port.
    #[must_use]
    pub fn start_on(address: &str) -> Self {
        let listener = TcpListener::bind(address).expect("the port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let (sender, requests) = channel();
        let shared = Arc::new(Shared {
            most: AtomicUsize::new(usize::MAX),
            connections: Mutex::default(),
            unread: Mutex::default(),
            is_deaf: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || accept(&listener, &accepting, &sender));
        Self { address, requests, shared }
    }

    /// Returns the address that it listens on, a value for `AWS_LAMBDA_RUNTIME_API`.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Leaves bodies of more than `most` bytes unread from now on.
    pub fn leave_unread_above(&self, most: usize) {
        self.shared.most.store(most, Ordering::Relaxed);
    }

    /// Accepts no further connections; open ones stay open.
    pub fn stop_listening(&self) {
        if std::mem::replace(&mut *self.shared.is_deaf.lock().expect("no thread of the server panics"), true) {
            return;
        }
        // Wakes the accepting thread, which then drops the listener.
        drop(TcpStream::connect(self.address));
        until("the port to be free", || TcpStream::connect(self.address).err());
    }

    /// Waits for the next request, a poll or a post.
    #[must_use]
    pub fn request(&self) -> Request {
        self.request_within(PATIENCE).expect("the function sends a request")
    }

    /// Waits for a request for at most that long.
    #[must_use]
    pub fn request_within(&self, time: Duration) -> Option<Request> {
        match self.requests.recv_timeout(time) {
            Ok(request) => Some(request),
            Err(RecvTimeoutError::Timeout) => None,
            // No connection is left, and the server accepts no other.
            Err(RecvTimeoutError::Disconnected)
                if *self.shared.is_deaf.lock().expect("no thread of the server panics") =>
            {
                None
            }
            Err(RecvTimeoutError::Disconnected) => panic!("the server's own thread has ended"),
        }
    }

    /// Waits for the next request, which must be a poll: `GET /next`.
    #[must_use]
    pub fn next(&self) -> Request {
        let request = self.request();
        assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", NEXT), "{request:?}");
        request
    }

    /// Waits for the next request, which must be a post.
    #[must_use]
    pub fn posted(&self) -> Posted {
        self.request().into()
    }

    /// Waits for the next request, which must be the post for this event.
    #[must_use]
    pub fn posted_for(&self, delivery: &Delivery) -> Posted {
        let posted = self.posted();
        let invocation = format!("/2018-06-01/runtime/invocation/{}/", delivery.id());
        assert!(posted.path.starts_with(&invocation), "{invocation}: {posted:?}");
        posted
    }

    /// Hands out an event and waits for the post, which the test has yet to accept.
    #[must_use]
    pub fn deliver(&self, delivery: &Delivery) -> Posted {
        self.next().hand_out(delivery);
        self.posted_for(delivery)
    }

    /// Hands out an event and waits for the beginning of a post in chunks.
    #[must_use]
    pub fn stream(&self, delivery: &Delivery) -> Streamed {
        let posted = self.deliver(delivery);
        assert!(posted.is_post_to("/response"), "{posted:?}");
        Request::from(posted).into()
    }

    /// Hands out an event and accepts the post.
    pub fn invoke(&self, delivery: &Delivery) -> Posted {
        let posted = self.deliver(delivery);
        posted.accept();
        posted
    }

    /// Hands out an event for which the function must post a reply.
    pub fn reply(&self, delivery: &Delivery) -> Posted {
        let posted = self.invoke(delivery);
        assert!(posted.is_post_to("/response"), "{posted:?}");
        assert_eq!(posted.header("content-type"), Some("application/json"));
        posted
    }

    /// Hands out an event for which the function must post an error.
    pub fn error(&self, delivery: &Delivery) -> Posted {
        let posted = self.invoke(delivery);
        assert!(posted.is_post_to("/error"), "{posted:?}");
        assert_eq!(posted.header("content-type"), Some("application/json"));
        posted
    }

    /// Waits for the report of a function that cannot start, and accepts it.
    pub fn init_error(&self) -> Posted {
        let posted = self.posted();
        assert_eq!(posted.path, crate::INIT_ERROR, "{posted:?}");
        posted.accept();
        posted
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.stop_listening();
        for connection in &*self.shared.connections.lock().expect("no thread of the server panics") {
            if let Some(stream) = connection.upgrade() {
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>, sender: &Sender<Request>) {
    for (number, stream) in listener.incoming().enumerate() {
        let Ok(stream) = stream.map(Arc::new) else { continue };
        if *shared.is_deaf.lock().expect("no thread of the server panics") {
            return;
        }
        shared.connections.lock().expect("no thread of the server panics").push(Arc::downgrade(&stream));
        let (shared, sender) = (Arc::clone(shared), sender.clone());
        // A connection ends with an error or with the end of the file; either way nothing is left to read.
        thread::spawn(move || while let Ok(true) = take_in(&stream, number + 1, &shared, &sender) {});
    }
}

/// Reads one request and queues it; returns false if it was the connection's last.
fn take_in(stream: &Arc<TcpStream>, connection: usize, shared: &Shared, sender: &Sender<Request>) -> io::Result<bool> {
    // Requests are never pipelined, so this buffer holds nothing of a later one.
    let mut reader = BufReader::new(&**stream);
    let mut lines = Vec::new();
    loop {
        let mut line = Vec::new();
        if reader.read_until(b'\n', &mut line)? == 0 {
            return Ok(false);
        }
        let line = line.trim_ascii_end().to_vec();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let mut request = parse(&lines, connection, Arc::downgrade(stream));
    if request.header("transfer-encoding") == Some("chunked") {
        let (to, pieces) = sync_channel(0);
        request.pieces = Some(Mutex::new(pieces));
        return Ok(sender.send(request).is_ok() && read_chunks(&mut reader, &to)?);
    }
    let length = request.header("content-length").map_or(0, |length| length.parse().expect("a length is a number"));
    let is_unread = length > shared.most.load(Ordering::Relaxed);
    if is_unread {
        shared.unread.lock().expect("no thread of the server panics").push(Arc::clone(stream));
    } else {
        request.body.resize(length, 0);
        reader.read_exact(&mut request.body)?;
    }
    Ok(sender.send(request).is_ok() && !is_unread)
}

fn parse(lines: &[Vec<u8>], connection: usize, stream: Weak<TcpStream>) -> Request {
    let (first, rest) = lines.split_first().expect("a request has a first line");
    let first = String::from_utf8_lossy(first);
    let [method, path, "HTTP/1.1"] = first.split(' ').collect::<Vec<_>>()[..] else {
        panic!("not a request line: {first}")
    };
    let headers = rest.iter().map(|line| {
        let colon = line.iter().position(|&byte| byte == b':').expect("a header has a colon");
        let name = String::from_utf8_lossy(&line[..colon]).to_lowercase();
        (name, line[colon + 1..].trim_ascii().to_vec())
    });
    let headers = headers.collect();
    Request {
        method: method.to_owned(),
        path: path.to_owned(),
        headers,
        body: Vec::new(),
        connection,
        stream,
        pieces: None,
    }
}
