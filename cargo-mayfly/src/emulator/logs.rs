//! What the function's process writes.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::sync::Notify;

/// The lines of a function's standard output and error, in the order of their arrival.
#[derive(Debug)]
pub(crate) struct Logs {
    lines: Mutex<Vec<String>>,
    changed: Notify,
    on_line: fn(&str),
}

impl Logs {
    /// No lines yet; each one is also shown to `on_line`.
    pub(crate) fn new(on_line: fn(&str)) -> Self {
        Self { lines: Mutex::default(), changed: Notify::new(), on_line }
    }

    pub(crate) fn lines(&self) -> MutexGuard<'_, Vec<String>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in all lines of a pipe.
    pub(crate) async fn collect(&self, pipe: impl AsyncRead + Unpin) {
        let mut pipe = BufReader::new(pipe);
        let mut line = Vec::new();
        // A pipe that cannot be read has no more lines.
        while pipe.read_until(b'\n', &mut line).await.is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line);
            self.add(text.trim_end_matches(['\n', '\r']));
            line.clear();
        }
    }

    /// Waits for a line that holds `text`, and gives it back.
    pub(crate) async fn wait_for(&self, text: &str) -> String {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            if let Some(line) = self.lines().iter().find(|line| line.contains(text)) {
                return line.clone();
            }
            changed.await;
        }
    }

    fn add(&self, line: &str) {
        (self.on_line)(line);
        self.lines().push(line.to_owned());
        self.changed.notify_waiters();
    }
}
