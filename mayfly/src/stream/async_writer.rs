//! `AsyncWriter`: the place that async code writes the bytes of a stream to.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::mem;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use tokio::io::AsyncWrite;

use super::reply::{Source, Stream};
use super::writer::{CHUNK_BYTES, Writer};
use crate::driver::Driver;
use crate::error::Error;

/// The place that async code writes the bytes of a [`Stream`] to.
///
/// Bytes are sent when there are almost 64 KiB of them, and whenever the code that writes them waits for anything, so
/// that a flush is rarely needed. It also implements tokio's `AsyncWrite`.
#[derive(Debug)]
pub struct AsyncWriter(Rc<RefCell<Shared>>);

/// The bytes on their way from the code that writes to the code that sends.
#[derive(Debug)]
struct Shared {
    buffer: Vec<u8>,
    /// The writer that waits until the buffer is empty.
    waiting: Option<Waker>,
}

impl AsyncWriter {
    /// Writes all bytes. It waits while the buffer is full.
    ///
    /// # Errors
    /// Never returns an error today: if the service closes the connection, the code that writes is not polled again.
    pub async fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let written = poll_fn(|cx| Pin::new(&mut *self).poll_write(cx, bytes)).await?;
            bytes = &bytes[written..];
        }
        Ok(())
    }

    /// Waits until all bytes are sent. Needed only by code that computes for long without waiting.
    ///
    /// # Errors
    /// Never returns an error today, as [`write_all`](Self::write_all).
    pub async fn flush(&mut self) -> io::Result<()> {
        poll_fn(|cx| Pin::new(&mut *self).poll_flush(cx)).await
    }
}

impl AsyncWrite for AsyncWriter {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut shared = self.0.borrow_mut();
        let room = CHUNK_BYTES.saturating_sub(shared.buffer.len());
        if room == 0 && !bytes.is_empty() {
            shared.waiting = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let length = bytes.len().min(room);
        shared.buffer.extend_from_slice(&bytes[..length]);
        Poll::Ready(Ok(length))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut shared = self.0.borrow_mut();
        if shared.buffer.is_empty() {
            return Poll::Ready(Ok(()));
        }
        shared.waiting = Some(cx.waker().clone());
        Poll::Pending
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

struct Written<F>(F);

impl<F: AsyncFnOnce(&mut AsyncWriter) -> Result<(), Error>> Source for Written<F> {
    fn run(self: Box<Self>, out: &mut Writer<'_>, driver: Driver<'_>) -> Result<(), Error> {
        let shared = Rc::new(RefCell::new(Shared { buffer: mem::take(out.buffer()), waiting: None }));
        let mut writer = AsyncWriter(Rc::clone(&shared));
        let mut future = pin!((self.0)(&mut writer));
        driver.with_runtime(&mut |driver| drive(future.as_mut(), &shared, out, driver))
    }
}

/// Polls the code that writes, and sends its bytes whenever it waits. If the connection is closed meanwhile, the code
/// is not polled again.
fn drive(
    mut future: Pin<&mut dyn Future<Output = Result<(), Error>>>,
    shared: &RefCell<Shared>,
    out: &mut Writer<'_>,
    driver: Driver<'_>,
) -> Result<(), Error> {
    let rest = Rest { shared, out };
    loop {
        let ended = driver.wait(pin!(poll_fn(|cx| {
            // The waiting code may be one of several in a `select!`, which polls only what was woken. Woken outside of
            // `block_on`, it would cost a system call.
            if let Some(waiting) = shared.borrow_mut().waiting.take() {
                waiting.wake();
            }
            match future.as_mut().poll(cx) {
                Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
                Poll::Pending if shared.borrow().buffer.is_empty() => {
                    rest.out.poll_closed(cx, driver).map(|error| Some(Err(error)))
                }
                Poll::Pending => Poll::Ready(None),
            }
        })));
        if let Some(outcome) = ended {
            return outcome;
        }
        let mut buffer = mem::take(&mut shared.borrow_mut().buffer);
        rest.out.send(&buffer).map_err(|error| Error::of_display(&error))?;
        buffer.clear();
        shared.borrow_mut().buffer = buffer;
    }
}

/// A guard that returns the bytes which are not sent yet to the `Writer`, even if the code panics: they are sent with
/// the end of the stream.
struct Rest<'a, 'out> {
    shared: &'a RefCell<Shared>,
    out: &'a mut Writer<'out>,
}

impl Drop for Rest<'_, '_> {
    fn drop(&mut self) {
        if let Ok(mut shared) = self.shared.try_borrow_mut() {
            mem::swap(self.out.buffer(), &mut shared.buffer);
        }
    }
}

impl Stream {
    /// Streams the bytes that an async function writes.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use mayfly::Stream;
    ///
    /// #[mayfly::handler]
    /// fn ticks(count: u32) -> Stream {
    ///     Stream::async_writer(async move |out| {
    ///         for number in 0..count {
    ///             out.write_all(format!("data: {number}\n\n").as_bytes()).await?;
    ///             tokio::time::sleep(Duration::from_secs(1)).await; // sends what is written
    ///         }
    ///         Ok(())
    ///     })
    ///     .content_type("text/event-stream")
    /// }
    /// # fn main() {}
    /// ```
    pub fn async_writer<F>(write: F) -> Self
    where
        F: AsyncFnOnce(&mut AsyncWriter) -> Result<(), Error> + 'static,
    {
        Self::new(Written(write))
    }
}
