//! Waiting for a condition.

use std::thread;
use std::time::{Duration, Instant};

/// How long a test waits for what must happen: long, as a loaded machine is slow, and only a failing test waits for it.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until `look` finds something.
///
/// # Panics
/// If it does not within [`PATIENCE`]; `what` says what was waited for.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(5));
    }
}
