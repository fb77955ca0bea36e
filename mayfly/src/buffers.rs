//! What ureq reads into and writes from, kept as long as a connection: small at first, grown for large events and replies.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use ureq::unversioned::transport::Buffers;

use crate::transport::Wire;

const SMALL_INPUT: usize = 16 << 10;
/// Where the input begins. Large memory starts at a page, and copying from page to page is slow on some processors (AMD's
/// `rep movsb`) if the target lies a little behind the source within it.
const START: usize = 1 << 10;
const SMALL_OUTPUT: usize = 8 << 10;
/// Buffers grow to this for large events and replies: larger ones no longer save system calls worth their pages.
pub(crate) const LARGE: usize = 512 << 10;

/// The buffers of one connection. A request's head is held back until its body can go with it.
#[derive(Debug)]
pub(crate) struct HeldBuffers {
    wire: Arc<Wire>,
    input: Vec<u8>,
    unread: Range<usize>,
    /// Whether the last look at the input took something of it.
    progress: bool,
    output: Vec<u8>,
    /// How much of the output was not sent yet.
    held: usize,
    /// Whether the output holds a head only, and of a request that has a body.
    head_only: bool,
}

impl HeldBuffers {
    pub(crate) fn new(wire: Arc<Wire>) -> Self {
        Self {
            wire,
            input: vec![0; SMALL_INPUT],
            unread: START..START,
            progress: false,
            output: Vec::new(),
            held: 0,
            head_only: false,
        }
    }

    /// A POST's head waits for its body. `/next` is the only other request, and has none.
    pub(crate) fn awaits_body(&self) -> bool {
        self.head_only && self.output.starts_with(b"POST")
    }

    /// Takes what is to be sent now.
    pub(crate) fn take_held(&mut self) -> &[u8] {
        &self.output[..std::mem::take(&mut self.held)]
    }

    /// Notes that so much was written to the output.
    pub(crate) fn hold(&mut self, amount: usize) {
        self.held += amount;
    }

    /// Makes room in the output for what the client said comes, in one piece if that is sensible.
    fn make_output_room(&mut self) {
        let wanted = self.wire.request_size.load(Ordering::Relaxed).clamp(SMALL_OUTPUT, LARGE);
        if self.output.len() < wanted {
            self.output.resize(wanted, 0);
        }
    }
}

impl Buffers for HeldBuffers {
    fn output(&mut self) -> &mut [u8] {
        self.make_output_room();
        self.head_only = true;
        &mut self.output[self.held..]
    }

    fn tmp_and_output(&mut self) -> (&mut [u8], &mut [u8]) {
        self.head_only = false;
        (&mut self.input[self.unread.end..], &mut self.output[self.held..])
    }

    fn input(&self) -> &[u8] {
        &self.input[self.unread.clone()]
    }

    fn input_append_buf(&mut self) -> &mut [u8] {
        if self.unread.is_empty() {
            self.unread = START..START;
        } else if self.unread.end == self.input.len() {
            self.input.copy_within(self.unread.clone(), START);
            self.unread = START..START + self.unread.len();
        }
        if self.unread.end == self.input.len() {
            let grown = (self.input.len() * 2).max(SMALL_INPUT);
            self.input.resize(grown, 0);
        }
        &mut self.input[self.unread.end..]
    }

    fn input_appended(&mut self, amount: usize) {
        let filled_it = self.unread.end + amount == self.input.len();
        self.unread.end += amount;
        if filled_it && self.input.len() < LARGE {
            // More is on its way than fits: the next reads may be larger.
            self.input.resize((self.input.len() * 8).min(LARGE), 0);
        }
    }

    fn input_consume(&mut self, amount: usize) {
        self.progress = amount > 0;
        self.unread.start += amount;
    }

    fn can_use_input(&self) -> bool {
        self.progress && !self.unread.is_empty()
    }
}
