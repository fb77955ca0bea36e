//! A Runtime API that does what the test tells it: it takes requests in, and the test answers each by hand.

use std::io::{self, BufRead, BufReader, Read};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, Weak};
use std::thread;
use std::time::Duration;

use crate::NEXT;
use crate::event::Event;
use crate::request::Request;
use crate::wait::{PATIENCE, until};

/// A server whose every answer is the test's.
///
/// Requests queue up until the test takes them. Dropped, it is gone from its port and every connection is closed.
#[derive(Debug)]
pub struct Api {
    address: SocketAddr,
    requests: Receiver<Request>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// Bodies above this are left unread.
    most: AtomicUsize,
    connections: Mutex<Vec<Weak<TcpStream>>>,
    /// Connections with a body that nobody reads: closing them would reset them, and the answer would be lost.
    unread: Mutex<Vec<Arc<TcpStream>>>,
    is_deaf: Mutex<bool>,
}

impl Api {
    /// Listens on a free port.
    #[must_use]
    pub fn start() -> Self {
        Self::start_on("127.0.0.1:0")
    }

    /// Listens on that address; port 0 is any free one.
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

    /// Where it listens: a value for `AWS_LAMBDA_RUNTIME_API`.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Leaves bodies of more than `most` bytes unread from now on.
    pub fn leave_unread_above(&self, most: usize) {
        self.shared.most.store(most, Ordering::Relaxed);
    }

    /// Takes no further connections; those that are there stay.
    pub fn stop_listening(&self) {
        if std::mem::replace(&mut *self.shared.is_deaf.lock().expect("no thread of the server panics"), true) {
            return;
        }
        // Wakes the thread that accepts, which then drops the listener.
        drop(TcpStream::connect(self.address));
        until("the port to be free", || TcpStream::connect(self.address).err());
    }

    /// Waits for the next request, whatever it is.
    #[must_use]
    pub fn request(&self) -> Request {
        self.request_within(PATIENCE).expect("the function asks for something")
    }

    /// Waits for a request for that long.
    #[must_use]
    pub fn request_within(&self, time: Duration) -> Option<Request> {
        match self.requests.recv_timeout(time) {
            Ok(request) => Some(request),
            Err(RecvTimeoutError::Timeout) => None,
            // There is no connection any more, and no other will be taken.
            Err(RecvTimeoutError::Disconnected)
                if *self.shared.is_deaf.lock().expect("no thread of the server panics") =>
            {
                None
            }
            Err(RecvTimeoutError::Disconnected) => panic!("the server's own thread has ended"),
        }
    }

    /// Waits for a request, which must be `/next`.
    #[must_use]
    pub fn next(&self) -> Request {
        let request = self.request();
        assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", NEXT), "{request:?}");
        request
    }

    /// Hands out an event and waits for its answer, which is then still to be accepted.
    #[must_use]
    pub fn ask(&self, event: &Event) -> Request {
        self.next().hand_out(event);
        self.answer_to(event)
    }

    /// Waits for the answer to an event that was handed out.
    #[must_use]
    pub fn answer_to(&self, event: &Event) -> Request {
        let answer = self.request();
        let invocation = format!("/2018-06-01/runtime/invocation/{}/", event.id());
        assert!(answer.method == "POST" && answer.path.starts_with(&invocation), "{invocation}: {answer:?}");
        answer
    }

    /// Hands out an event, and accepts its answer.
    pub fn invoke(&self, event: &Event) -> Request {
        let answer = self.ask(event);
        answer.accept();
        answer
    }

    /// Hands out an event whose answer must be a reply.
    pub fn reply(&self, event: &Event) -> Request {
        let answer = self.invoke(event);
        assert!(answer.is_post_to("/response"), "{answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        answer
    }

    /// Hands out an event whose answer must be an error.
    pub fn failure(&self, event: &Event) -> Request {
        let answer = self.invoke(event);
        assert!(answer.is_post_to("/error"), "{answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        answer
    }

    /// Waits for the report of a function that cannot start, and accepts it.
    pub fn init_error(&self) -> Request {
        let request = self.request();
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", crate::INIT_ERROR), "{request:?}");
        request.accept();
        request
    }
}

impl Drop for Api {
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
        // The connection's end is an error or an end of file: either way there is nothing more to read.
        thread::spawn(move || while let Ok(true) = take_in(&stream, number + 1, &shared, &sender) {});
    }
}

/// Reads one request and queues it; false when there will be no more.
fn take_in(stream: &Arc<TcpStream>, connection: usize, shared: &Shared, sender: &Sender<Request>) -> io::Result<bool> {
    // Requests are never pipelined, so nothing of a later one is lost with this buffer.
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
    Request { method: method.to_owned(), path: path.to_owned(), headers, body: Vec::new(), connection, stream }
}
