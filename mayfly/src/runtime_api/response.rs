//! `Response`: an HTTP/1.1 response of the Runtime API, received into memory that the next one reuses.
//!
//! The format is described at <https://www.rfc-editor.org/rfc/rfc9112>.

use std::io::{self, ErrorKind, Read};
use std::ops::Range;

use httparse::Status;

use super::headers::{Framing, Head, Headers, malformed};

/// The initial size of the memory, enough for a head and a small event: fresh pages cost more than a second read.
const INITIAL_BYTES: usize = PAGE_BYTES;
/// The most memory that is kept for the next response. It is also the most that is allocated for a length which the
/// server has announced but not sent.
const MAX_KEPT_BYTES: usize = 16 << 20;
/// The offset of a response in its memory. The fastest way to copy (`rep movsb`) is slow on some processors if the
/// destination starts a little after the source, compared within a page. The kernel's source starts at the beginning of
/// a page, and so does a large allocation; a string of the event is often copied to just after the memory.
const START_OFFSET: usize = 1 << 10;
/// The unit by which the memory grows.
const PAGE_BYTES: usize = 4 << 10;
/// The longest head that is accepted. Heads of the Runtime API are far shorter.
const MAX_HEAD_BYTES: usize = 1 << 20;

/// The last response of the server: its head and its body, in the memory that they were received into. The memory is
/// kept for the next response, since fresh pages are the largest cost of a large event.
#[derive(Debug, Default)]
pub(crate) struct Response {
    memory: Vec<u8>,
    /// The end of the received bytes in the memory.
    received: usize,
    head: Head,
    body: Range<usize>,
}

impl Response {
    pub(crate) fn status(&self) -> u16 {
        self.head.status
    }

    pub(crate) fn headers(&self) -> Headers<'_> {
        self.head.headers(self.bytes())
    }

    pub(crate) fn body(&self) -> &[u8] {
        self.memory.get(self.body.clone()).unwrap_or_default()
    }

    /// Returns the bytes that were received.
    fn bytes(&self) -> &[u8] {
        self.memory.get(START_OFFSET..self.received).unwrap_or_default()
    }

    /// Returns the status with its reason and the beginning of the body, for a message.
    pub(crate) fn summary(&self) -> String {
        let body = &self.body()[..self.body.len().min(2 << 10)];
        format!("{} {} {}", self.head.status, self.head.reason, String::from_utf8_lossy(body).trim())
    }

    /// Creates a response with these headers and no body. Returns an error if one of them is not a valid header.
    #[cfg(any(test, fuzzing, feature = "testing"))]
    pub(crate) fn with_headers(headers: &[(&str, &[u8])]) -> io::Result<Self> {
        // A response with this status has no body, even if its headers announce one.
        let mut sent = b"HTTP/1.1 204 No Content\r\n".to_vec();
        for (name, value) in headers {
            let line = [name.as_bytes(), b": ", value].concat();
            if name.contains(':') || line.iter().any(|byte| b"\r\n".contains(byte)) {
                return Err(malformed("a header has a line break, or a colon in its name"));
            }
            sent.extend([line.as_slice(), b"\r\n"].concat());
        }
        sent.extend(b"\r\n");
        let mut response = Self::default();
        response.receive(&mut sent.as_slice())?;
        Ok(response)
    }

    /// Reads a response to its end. Returns whether the connection can carry another request; an error if the
    /// connection ends too early or the response is not valid HTTP.
    pub(crate) fn receive(&mut self, socket: &mut dyn Read) -> io::Result<bool> {
        (self.received, self.body) = (START_OFFSET, START_OFFSET..START_OFFSET);
        if self.memory.len() > MAX_KEPT_BYTES {
            self.memory = Vec::new();
        }
        let mut end = self.receive_head(socket)?;
        while (100..200).contains(&self.head.status) {
            // An interim response; the final one follows.
            self.memory.copy_within(end..self.received, START_OFFSET);
            self.received -= end - START_OFFSET;
            end = self.receive_head(socket)?;
        }
        self.body = end..end;
        let framing = self.head.framing(self.bytes())?;
        match framing {
            Framing::Length(length) => {
                end =
                    end.checked_add(length).ok_or_else(|| malformed("its content-length does not fit into memory"))?;
                self.receive_until(end, socket)?;
                self.body.end = end;
            }
            Framing::Chunked => end = self.receive_chunks(socket)?,
            Framing::Connection => {
                while self.receive_more(0, socket)? > 0 {}
                self.body.end = self.received;
            }
        }
        // Bytes after the response belong to no request, so the connection cannot be used again.
        Ok(framing != Framing::Connection && self.head.keeps_alive(self.bytes()) && end == self.received)
    }

    /// Reads up to the end of a head. Returns the position of that end.
    fn receive_head(&mut self, socket: &mut dyn Read) -> io::Result<usize> {
        loop {
            let bytes = self.memory.get(START_OFFSET..self.received).unwrap_or_default();
            if let Some(length) = self.head.parse(bytes)? {
                return Ok(START_OFFSET + length);
            }
            if bytes.len() > MAX_HEAD_BYTES {
                return Err(malformed("its headers are larger than 1 MiB"));
            }
            self.receive_until(self.received + 1, socket)?;
        }
    }

    /// Reads a chunked body and joins its chunks in place. Returns the position of the response's end.
    fn receive_chunks(&mut self, socket: &mut dyn Read) -> io::Result<usize> {
        let mut at = self.body.start;
        loop {
            let (start, size) = self.receive_chunk_size(at, socket)?;
            if size == 0 {
                return self.receive_trailers(start, socket);
            }
            let end = start.checked_add(size).and_then(|end| end.checked_add(2));
            let end = end.ok_or_else(|| malformed("a chunk does not fit into memory"))?;
            self.receive_until(end, socket)?;
            if self.memory[end - 2..end] != *b"\r\n" {
                return Err(malformed("a chunk is longer than its size"));
            }
            self.memory.copy_within(start..end - 2, self.body.end);
            self.body.end += size;
            at = end;
        }
    }

    /// Reads the line with a chunk's size at `at`. Returns the position of the chunk and its size.
    fn receive_chunk_size(&mut self, at: usize, socket: &mut dyn Read) -> io::Result<(usize, usize)> {
        loop {
            match httparse::parse_chunk_size(&self.memory[at..self.received]) {
                // httparse reads an empty line as the size 0, which would end the body too early without an error.
                Ok(Status::Complete((length, size))) if self.memory[at].is_ascii_hexdigit() => {
                    let size = usize::try_from(size).map_err(|_| malformed("a chunk does not fit into memory"))?;
                    return Ok((at + length, size));
                }
                Ok(Status::Partial) if self.received - at > MAX_HEAD_BYTES => {
                    return Err(malformed("a chunk's extension is larger than 1 MiB"));
                }
                Ok(Status::Partial) => self.receive_until(self.received + 1, socket)?,
                _ => return Err(malformed("a chunk has no size")),
            }
        }
    }

    /// Reads the trailers at `at` up to an empty line. Returns the position after that line.
    fn receive_trailers(&mut self, mut at: usize, socket: &mut dyn Read) -> io::Result<usize> {
        loop {
            match self.memory[at..self.received].iter().position(|&byte| byte == b'\n') {
                Some(length) => {
                    let line = self.memory[at..at + length].trim_ascii();
                    at += length + 1;
                    if line.is_empty() {
                        return Ok(at);
                    }
                }
                None if self.received - at > MAX_HEAD_BYTES => {
                    return Err(malformed("its trailers are larger than 1 MiB"));
                }
                None => self.receive_until(self.received + 1, socket)?,
            }
        }
    }

    /// Reads until the received bytes reach `end`.
    fn receive_until(&mut self, end: usize, socket: &mut dyn Read) -> io::Result<()> {
        while self.received < end {
            if self.receive_more(end, socket)? == 0 {
                return Err(io::Error::new(
                    ErrorKind::UnexpectedEof,
                    "the connection ended in the middle of a response",
                ));
            }
        }
        Ok(())
    }

    /// Reads once, into memory that reaches up to `end` if that is not too large. Returns the number of bytes read.
    fn receive_more(&mut self, end: usize, socket: &mut dyn Read) -> io::Result<usize> {
        let full = if self.received == self.memory.len() { self.received * 2 } else { 0 };
        let needed = end.min(MAX_KEPT_BYTES).max(full).max(INITIAL_BYTES).next_multiple_of(PAGE_BYTES);
        if self.memory.len() < needed {
            // Not `resize`, which would write to all of it: the kernel hands out large allocations as zeros.
            let mut memory = vec![0; needed];
            memory[..self.memory.len()].copy_from_slice(&self.memory);
            self.memory = memory;
        }
        let amount = socket.read(&mut self.memory[self.received..])?;
        self.received += amount;
        Ok(amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime_api::headers::MAX_HEADERS;

    /// A server that sends a few bytes at a time, then closes.
    struct Server<'a> {
        left: &'a [u8],
        at_a_time: usize,
    }

    impl Read for Server<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let amount = self.at_a_time.min(self.left.len());
            (&mut self.left).take(amount as u64).read(buffer)
        }
    }

    /// Receives a response. Returns its status, its body and whether the connection can be used again, or the error.
    fn receive(sent: &str, at_a_time: usize) -> Result<(u16, String, bool), String> {
        let mut response = Response::default();
        let reusable =
            response.receive(&mut Server { left: sent.as_bytes(), at_a_time }).map_err(|error| error.to_string())?;
        Ok((response.status(), String::from_utf8_lossy(response.body()).into_owned(), reusable))
    }

    #[test]
    fn the_head_determines_the_end_of_the_body() {
        let long = "x".repeat(20_000);
        for (head, body, expected, reusable) in [
            ("Content-Length: 5", "hello", "hello", true),
            ("content-length: 5\r\nContent-Length: 5", "hello", "hello", true),
            ("Content-Length: 0", "", "", true),
            ("Content-Length: 5\r\nConnection: x, Close", "hello", "hello", false),
            ("Content-Length: 20000", &long, &long, true),
            ("Transfer-Encoding: chunked", "3\r\nhel\r\n2;a=b\r\nlo\r\n0\r\n\r\n", "hello", true),
            ("Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\nA: b\r\nC: d\r\n\r\n", "hello", true),
            ("Transfer-Encoding: chunked", &format!("4e20\r\n{long}\r\n0\r\n\r\n"), &long, true),
            ("Transfer-Encoding: gzip, Chunked\r\nContent-Length: 2", "1\r\n!\r\n0\r\n\r\n", "!", true),
            ("X: y", "hello", "hello", false),
            ("Transfer-Encoding: gzip", "hello", "hello", false),
        ] {
            for at_a_time in [1, 7, usize::MAX] {
                // A preceding interim response changes nothing.
                for interim in ["", "HTTP/1.1 100 Continue\r\n\r\n"] {
                    let sent = format!("{interim}HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}");
                    let received = receive(&sent, at_a_time);
                    // Bytes after the response may not have been read yet.
                    let reusable = reusable || expected == "hello" && body == "hello, and more" && at_a_time < 8;
                    assert_eq!(
                        received,
                        Ok((200, expected.to_owned(), reusable)),
                        "{head}, {at_a_time} bytes at a time"
                    );
                }
            }
        }
    }

    #[test]
    fn a_connection_with_more_than_the_response_is_not_used_again() {
        let sent = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more";
        assert_eq!(receive(sent, usize::MAX), Ok((200, "hello".to_owned(), false)));
    }

    #[test]
    fn some_statuses_forbid_a_body_and_http_1_0_closes_the_connection() {
        for (head, expected) in [
            ("HTTP/1.1 204 No Content\r\nContent-Length: 5", (204, true)),
            ("HTTP/1.1 304\r\nX: y", (304, true)),
            ("HTTP/1.0 200 OK\r\nContent-Length: 0", (200, false)),
            ("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: Keep-Alive", (200, true)),
        ] {
            let (status, body, reusable) = receive(&format!("{head}\r\n\r\n"), 9).unwrap();
            assert_eq!(((status, reusable), body.as_str()), (expected, ""), "{head}");
        }
    }

    #[test]
    fn an_invalid_response_is_reported_with_the_reason() {
        let headers = "A: b\r\n".repeat(MAX_HEADERS + 1);
        let endless = format!("X: {}", "y".repeat(2 * MAX_HEAD_BYTES));
        for (sent, wrong) in [
            ("", "ended in the middle of a response"),
            ("HTTP/1.1 200 OK\r\nContent-", "ended in the middle of a response"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello", "ended in the middle of a response"),
            ("HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello", "content-length is `+5`"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "content-length is `5`"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\nhello", "does not fit into memory"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 9007199254740992\r\n\r\nhello", "ended in the middle of a response"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "a chunk has no size"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n\r\n1\r\ny\r\n", "a chunk has no size"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n;x\r\n\r\n", "a chunk has no size"),
            (
                &format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;{endless}"),
                "extension is larger than 1 MiB",
            ),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxyz", "a chunk is longer than its size"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", "does not fit into memory"),
            ("SSH-2.0-OpenSSH_9.2\r\n", "its response is not HTTP"),
            (&format!("HTTP/1.1 200 OK\r\n{headers}\r\n"), "too many headers"),
            (&format!("HTTP/1.1 200 OK\r\n{endless}\r\n\r\n"), "its headers are larger than 1 MiB"),
        ] {
            let message = receive(sent, 64 << 10).unwrap_err();
            assert!(message.contains(wrong), "{sent:.60}: {message}");
        }
    }

    #[test]
    fn memory_is_reused_and_large_memory_is_freed() {
        let mut response = Response::default();
        for (length, kept) in [
            (10, INITIAL_BYTES),
            (1 << 20, 1 << 20),
            (10, 1 << 20),
            (MAX_KEPT_BYTES, MAX_KEPT_BYTES),
            (10, INITIAL_BYTES),
        ] {
            let sent = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{}", "x".repeat(length));
            response.receive(&mut Server { left: sent.as_bytes(), at_a_time: usize::MAX }).unwrap();
            assert_eq!(response.body().len(), length);
            assert!(
                (kept..2 * kept + 2 * PAGE_BYTES).contains(&response.memory.len()),
                "{length}: {}",
                response.memory.len()
            );
        }
    }

    #[test]
    fn a_response_can_be_made_from_headers_even_if_they_announce_a_body() {
        let headers: [(_, &[u8]); 3] = [("Content-Length", b"21"), ("Transfer-Encoding", b"chunked"), ("X", b" y ")];
        let response = Response::with_headers(&headers).unwrap();
        let values = ["content-length", "transfer-encoding", "x"].map(|name| response.headers().get(name));
        assert_eq!(values, [Some(&b"21"[..]), Some(b"chunked"), Some(b"y")]);
        assert_eq!(Response::with_headers(&[]).unwrap().headers().get("content-length"), None);
        for (name, value) in [("x:y", "z"), ("", "z"), ("x ", "z"), ("x\ny", "z"), ("x", "y\r\nz: z"), ("x", "\0")] {
            assert!(Response::with_headers(&[(name, value.as_bytes())]).is_err(), "{name:?}: {value:?}");
        }
    }

    #[test]
    fn a_summary_has_the_status_the_reason_and_the_beginning_of_the_body() {
        let mut response = Response::default();
        let sent = b"HTTP/1.1 413 Too Large\r\nContent-Length: 9\r\n\r\n {\"a\":1}\n";
        response.receive(&mut Server { left: sent, at_a_time: 4 }).unwrap();
        assert_eq!(response.summary(), "413 Too Large {\"a\":1}");
    }
}
