//! The head of a response: status and headers, as they stand in the bytes that were received.

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
pub(crate) const XRAY_CAUSE: &str = "lambda-runtime-function-xray-error-cause";

/// No response of the Runtime API comes near so many.
pub(crate) const MAX_HEADERS: usize = 128;

/// A head, and where its headers stand in the bytes that it was parsed from.
#[derive(Debug, Default)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) reason: String,
    is_http_1_0: bool,
    lines: Vec<Line>,
}

/// Where a header stands.
#[derive(Clone, Debug)]
struct Line {
    name: Range<usize>,
    value: Range<usize>,
}

/// The headers of a head, found when somebody asks for one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Headers<'a> {
    bytes: &'a [u8],
    lines: &'a [Line],
}

/// How the end of a body is known.
#[derive(Debug, PartialEq)]
pub(crate) enum Framing {
    Length(usize),
    Chunked,
    /// It ends with the connection.
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

    /// The values of a header, in their order; its name may be in any case.
    fn all(self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let named = move |line: &&Line| self.bytes[line.name.clone()].eq_ignore_ascii_case(name.as_bytes());
        self.lines.iter().filter(named).map(move |line| self.bytes[line.value.clone()].trim_ascii())
    }

    /// The first value of a header; none if it is empty.
    pub(crate) fn get(self, name: &str) -> Option<&'a [u8]> {
        self.all(name).next().filter(|value| !value.is_empty())
    }

    /// Returns the first value of a header as text; bytes that are not UTF-8 are replaced. None if it is empty.
    pub(crate) fn text(self, name: &str) -> Option<Cow<'a, str>> {
        self.get(name).map(text)
    }

    /// Reads the deadline: none if it is absent, not a number, or beyond what a clock can hold.
    pub(crate) fn deadline(self) -> Option<SystemTime> {
        let text = std::str::from_utf8(self.get(DEADLINE_MS)?).ok()?;
        let since_epoch = Duration::from_millis(text.parse().ok()?);
        SystemTime::UNIX_EPOCH.checked_add(since_epoch)
    }
}

impl Head {
    /// Parses a head that `bytes` begin with; returns its length, or none if its end is not there yet.
    ///
    /// # Errors
    /// If it is none of HTTP/1.
    pub(crate) fn parse(&mut self, bytes: &[u8]) -> io::Result<Option<usize>> {
        let mut headers = [const { MaybeUninit::uninit() }; MAX_HEADERS];
        let mut response = httparse::Response::new(&mut []);
        let parsed = ParserConfig::default().parse_response_with_uninit_headers(&mut response, bytes, &mut headers);
        let Status::Complete(length) = parsed.map_err(|error| malformed(&error.to_string()))? else { return Ok(None) };
        self.status = response.code.unwrap_or_default();
        self.is_http_1_0 = response.version == Some(0);
        self.reason.clear();
        self.reason.push_str(response.reason.unwrap_or_default());
        let place = |part: &[u8]| {
            let start = part.as_ptr().addr() - bytes.as_ptr().addr();
            start..start + part.len()
        };
        let line =
            |header: &httparse::Header<'_>| Line { name: place(header.name.as_bytes()), value: place(header.value) };
        self.lines.clear();
        self.lines.extend(response.headers.iter().map(line));
        Ok(Some(length))
    }

    /// The headers, in the bytes that they were parsed from.
    pub(crate) fn headers<'a>(&'a self, bytes: &'a [u8]) -> Headers<'a> {
        Headers { bytes, lines: &self.lines }
    }

    /// Says how long the body is: <https://www.rfc-editor.org/rfc/rfc9112#section-6.3>.
    ///
    /// # Errors
    /// If that is not to be known.
    pub(crate) fn framing(&self, bytes: &[u8]) -> io::Result<Framing> {
        if matches!(self.status, 204 | 304) {
            return Ok(Framing::Length(0));
        }
        let headers = self.headers(bytes);
        if let Some(codings) = headers.all("transfer-encoding").last() {
            let last = words(codings).next_back().unwrap_or_default();
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

    /// Whether the server will take another request on this connection.
    pub(crate) fn keeps_alive(&self, bytes: &[u8]) -> bool {
        let says = |option: &[u8]| {
            self.headers(bytes).all("connection").flat_map(words).any(|word| word.eq_ignore_ascii_case(option))
        };
        if self.is_http_1_0 { says(b"keep-alive") } else { !says(b"close") }
    }
}

/// Reads a header's value as text; bytes that are not UTF-8 are replaced.
pub(crate) fn text(value: &[u8]) -> Cow<'_, str> {
    // The check alone is much quicker than the search for the bytes to replace.
    std::str::from_utf8(value).map_or_else(|_| String::from_utf8_lossy(value), Cow::Borrowed)
}

/// Returns the time left until `deadline`; zero if it has passed.
pub(crate) fn remaining(deadline: Option<SystemTime>) -> Option<Duration> {
    deadline.map(|deadline| deadline.duration_since(SystemTime::now()).unwrap_or_default())
}

/// The members of a list with commas.
fn words(list: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    list.split(|&byte| byte == b',').map(<[u8]>::trim_ascii)
}

/// The error for a response that is none.
pub(crate) fn malformed(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("its response is not HTTP: {what}"))
}
