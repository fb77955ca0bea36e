//! [`Printer`]: prints a streamed reply while it arrives.

use std::io::{self, IsTerminal};

use bytes::Bytes;

use crate::console;
use crate::invoke::request;
use crate::lambda::http_stream::{self, HttpHead};
use crate::opts;

/// Prints the chunks of a reply as they are, or the HTTP response in them.
#[derive(Debug)]
pub(super) struct Printer {
    source: opts::RequestSource,
    /// The head of an HTTP response, until it is complete.
    head: Option<HttpHead>,
    /// The reason for which the reply has no HTTP response; nothing more is printed.
    no_response: Option<String>,
    last: Option<u8>,
}

impl Printer {
    pub(super) fn new(flags: &opts::RequestFlags) -> Self {
        let head = flags.request.is_some().then(HttpHead::default);
        Self { source: flags.source, head, no_response: None, last: None }
    }

    /// Prints a chunk. Returns whether the reader of standard output is still there.
    pub(super) fn print(&mut self, chunk: &[u8]) -> bool {
        if self.has_no_response() {
            return true;
        }
        let Some(head) = &mut self.head else { return self.show(chunk) };
        let (head, body) = match head.push(chunk) {
            Ok(None) => return true,
            Ok(Some((head, body))) => (request::head(self.source, &head), body),
            Err(why) => (Err(why), Bytes::new()),
        };
        self.head = None;
        match head {
            Ok(head) => self.show(&head) && self.show(&body),
            Err(why) => {
                self.no_response = Some(why);
                true
            }
        }
    }

    /// Returns whether the reply is known to have no HTTP response.
    pub(super) fn has_no_response(&self) -> bool {
        self.no_response.is_some()
    }

    /// Ends the output, of which a terminal shows the last line as one. Returns the reason for which the reply has no
    /// HTTP response, which may also be that a complete stream has no head.
    pub(super) fn finish(self, is_complete: bool) -> Option<String> {
        if self.last.is_some_and(|last| last != b'\n') && io::stdout().is_terminal() {
            console::print(b"\n");
        }
        let missing = self.head.filter(|_| is_complete).map(|_| http_stream::MISSING.to_owned());
        self.no_response.or(missing)
    }

    /// Returns the bytes of a reply that has no head, and so is not printed.
    pub(super) fn take_reply(&mut self) -> Option<Vec<u8>> {
        self.head.take().map(HttpHead::into_bytes)
    }

    fn show(&mut self, bytes: &[u8]) -> bool {
        self.last = bytes.last().copied().or(self.last);
        console::print_now(bytes)
    }
}
