//! A response of the Runtime API as HTTP/1.1 has it: <https://www.rfc-editor.org/rfc/rfc9112>.

use std::io::{self, ErrorKind, Read};
use std::ops::Range;

use httparse::Status;

use crate::runtime_api::headers::{Framing, Head, Headers, malformed};

/// Memory to begin with: enough for a head and a small event; fresh pages cost more than a second read.
const SMALL: usize = PAGE;
/// Memory above this is given back with the next response. It is also all that a length is worth which a server only claims.
const KEPT: usize = 16 << 20;
/// Where a response begins in its memory, and what that grows by. The processor's quickest way of copying (`rep movsb`) is
/// slow on some if the target lies a little behind the source, counted within a page. What the kernel copies from starts at
/// a page, as large memory does; and a string of the event is often copied to just behind the memory.
const START: usize = 1 << 10;
const PAGE: usize = 4 << 10;
/// No head of the Runtime API comes near these.
const MAX_HEAD: usize = 1 << 20;

/// What the server said last: its head and its body, in the memory they were received in. That is kept for the next
/// response: fresh pages are what a large event costs most.
#[derive(Debug, Default)]
pub(crate) struct Response {
    memory: Vec<u8>,
    /// How much of the memory was received.
    received: usize,
    head: Head,
    body: Range<usize>,
}

impl Response {
    /// The status code.
    pub(crate) fn status(&self) -> u16 {
        self.head.status
    }

    pub(crate) fn headers(&self) -> Headers<'_> {
        self.head.headers(self.bytes())
    }

    pub(crate) fn body(&self) -> &[u8] {
        self.memory.get(self.body.clone()).unwrap_or_default()
    }

    /// What was received of it.
    fn bytes(&self) -> &[u8] {
        self.memory.get(START..self.received).unwrap_or_default()
    }

    /// The status with its reason and the beginning of the body, for a message.
    pub(crate) fn summary(&self) -> String {
        let body = &self.body()[..self.body.len().min(2 << 10)];
        format!("{} {} {}", self.head.status, self.head.reason, String::from_utf8_lossy(body).trim())
    }

    /// What the server would have said with these headers and no body.
    ///
    /// # Errors
    /// If one of them cannot stand in a head.
    #[cfg(any(test, fuzzing, feature = "testing"))]
    pub(crate) fn with_headers(headers: &[(&str, &[u8])]) -> io::Result<Self> {
        // With this status there is no body, whatever the headers say of one.
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

    /// Reads a response to its end. Says whether the connection can carry another.
    ///
    /// # Errors
    /// If the connection ends before the response does, or the response is not HTTP.
    pub(crate) fn receive(&mut self, socket: &mut dyn Read) -> io::Result<bool> {
        (self.received, self.body) = (START, START..START);
        if self.memory.len() > KEPT {
            self.memory = Vec::new();
        }
        let mut end = self.receive_head(socket)?;
        while (100..200).contains(&self.head.status) {
            // An interim response: the true one comes behind it.
            self.memory.copy_within(end..self.received, START);
            self.received -= end - START;
            end = self.receive_head(socket)?;
        }
        self.body = end..end;
        let framing = self.head.framing(self.bytes())?;
        match framing {
            Framing::Length(length) => {
                end = end.checked_add(length).ok_or_else(|| malformed("a length that no memory can hold"))?;
                self.receive_until(end, socket)?;
                self.body.end = end;
            }
            Framing::Chunked => end = self.receive_chunks(socket)?,
            Framing::Connection => {
                while self.receive_more(0, socket)? > 0 {}
                self.body.end = self.received;
            }
        }
        // What comes behind a response belongs to nothing that was asked.
        Ok(framing != Framing::Connection && self.head.keeps_alive(self.bytes()) && end == self.received)
    }

    /// Reads up to the end of a head; returns where that is.
    fn receive_head(&mut self, socket: &mut dyn Read) -> io::Result<usize> {
        loop {
            let bytes = self.memory.get(START..self.received).unwrap_or_default();
            if let Some(length) = self.head.parse(bytes)? {
                return Ok(START + length);
            }
            if bytes.len() > MAX_HEAD {
                return Err(malformed("headers of more than a MiB"));
            }
            self.receive_until(self.received + 1, socket)?;
        }
    }

    /// Reads a chunked body, putting its chunks together in place; returns where the response ends.
    fn receive_chunks(&mut self, socket: &mut dyn Read) -> io::Result<usize> {
        let mut at = self.body.start;
        loop {
            let (start, size) = self.receive_chunk_size(at, socket)?;
            if size == 0 {
                return self.receive_trailers(start, socket);
            }
            let end = start.checked_add(size).and_then(|end| end.checked_add(2));
            let end = end.ok_or_else(|| malformed("a chunk that no memory can hold"))?;
            self.receive_until(end, socket)?;
            if self.memory[end - 2..end] != *b"\r\n" {
                return Err(malformed("a chunk is longer than its size"));
            }
            self.memory.copy_within(start..end - 2, self.body.end);
            self.body.end += size;
            at = end;
        }
    }

    /// Reads the line of a chunk's size at `at`; returns where the chunk begins, and the size.
    fn receive_chunk_size(&mut self, at: usize, socket: &mut dyn Read) -> io::Result<(usize, usize)> {
        loop {
            match httparse::parse_chunk_size(&self.memory[at..self.received]) {
                // An empty line is a size of 0 to httparse; taken for the end, it would cut the body short unnoticed.
                Ok(Status::Complete((length, size))) if self.memory[at].is_ascii_hexdigit() => {
                    let size = usize::try_from(size).map_err(|_| malformed("a chunk that no memory can hold"))?;
                    return Ok((at + length, size));
                }
                Ok(Status::Partial) if self.received - at > MAX_HEAD => {
                    return Err(malformed("a chunk's extension of more than a MiB"));
                }
                Ok(Status::Partial) => self.receive_until(self.received + 1, socket)?,
                _ => return Err(malformed("a chunk without a size")),
            }
        }
    }

    /// Reads the trailers at `at`, up to an empty line; returns where that ends.
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
                None if self.received - at > MAX_HEAD => return Err(malformed("trailers of more than a MiB")),
                None => self.receive_until(self.received + 1, socket)?,
            }
        }
    }

    /// Reads until `end` is reached.
    fn receive_until(&mut self, end: usize, socket: &mut dyn Read) -> io::Result<()> {
        while self.received < end {
            if self.receive_more(end, socket)? == 0 {
                return Err(io::Error::new(ErrorKind::UnexpectedEof, "the connection ended within a response"));
            }
        }
        Ok(())
    }

    /// Reads once, with room up to `end` if that is sensible; returns how much came.
    fn receive_more(&mut self, end: usize, socket: &mut dyn Read) -> io::Result<usize> {
        let full = if self.received == self.memory.len() { self.received * 2 } else { 0 };
        let wanted = end.min(KEPT).max(full).max(SMALL).next_multiple_of(PAGE);
        if self.memory.len() < wanted {
            // Not `resize`, which would write to all of it: large memory comes as zeros from the kernel.
            let mut memory = vec![0; wanted];
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

    /// The status and the body, and whether the connection can go on; or what is wrong.
    fn receive(sent: &str, at_a_time: usize) -> Result<(u16, String, bool), String> {
        let mut response = Response::default();
        let reusable =
            response.receive(&mut Server { left: sent.as_bytes(), at_a_time }).map_err(|error| error.to_string())?;
        Ok((response.status(), String::from_utf8_lossy(response.body()).into_owned(), reusable))
    }

    #[test]
    fn a_body_ends_where_its_head_says() {
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
                // An interim response before it changes nothing.
                for interim in ["", "HTTP/1.1 100 Continue\r\n\r\n"] {
                    let sent = format!("{interim}HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}");
                    let received = receive(&sent, at_a_time);
                    // What comes later than the response is not seen yet.
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
    fn a_status_may_forbid_a_body_and_a_version_a_second_answer() {
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
    fn what_is_no_response_is_named() {
        let headers = "A: b\r\n".repeat(MAX_HEADERS + 1);
        let endless = format!("X: {}", "y".repeat(2 * MAX_HEAD));
        for (sent, wrong) in [
            ("", "ended within a response"),
            ("HTTP/1.1 200 OK\r\nContent-", "ended within a response"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello", "ended within a response"),
            ("HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello", "content-length is `+5`"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "content-length is `5`"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\nhello", "no memory can hold"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 9007199254740992\r\n\r\nhello", "ended within a response"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "a chunk without a size"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n\r\n1\r\ny\r\n", "a chunk without a size"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n;x\r\n\r\n", "a chunk without a size"),
            (
                &format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;{endless}"),
                "extension of more than a MiB",
            ),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxyz", "a chunk is longer than its size"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", "no memory can hold"),
            ("SSH-2.0-OpenSSH_9.2\r\n", "its response is not HTTP"),
            (&format!("HTTP/1.1 200 OK\r\n{headers}\r\n"), "too many headers"),
            (&format!("HTTP/1.1 200 OK\r\n{endless}\r\n\r\n"), "headers of more than a MiB"),
        ] {
            let message = receive(sent, 64 << 10).unwrap_err();
            assert!(message.contains(wrong), "{sent:.60}: {message}");
        }
    }

    #[test]
    fn memory_serves_the_next_response_and_much_of_it_is_given_back() {
        let mut response = Response::default();
        for (length, kept) in [(10, SMALL), (1 << 20, 1 << 20), (10, 1 << 20), (KEPT, KEPT), (10, SMALL)] {
            let sent = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{}", "x".repeat(length));
            response.receive(&mut Server { left: sent.as_bytes(), at_a_time: usize::MAX }).unwrap();
            assert_eq!(response.body().len(), length);
            assert!(
                (kept..2 * kept + 2 * PAGE).contains(&response.memory.len()),
                "{length}: {}",
                response.memory.len()
            );
        }
    }

    #[test]
    fn headers_alone_make_a_response_whatever_they_say_of_a_body() {
        let headers: [(_, &[u8]); 3] = [("Content-Length", b"21"), ("Transfer-Encoding", b"chunked"), ("X", b" y ")];
        let response = Response::with_headers(&headers).unwrap();
        let told = ["content-length", "transfer-encoding", "x"].map(|name| response.headers().get(name));
        assert_eq!(told, [Some(&b"21"[..]), Some(b"chunked"), Some(b"y")]);
        assert_eq!(Response::with_headers(&[]).unwrap().headers().get("content-length"), None);
        for (name, value) in [("x:y", "z"), ("", "z"), ("x ", "z"), ("x\ny", "z"), ("x", "y\r\nz: z"), ("x", "\0")] {
            assert!(Response::with_headers(&[(name, value.as_bytes())]).is_err(), "{name:?}: {value:?}");
        }
    }

    #[test]
    fn a_summary_has_status_reason_and_the_bodys_beginning() {
        let mut response = Response::default();
        let sent = b"HTTP/1.1 413 Too Large\r\nContent-Length: 9\r\n\r\n {\"a\":1}\n";
        response.receive(&mut Server { left: sent, at_a_time: 4 }).unwrap();
        assert_eq!(response.summary(), "413 Too Large {\"a\":1}");
    }
}
