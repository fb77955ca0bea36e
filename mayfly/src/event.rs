//! The payload of the current invocation.

use std::io::{self, Read};

use ureq::Body;

use crate::client::unlimited;

/// Memory above this is given back with the next event.
const KEPT: usize = 16 << 20;

/// An event's bytes. Their memory is kept for the next event: fresh pages are what a large one costs most.
#[derive(Debug, Default)]
pub(crate) struct EventBuffer {
    memory: Vec<u8>,
    length: usize,
}

impl EventBuffer {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.memory[..self.length]
    }

    /// Reads a body to its end.
    ///
    /// # Errors
    /// If the connection ends before the body does.
    pub(crate) fn fill(&mut self, body: Body) -> io::Result<()> {
        self.length = 0;
        if self.memory.len() > KEPT {
            self.memory = Vec::new();
        }
        let expected = body.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
        // A length that a server only claims must not take the memory.
        let expected = expected.min(KEPT);
        let mut reader = unlimited(body);
        loop {
            if self.length == self.memory.len() {
                let wanted = (self.length + 1).max(expected + 1).max(self.length * 2);
                self.memory.resize(wanted, 0);
            }
            match reader.read(&mut self.memory[self.length..])? {
                0 => return Ok(()),
                amount => self.length += amount,
            }
        }
    }
}
