//! One request of a function, and the ways to answer it.

use std::fmt;
use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::sync::Weak;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::event::Event;

/// A request as it came in, and the connection it came over.
///
/// An answer goes out as it is told, byte for byte. A function that has gone away meanwhile is no failure of the test.
pub struct Request {
    /// `GET` or `POST`.
    pub method: String,
    /// The path, with all that stands before `/2018-06-01`.
    pub path: String,
    /// The headers in their order, names in lower case.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body; empty if the server was told to leave it unread.
    pub body: Vec<u8>,
    /// Which connection it is, counted from 1.
    pub connection: usize,
    /// The connection belongs to the thread that reads it, so that it is closed when that thread ends.
    pub(crate) stream: Weak<TcpStream>,
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
    /// A header's value as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok()
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in the body {:?}", String::from_utf8_lossy(&self.body)))
    }

    /// A member of the body that is text: `errorType`, say.
    #[must_use]
    pub fn text(&self, member: &str) -> String {
        let json = self.json();
        json[member].as_str().unwrap_or_else(|| panic!("no text `{member}` in {json}")).to_owned()
    }

    /// The lines of `stackTrace`.
    #[must_use]
    pub fn stack_trace(&self) -> Vec<String> {
        let json = self.json();
        let lines = json["stackTrace"].as_array().unwrap_or_else(|| panic!("no stackTrace in {json}"));
        lines.iter().map(|line| line.as_str().expect("a frame is text").to_owned()).collect()
    }

    /// Whether it is a POST to that end of the path: `/response`, `/error`.
    #[must_use]
    pub fn is_post_to(&self, end: &str) -> bool {
        self.method == "POST" && self.path.ends_with(end)
    }

    /// Answers as the service does when it takes something.
    pub fn accept(&self) {
        self.answer(202, r#"{"status":"OK"}"#);
    }

    /// Answers with a status and a body.
    pub fn answer(&self, status: u16, body: &str) {
        let length = body.len();
        self.send(format!("HTTP/1.1 {status} Whatever\r\nContent-Length: {length}\r\n\r\n{body}"));
    }

    /// Answers a `/next` with an event.
    pub fn hand_out(&self, event: &Event) {
        self.send([event.head(), event.payload()].concat());
    }

    /// Sends bytes.
    pub fn send(&self, bytes: impl AsRef<[u8]>) {
        if let Some(stream) = self.stream.upgrade() {
            // The function may be gone; what the test looks at is what the function does.
            let _ = (&*stream).write_all(bytes.as_ref());
        }
    }

    /// Sends bytes in packets of their own.
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
        // Its reader wakes, ends and closes it: a socket that does not linger is then reset.
        self.shut_down(Shutdown::Read);
    }

    fn shut_down(&self, how: Shutdown) {
        if let Some(stream) = self.stream.upgrade() {
            let _ = stream.shutdown(how);
        }
    }
}
