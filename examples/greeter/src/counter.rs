//! `Counter`: a state that all invocations of a process share.

use std::sync::atomic::{AtomicU64, Ordering};

use mayfly::State;
use serde::Serialize;
use serde::de::IgnoredAny;

/// The number of invocations that this process has served.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

#[mayfly::init]
fn counter() -> Counter {
    Counter::default()
}

/// The reply: a number of the sequence.
#[derive(Debug, PartialEq, Serialize)]
pub struct Count {
    count: u64,
}

/// Counts the invocations of this process.
#[mayfly::handler]
pub fn next(_: IgnoredAny, State(Counter(count)): State<Counter>) -> Count {
    Count { count: count.fetch_add(1, Ordering::Relaxed) + 1 }
}
