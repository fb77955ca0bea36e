//! `Stream::chunks`: the items of a `futures_core::Stream`.

use std::pin::Pin;

use futures_core::Stream as Chunks;

use super::pull::pull;
use super::reply::{Source, Stream};
use super::writer::Writer;
use crate::driver::Driver;
use crate::error::Error;

struct Polled<S>(Pin<Box<S>>);

impl<S, B, E> Source for Polled<S>
where
    S: Chunks<Item = Result<B, E>>,
    B: AsRef<[u8]>,
    E: Into<Error>,
{
    fn run(mut self: Box<Self>, out: &mut Writer<'_>, driver: Driver<'_>) -> Result<(), Error> {
        driver
            .with_runtime(&mut |driver| pull(out, driver, &mut |cx| self.0.as_mut().poll_next(cx).map_err(Into::into)))
    }
}

impl Stream {
    /// Streams the items of a `futures_core::Stream`. Small ones are sent together, at the latest when the stream
    /// waits. An error ends the reply. Needs the feature `stream`.
    ///
    /// ```
    /// use std::convert::Infallible;
    ///
    /// use futures_util::{StreamExt, stream};
    /// use mayfly::Stream;
    ///
    /// #[mayfly::handler]
    /// fn events(count: u32) -> Stream {
    ///     let events = stream::iter(0..count).map(|number| Ok::<_, Infallible>(format!("data: {number}\n\n")));
    ///     Stream::chunks(events).content_type("text/event-stream")
    /// }
    /// # fn main() {}
    /// ```
    pub fn chunks<S, B, E>(chunks: S) -> Self
    where
        S: Chunks<Item = Result<B, E>> + 'static,
        B: AsRef<[u8]>,
        E: Into<Error>,
    {
        Self::new(Polled(Box::pin(chunks)))
    }
}
