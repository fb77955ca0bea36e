//! [`Logs`]: the standard output and error of the function's process.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::emulator::limits::MAX_LOG_LINE_BYTES;

/// The number of lines that are kept; the oldest are dropped.
const MAX_LINES: usize = 10_000;

/// Is called with the function's name and each line of its logs.
pub(crate) type OnLog = fn(&str, &str);

/// A request for a signal once everything that is in a pipe at this moment has been read.
pub(crate) type Drain = oneshot::Sender<()>;

/// The lines of a function's standard output and error, in the order in which they were read.
#[derive(Debug)]
pub(crate) struct Logs {
    function: String,
    lines: Mutex<VecDeque<String>>,
    changed: Notify,
    on_line: OnLog,
}

impl Logs {
    /// Creates empty logs; `on_line` is called with each line.
    pub(crate) fn new(function: &str, on_line: OnLog) -> Self {
        Self { function: function.to_owned(), lines: Mutex::default(), changed: Notify::new(), on_line }
    }

    pub(crate) fn lines(&self) -> MutexGuard<'_, VecDeque<String>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads all lines of a pipe.
    pub(crate) async fn collect(&self, pipe: impl AsyncRead + Unpin, mut drains: mpsc::Receiver<Drain>) {
        let mut pipe = BufReader::new(pipe);
        let mut line = Vec::new();
        loop {
            let mut rest = (&mut pipe).take((MAX_LOG_LINE_BYTES - line.len()) as u64);
            tokio::select! {
                // The order matters: a drain is confirmed only when there is nothing to read.
                biased;
                // If the other branch is taken, the read part of a line stays in `line`.
                read = rest.read_until(b'\n', &mut line) => {
                    self.add(&mut line);
                    // An error ends the pipe, too.
                    if !read.is_ok_and(|length| length > 0) {
                        break;
                    }
                }
                Some(drain) = drains.recv() => {
                    // Text without a line end belongs to the finished invocation.
                    self.add(&mut line);
                    // The receiver may have timed out.
                    let _ = drain.send(());
                }
            }
        }
    }

    /// Waits for a line that contains `text`, and returns it.
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

    /// Adds a line unless it is empty, and clears the buffer.
    fn add(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let line = String::from_utf8_lossy(bytes).trim_end_matches(['\n', '\r']).to_owned();
        bytes.clear();
        (self.on_line)(&self.function, &line);
        let mut lines = self.lines();
        if lines.len() == MAX_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
        drop(lines);
        self.changed.notify_waiters();
    }
}
