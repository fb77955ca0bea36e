//! `Head` and `Headers`: the status and the headers of a response, borrowed from the bytes that were received.

use std::borrow::Cow;
use std::io::{self, ErrorKind};
use std::mem::MaybeUninit;
use std::ops::Range;
use std::time::{Duration, SystemTime};

use httparse::{ParserConfig, Status};

pub(crate) const REQUEST_ID: &str = "lambda-runtime-aws-request-id";
pub(crate) const DEADLINE_MS: &str = "lambda-runtime-deadline-ms";
pub(crate) const FUNCTION_ARN: &str = "lambda-runtime-invoked-function-arn";
pub(crate) const TRACE_ID: &str = "lambda-runtime-trace-id";
pub(crate) const CLIENT_CONTEXT: &str = "lambda-runtime-client-context";
pub(crate) const COGNITO_IDENTITY: &str = "lambda-runtime-cognito-identity";
pub(crate) const TENANT_ID: &str = "lambda-runtime-aws-tenant-id";
pub(crate) const INVOCATION_ID: &str = "lambda-runtime-invocation-id";
pub(crate) const ERROR_TYPE: &str = "lambda-runtime-function-error-type";
pub(crate) const ERROR_BODY: &str = "lambda-runtime-function-error-body";
pub(crate) const XRAY_CAUSE: &str = "lambda-runtime-function-xray-error-cause";

/// The most headers that a response may have. Responses of the Runtime API have far fewer.
pub(crate) const MAX_HEADERS: usize = 128;

/// The head of a response, with the positions of its headers in the bytes that it was parsed from.
#[derive(Debug, Default)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) reason: String,
    is_http_1_0: bool,
    lines: Vec<Line>,
}

/// The position of a header in the bytes of its head.
#[derive(Clone, Debug)]
struct Line {
    name: Range<usize>,
    value: Range<usize>,
}

/// The headers of a response. A header is searched for when it is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Headers<'a> {
    bytes: &'a [u8],
    lines: &'a [Line],
}

/// The way in which a body is delimited.
#[derive(Debug, PartialEq)]
pub(crate) enum Framing {
    /// The body has this many bytes.
    Length(usize),
    Chunked,
    /// The body ends with the connection.
    Connection,
}

/// Headers that outlive the response they were received in.
#[cfg(feature = "http")]
#[derive(Debug)]
pub(crate) struct OwnedHeaders {
    bytes: Vec<u8>,
    lines: Vec<Line>,
}

#[cfg(feature = "http")]
impl OwnedHeaders {
    pub(crate) fn borrow(&self) -> Headers<'_> {
        Headers { bytes: &self.bytes, lines: &self.lines }
    }
}

impl<'a> Headers<'a> {
    /// Copies the headers.
    #[cfg(feature = "http")]
    pub(crate) fn to_owned(self) -> OwnedHeaders {
        let end = self.lines.iter().map(|line| line.value.end).max().unwrap_or_default();
        OwnedHeaders { bytes: self.bytes[..end].to_vec(), lines: self.lines.to_vec() }
    }

    /// Returns the values of a header in their order. `name` is case-insensitive.
    fn all(self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let has_name = move |line: &&Line| self.bytes[line.name.clone()].eq_ignore_ascii_case(name.as_bytes());
        self.lines.iter().filter(has_name).map(move |line| self.bytes[line.value.clone()].trim_ascii())
    }

    /// Returns the first value of a header; `None` if it is absent or empty.
    pub(crate) fn get(self, name: &str) -> Option<&'a [u8]> {
        self.all(name).next().filter(|value| !value.is_empty())
    }

    /// Returns the first value of a header as text, with invalid UTF-8 replaced; `None` if it is absent or empty.
    pub(crate) fn text(self, name: &str) -> Option<Cow<'a, str>> {
        self.get(name).map(text)
    }

    /// Reads the deadline; `None` if it is absent, not a number, or out of the clock's range.
    pub(crate) fn deadline(self) -> Option<SystemTime> {
        let text = std::str::from_utf8(self.get(DEADLINE_MS)?).ok()?;
        let since_epoch = Duration::from_millis(text.parse().ok()?);
        SystemTime::UNIX_EPOCH.checked_add(since_epoch)
    }
}

impl Head {
    /// Parses the HTTP/1 head at the beginning of `bytes`. Returns its length, or `None` if it is not complete yet.
    pub(crate) fn parse(&mut self, bytes: &[u8]) -> io::Result<Option<usize>> {
        let mut headers = [const { MaybeUninit::uninit() }; MAX_HEADERS];
        let mut response = httparse::Response::new(&mut []);
        let parsed = ParserConfig::default().parse_response_with_uninit_headers(&mut response, bytes, &mut headers);
        let Status::Complete(length) = parsed.map_err(|error| malformed(&error.to_string()))? else { return Ok(None) };
        self.status = response.code.unwrap_or_default();
        self.is_http_1_0 = response.version == Some(0);
        self.reason.clear();
        self.reason.push_str(response.reason.unwrap_or_default());
        let range = |part: &[u8]| {
            let start = part.as_ptr().addr() - bytes.as_ptr().addr();
            start..start + part.len()
        };
        let line =
            |header: &httparse::Header<'_>| Line { name: range(header.name.as_bytes()), value: range(header.value) };
        self.lines.clear();
        self.lines.extend(response.headers.iter().map(line));
        Ok(Some(length))
    }

    /// Returns the headers. `bytes` must be the bytes that the head was parsed from.
    pub(crate) fn headers<'a>(&'a self, bytes: &'a [u8]) -> Headers<'a> {
        Headers { bytes, lines: &self.lines }
    }

    /// Determines how the body is delimited: <https://www.rfc-editor.org/rfc/rfc9112#section-6.3>. Returns an error if
    /// the headers give no valid length.
    pub(crate) fn framing(&self, bytes: &[u8]) -> io::Result<Framing> {
        if matches!(self.status, 204 | 304) {
            return Ok(Framing::Length(0));
        }
        let headers = self.headers(bytes);
        if let Some(codings) = headers.all("transfer-encoding").last() {
            let last = list_items(codings).next_back().unwrap_or_default();
            return Ok(if last.eq_ignore_ascii_case(b"chunked") { Framing::Chunked } else { Framing::Connection });
        }
        let mut lengths = headers.all("content-length");
        let Some(length) = lengths.next() else { return Ok(Framing::Connection) };
        let number = std::str::from_utf8(length).ok().filter(|length| length.bytes().all(|byte| byte.is_ascii_digit()));
        match number.and_then(|number| number.parse().ok()) {
            Some(number) if lengths.all(|other| other == length) => Ok(Framing::Length(number)),
            _ => Err(malformed(&format!("the header content-length is `{}`", String::from_utf8_lossy(length)))),
        }
    }

    /// Returns whether the server will accept another request on this connection.
    pub(crate) fn keeps_alive(&self, bytes: &[u8]) -> bool {
        let has_option = |option: &[u8]| {
            self.headers(bytes).all("connection").flat_map(list_items).any(|item| item.eq_ignore_ascii_case(option))
        };
        if self.is_http_1_0 { has_option(b"keep-alive") } else { !has_option(b"close") }
    }
}

/// Reads a header's value as text, with bytes that are not UTF-8 replaced.
pub(crate) fn text(value: &[u8]) -> Cow<'_, str> {
    // `from_utf8` alone is much faster than `from_utf8_lossy`, which searches for the bytes to replace.
    std::str::from_utf8(value).map_or_else(|_| String::from_utf8_lossy(value), Cow::Borrowed)
}

/// Returns the time left until `deadline`: zero if it has passed, `None` if there is none.
pub(crate) fn remaining(deadline: Option<SystemTime>) -> Option<Duration> {
    deadline.map(|deadline| deadline.duration_since(SystemTime::now()).unwrap_or_default())
}

/// Splits a comma-separated list into its items.
fn list_items(list: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    list.split(|&byte| byte == b',').map(<[u8]>::trim_ascii)
}

/// Creates the error for bytes that are not a valid response.
pub(crate) fn malformed(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("its response is not HTTP: {what}"))
}
