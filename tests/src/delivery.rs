//! `Delivery`: an event as `/next` hands it out, down to its bytes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

/// The header that every invocation has.
pub const REQUEST_ID: &str = "Lambda-Runtime-Aws-Request-Id";

/// A response to `/next`: headers and the event as its body.
#[derive(Clone, Debug)]
pub struct Delivery {
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    is_chunked: bool,
}

impl Delivery {
    /// Makes a delivery with a request id of its own and the headers that Lambda always sends.
    #[must_use]
    pub fn new(body: impl Into<Vec<u8>>) -> Self {
        Self { headers: Vec::new(), body: body.into(), is_chunked: false }
            .header(REQUEST_ID, fresh_id())
            .header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-central-1:123456789012:function:test")
            .header("Lambda-Runtime-Trace-Id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419")
            .header("Content-Type", "application/json")
            .deadline_in(Duration::from_secs(60))
    }

    /// Makes a delivery of that JSON.
    #[must_use]
    pub fn json(body: &str) -> Self {
        Self::new(body)
    }

    /// Adds a header, even if one of that name is already there.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// Removes a header.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self
    }

    /// Replaces the headers of that name.
    #[must_use]
    pub fn with(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.without(name).header(name, value)
    }

    /// Sets the deadline.
    #[must_use]
    pub fn deadline_in(self, left: Duration) -> Self {
        let deadline = SystemTime::now() + left;
        let since_epoch = deadline.duration_since(SystemTime::UNIX_EPOCH).expect("the clock is right");
        self.with("Lambda-Runtime-Deadline-Ms", since_epoch.as_millis().to_string())
    }

    /// Sends the body in chunks, without its length.
    #[must_use]
    pub fn chunked(mut self) -> Self {
        self.is_chunked = true;
        self
    }

    /// Returns the request id, as its header has it.
    #[must_use]
    pub fn id(&self) -> String {
        let (_, value) = self.headers.iter().find(|(name, _)| name == REQUEST_ID).expect("the event has an id");
        String::from_utf8_lossy(value).into_owned()
    }

    /// Returns the bytes of the status line and headers, with the empty line after them.
    #[must_use]
    pub fn head(&self) -> Vec<u8> {
        let mut bytes = b"HTTP/1.1 200 OK\r\n".to_vec();
        for (name, value) in &self.headers {
            bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        let framing = if self.is_chunked {
            "Transfer-Encoding: chunked\r\n\r\n".to_owned()
        } else {
            format!("Content-Length: {}\r\n\r\n", self.body.len())
        };
        bytes.extend(framing.as_bytes());
        bytes
    }

    /// Returns the bytes of the body, in chunks if the delivery is chunked.
    #[must_use]
    pub fn payload(&self) -> Vec<u8> {
        if !self.is_chunked {
            return self.body.clone();
        }
        let mut bytes: Vec<u8> = self.body.chunks(7).flat_map(chunk).collect();
        bytes.extend(b"0\r\n\r\n");
        bytes
    }
}

/// Returns one chunk of a chunked body.
#[must_use]
pub fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

fn fresh_id() -> String {
    static LAST: AtomicUsize = AtomicUsize::new(0);
    format!("8476a536-e9f4-11e8-9739-{:012}", LAST.fetch_add(1, Ordering::Relaxed) + 1)
}
