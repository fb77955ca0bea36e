//! The event and the reply of every function of the benchmark, so that these differ only in their runtime.

mod message;

use std::borrow::Cow;
use std::time::Duration;

pub use message::{Purchase, TooLarge};
use serde::{Deserialize, Serialize};

/// An event that owns its data, the only kind that `lambda_runtime` takes.
#[derive(Deserialize)]
pub struct Event {
    id: u64,
    #[serde(default)]
    text: String,
    #[serde(default)]
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    id: u64,
    name: String,
}

/// The same event, borrowed from the payload's bytes.
#[derive(Deserialize)]
pub struct BorrowedEvent<'a> {
    id: u64,
    #[serde(borrow, default)]
    text: Cow<'a, str>,
    #[serde(borrow, default)]
    records: Vec<BorrowedRecord<'a>>,
}

#[derive(Deserialize)]
struct BorrowedRecord<'a> {
    id: u64,
    #[serde(borrow)]
    name: Cow<'a, str>,
}

/// The reply of a function, which depends on the whole event.
#[derive(Serialize)]
pub struct Reply {
    id: u64,
    length: usize,
    request_id: String,
}

impl Event {
    /// Makes the reply to this event.
    #[must_use]
    pub fn reply(&self, request_id: String) -> Reply {
        let names: usize = self.records.iter().map(|record| record.name.len()).sum();
        let ids = self.records.iter().fold(self.id, |sum, record| sum.wrapping_add(record.id));
        Reply { id: ids, length: self.text.len() + names, request_id }
    }
}

impl BorrowedEvent<'_> {
    /// Makes the reply to this event.
    #[must_use]
    pub fn reply(&self, request_id: String) -> Reply {
        let names: usize = self.records.iter().map(|record| record.name.len()).sum();
        let ids = self.records.iter().fold(self.id, |sum, record| sum.wrapping_add(record.id));
        Reply { id: ids, length: self.text.len() + names, request_id }
    }
}

/// The event of the functions that stream: the bytes of the reply.
#[derive(Deserialize)]
pub struct Order {
    chunks: usize,
    bytes: usize,
    /// The pause after each chunk, in milliseconds.
    pause: u64,
}

impl Order {
    /// Returns the number of chunks.
    #[must_use]
    pub fn chunks(&self) -> usize {
        self.chunks
    }

    /// Returns a chunk, which has at most 64 KiB.
    #[must_use]
    pub fn chunk(&self) -> &'static [u8] {
        static TEXT: [u8; 64 << 10] = [b'x'; 64 << 10];
        &TEXT[..self.bytes.min(TEXT.len())]
    }

    /// Returns the pause after each chunk, if there is one.
    #[must_use]
    pub fn pause(&self) -> Option<Duration> {
        (self.pause > 0).then_some(Duration::from_millis(self.pause))
    }
}
