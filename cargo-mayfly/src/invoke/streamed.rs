//! [`Printer`]: prints a streamed reply while it arrives.

use std::io::{self, IsTerminal};

use anyhow::{Result, anyhow};

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
    last: Option<u8>,
}

impl Printer {
    pub(super) fn new(flags: &opts::RequestFlags) -> Self {
        let head = flags.request.is_some().then(HttpHead::default);
        Self { source: flags.source, head, last: None }
    }

    /// Prints a chunk. Returns whether the reader of standard output is still there.
    pub(super) fn print(&mut self, chunk: &[u8]) -> Result<bool> {
        let Some(head) = &mut self.head else { return Ok(self.show(chunk)) };
        let Some((head, body)) = head.push(chunk).map_err(|why| anyhow!(why))? else { return Ok(true) };
        self.head = None;
        Ok(self.show(&request::head(self.source, &head)?) && self.show(&body))
    }

    /// Ends the output, of which a terminal shows the last line as one. Fails if a complete stream has no head.
    pub(super) fn finish(self, is_complete: bool) -> Result<()> {
        if self.last.is_some_and(|last| last != b'\n') && io::stdout().is_terminal() {
            console::print(b"\n");
        }
        if is_complete && self.head.is_some() { Err(anyhow!(http_stream::MISSING)) } else { Ok(()) }
    }

    /// Ends the output of a reply that may not be a stream. Returns all of it if it has no head, and so is not printed.
    pub(super) fn finish_or_reply(mut self) -> Result<Option<Vec<u8>>> {
        match self.head.take() {
            Some(head) => Ok(Some(head.into_bytes())),
            None => self.finish(true).map(|()| None),
        }
    }

    fn show(&mut self, bytes: &[u8]) -> bool {
        self.last = bytes.last().copied().or(self.last);
        console::print_now(bytes)
    }
}
