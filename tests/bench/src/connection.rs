//! `Connection`: a connection of a function to the stand-in, and the requests that come over it.

use std::io::Read;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::chunked::Chunked;
use crate::event::REQUEST_ID;

/// The longest time that a function may take for anything, even under valgrind.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const NEXT: &str = "/2018-06-01/runtime/invocation/next";

/// A streamed reply.
#[derive(Debug)]
pub struct Streamed {
    /// The time from the event to the first byte of the reply.
    pub first_byte: Duration,
    /// The bytes of the reply.
    pub bytes: usize,
}

/// A request of a function.
#[derive(Debug, PartialEq)]
pub(crate) enum Request {
    Next,
    Response,
    /// No further request: the function has closed the connection.
    End,
    /// Any other request, verbatim.
    Other(String),
}

/// A connection of a function.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    input: Vec<u8>,
    /// The number of bytes of the last request.
    filled: usize,
    /// The time of the last read. What the stand-in does with the bytes is not the function's time.
    pub(crate) read_at: Instant,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> Result<Self> {
        Self::with_memory(stream, vec![0; 64 << 10])
    }

    /// Takes a connection that succeeds an ended one. The memory of that is used again: clearing other memory would
    /// displace what the function has in the caches of a CPU that both share.
    pub(crate) fn succeed(ended: Self, stream: TcpStream) -> Result<Self> {
        Self::with_memory(stream, ended.input)
    }

    fn with_memory(stream: TcpStream, input: Vec<u8>) -> Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, input, filled: 0, read_at: Instant::now() })
    }

    /// Reads one request. Functions send no other before the response.
    pub(crate) fn request(&mut self) -> Result<Request> {
        self.filled = 0;
        loop {
            let amount = self.read()?;
            if (amount, self.filled) == (0, 0) {
                return Ok(Request::End);
            }
            ensure!(amount > 0, "the function closed its connection inside a request");
            self.filled += amount;
            if let Some(request) = parse(self.last())? {
                return Ok(request);
            }
            if self.filled == self.input.len() {
                self.input.resize(2 * self.filled, 0);
            }
        }
    }

    /// Reads one request whose body comes in chunks, and drops its bytes; `None` if the function has closed the
    /// connection.
    pub(crate) fn streamed(&mut self, start: Instant) -> Result<Option<Streamed>> {
        self.filled = 0;
        let (mut body, mut first_byte) = (None::<Chunked>, None);
        loop {
            let amount = self.read()?;
            if amount == 0 && self.filled == 0 && body.is_none() {
                return Ok(None);
            }
            ensure!(amount > 0, "the function closed its connection inside a stream");
            let ended = match &mut body {
                Some(body) => body.read(&self.input[..amount])?,
                None => {
                    self.filled += amount;
                    let Some(head) = streamed_head(self.last())? else { continue };
                    let ended = body.insert(Chunked::default()).read(&self.last()[head..])?;
                    self.filled = 0;
                    ended
                }
            };
            let bytes = body.as_ref().map_or(0, Chunked::bytes);
            if bytes > 0 {
                first_byte.get_or_insert(self.read_at - start);
            }
            if ended {
                return Ok(Some(Streamed { first_byte: first_byte.context("the stream is empty")?, bytes }));
            }
        }
    }

    /// Reads what has come, behind what is there of the request.
    fn read(&mut self) -> Result<usize> {
        let amount = self.stream.read(&mut self.input[self.filled..]).context("the function said nothing more")?;
        self.read_at = Instant::now();
        Ok(amount)
    }

    /// Returns the bytes of the last request.
    pub(crate) fn last(&self) -> &[u8] {
        &self.input[..self.filled]
    }
}

/// Reads a request; `None` if it is not complete.
fn parse(input: &[u8]) -> Result<Option<Request>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(head) = request.parse(input)? else { return Ok(None) };
    let length = request.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length: usize =
        length.map_or(Ok(0), |header| std::str::from_utf8(header.value)?.parse().context("Content-Length"))?;
    if input.len() < head + length {
        return Ok(None);
    }
    let path = request.path.unwrap_or_default();
    let invocation = path.strip_prefix("/2018-06-01/runtime/invocation/").unwrap_or_default();
    Ok(Some(match (request.method, invocation.strip_prefix(REQUEST_ID)) {
        (Some("GET"), None) if path == NEXT => Request::Next,
        (Some("POST"), Some("/response")) if length > 0 => Request::Response,
        _ => Request::Other(String::from_utf8_lossy(input).into_owned()),
    }))
}

/// Returns the length of the head of a streamed reply; `None` if it is not complete.
fn streamed_head(input: &[u8]) -> Result<Option<usize>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(head) = request.parse(input)? else { return Ok(None) };
    let coding = request.headers.iter().find(|header| header.name.eq_ignore_ascii_case("transfer-encoding"));
    let is_reply = request.path.is_some_and(|path| path.ends_with(&format!("{REQUEST_ID}/response")));
    let is_streamed = is_reply && coding.is_some_and(|header| header.value == b"chunked");
    ensure!(is_streamed, "the reply is not streamed: {}", String::from_utf8_lossy(input));
    Ok(Some(head))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_distinguished_and_read_completely() {
        let next = format!("GET {NEXT} HTTP/1.1\r\nhost: x\r\n\r\n");
        assert_eq!(parse(next.as_bytes()).unwrap(), Some(Request::Next));
        let reply = format!(
            "POST /2018-06-01/runtime/invocation/{REQUEST_ID}/response HTTP/1.1\r\ncontent-length: 4\r\n\r\nnull"
        );
        assert_eq!(parse(reply.as_bytes()).unwrap(), Some(Request::Response));
        assert_eq!(parse(&reply.as_bytes()[..reply.len() - 1]).unwrap(), None);
        let error = reply.replace("/response", "/error");
        assert_eq!(parse(error.as_bytes()).unwrap(), Some(Request::Other(error)));
    }
}
