//! `until`: waiting for a condition.

use std::thread;
use std::time::{Duration, Instant};

/// The longest wait for something that must happen; long because a loaded machine is slow, and only failures wait.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until `look` finds something.
///
/// # Panics
/// If it finds nothing within [`PATIENCE`]; the message names `what` was awaited.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "timed out waiting for {what}");
        thread::sleep(Duration::from_millis(5));
    }
}
