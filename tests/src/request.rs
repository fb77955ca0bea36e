//! `Request`: a request of a function, and the ways to respond to it.

use std::fmt;
use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::Receiver;
use std::sync::{Mutex, Weak};
use std::thread;
use std::time::Duration;

use crate::delivery::Delivery;
use crate::streamed::Piece;

/// A request and the connection that it came over.
///
/// A response is sent exactly as the test states it, byte for byte. The test does not fail if the function has closed
/// the connection meanwhile.
pub struct Request {
    /// `GET` or `POST`.
    pub method: String,
    /// The path, including any prefix before `/2018-06-01`.
    pub path: String,
    /// The headers in their order, with names in lower case.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body; empty if the server left it unread.
    pub body: Vec<u8>,
    /// The number of the connection, counted from 1.
    pub connection: usize,
    /// The connection; the thread that reads it owns it and closes it at its end.
    pub(crate) stream: Weak<TcpStream>,
    /// The parts of a body in chunks.
    pub(crate) pieces: Option<Mutex<Receiver<Piece>>>,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {} (connection {})", self.method, self.path, self.connection)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {}", String::from_utf8_lossy(value))?;
        }
        let body = String::from_utf8_lossy(&self.body);
        writeln!(f, "{}", body.chars().take(2000).collect::<String>())
    }
}

impl Request {
    /// Returns the value of a header as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok()
    }

    /// Whether this is a POST to a path with that end, such as `/response` or `/error`.
    #[must_use]
    pub fn is_post_to(&self, end: &str) -> bool {
        self.method == "POST" && self.path.ends_with(end)
    }

    /// Responds with a status and a body.
    pub fn respond(&self, status: u16, body: &str) {
        let length = body.len();
        self.send(format!("HTTP/1.1 {status} Whatever\r\nContent-Length: {length}\r\n\r\n{body}"));
    }

    /// Responds to a poll with an event.
    pub fn hand_out(&self, delivery: &Delivery) {
        self.send([delivery.head(), delivery.payload()].concat());
    }

    /// Sends bytes.
    pub fn send(&self, bytes: impl AsRef<[u8]>) {
        if let Some(stream) = self.stream.upgrade() {
            // The function may have closed it; the test looks at what the function does.
            let _ = (&*stream).write_all(bytes.as_ref());
        }
    }

    /// Sends each of these slices in a packet of its own.
    pub fn send_in_packets<'a>(&self, packets: impl IntoIterator<Item = &'a [u8]>) {
        for packet in packets {
            self.send(packet);
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Closes the connection in an orderly way.
    pub fn close(&self) {
        self.shut_down(Shutdown::Both);
    }

    /// Resets the connection.
    pub fn reset(&self) {
        if let Some(stream) = self.stream.upgrade() {
            socket2::SockRef::from(&*stream).set_linger(Some(Duration::ZERO)).expect("a socket can be reset");
        }
        // Its reader wakes, ends and closes it; a socket that does not linger is reset by that.
        self.shut_down(Shutdown::Read);
    }

    fn shut_down(&self, how: Shutdown) {
        if let Some(stream) = self.stream.upgrade() {
            let _ = stream.shutdown(how);
        }
    }
}
