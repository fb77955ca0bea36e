//! The loop around an async source that hands out its chunks when it is polled.

use std::future::poll_fn;
use std::io::Write;
use std::pin::pin;
use std::task::{Context, Poll};

use super::writer::Writer;
use crate::driver::Driver;
use crate::error::Error;

/// The reason why the polling of a source stops for a while or for good.
enum Step<T> {
    /// The source has a chunk for which the buffer has no room.
    Chunk(T),
    /// The source waits, so that its bytes so far can leave.
    Pause,
    End,
}

/// The function that polls a source for its next chunk.
pub(crate) type Polled<'a, T> = dyn FnMut(&mut Context<'_>) -> Poll<Option<Result<T, Error>>> + 'a;

/// Writes the chunks that `poll` hands out. The bytes so far are sent as soon as it waits. If the connection is closed
/// while it waits, it is not polled again.
pub(crate) fn pull<T: AsRef<[u8]>>(
    out: &mut Writer<'_>,
    driver: Driver<'_>,
    poll: &mut Polled<'_, T>,
) -> Result<(), Error> {
    loop {
        let step = driver.wait(pin!(poll_fn(|cx| loop {
            match poll(cx) {
                Poll::Ready(Some(Ok(chunk))) if out.has_room_for(chunk.as_ref().len()) => write(out, &chunk)?,
                Poll::Ready(Some(Ok(chunk))) => return Poll::Ready(Ok(Step::Chunk(chunk))),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(error)),
                Poll::Ready(None) => return Poll::Ready(Ok(Step::End)),
                Poll::Pending if out.has_pending() => return Poll::Ready(Ok(Step::Pause)),
                Poll::Pending => return out.poll_closed(cx, driver).map(Err),
            }
        })))?;
        match step {
            Step::Chunk(chunk) => write(out, &chunk)?,
            Step::Pause => out.flush().map_err(|error| Error::of_display(&error))?,
            Step::End => return Ok(()),
        }
    }
}

fn write(out: &mut Writer<'_>, chunk: &impl AsRef<[u8]>) -> Result<(), Error> {
    out.write_all(chunk.as_ref()).map_err(|error| Error::of_display(&error))
}
