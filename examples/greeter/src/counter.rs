//! A state that is built once and shared by all invocations of a process.

use std::sync::atomic::{AtomicU64, Ordering};

use mayfly::State;
use serde::Serialize;
use serde::de::IgnoredAny;

/// How many invocations this process has seen.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

#[mayfly::init]
fn counter() -> Counter {
    Counter::default()
}

/// A number in the sequence.
#[derive(Debug, PartialEq, Serialize)]
pub struct Count {
    count: u64,
}

/// Counts the invocations of this process.
#[mayfly::handler]
pub fn next(_: IgnoredAny, State(Counter(count)): State<Counter>) -> Count {
    Count { count: count.fetch_add(1, Ordering::Relaxed) + 1 }
}
