//! What the function's process writes.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::emulator::limits::MAX_LOG_LINE_BYTES;

/// The number of lines that are kept; a function that writes more loses the first ones.
const KEPT: usize = 10_000;

/// Shows a line of a function's logs; the first text is the function's name.
pub(crate) type OnLog = fn(&str, &str);

/// A request to say when all is taken in that a pipe holds at this moment.
pub(crate) type Drain = oneshot::Sender<()>;

/// The lines of a function's standard output and error, in the order of their arrival.
#[derive(Debug)]
pub(crate) struct Logs {
    function: String,
    lines: Mutex<VecDeque<String>>,
    changed: Notify,
    on_line: OnLog,
}

impl Logs {
    /// No lines yet; each one is also shown to `on_line`.
    pub(crate) fn new(function: &str, on_line: OnLog) -> Self {
        Self { function: function.to_owned(), lines: Mutex::default(), changed: Notify::new(), on_line }
    }

    pub(crate) fn lines(&self) -> MutexGuard<'_, VecDeque<String>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in all lines of a pipe.
    pub(crate) async fn collect(&self, pipe: impl AsyncRead + Unpin, mut drains: mpsc::Receiver<Drain>) {
        let mut pipe = BufReader::new(pipe);
        let mut line = Vec::new();
        loop {
            let mut rest = (&mut pipe).take((MAX_LOG_LINE_BYTES - line.len()) as u64);
            tokio::select! {
                // The order matters: a drain is granted only while there is nothing to read.
                biased;
                // What is read of a line stays in `line` when the other branch is taken.
                read = rest.read_until(b'\n', &mut line) => {
                    self.add(&mut line);
                    // A pipe that cannot be read has no more lines.
                    if !read.is_ok_and(|length| length > 0) {
                        break;
                    }
                }
                Some(drain) = drains.recv() => {
                    // What has no line end yet was written for what is over now.
                    self.add(&mut line);
                    // Whoever asked may have gone.
                    let _ = drain.send(());
                }
            }
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

    /// Takes in a line, if there is something in it; what follows is another one.
    fn add(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let line = String::from_utf8_lossy(bytes).trim_end_matches(['\n', '\r']).to_owned();
        bytes.clear();
        (self.on_line)(&self.function, &line);
        let mut lines = self.lines();
        if lines.len() == KEPT {
            lines.pop_front();
        }
        lines.push_back(line);
        drop(lines);
        self.changed.notify_waiters();
    }
}
