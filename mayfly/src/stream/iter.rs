//! `Stream::iter`: the chunks of an iterator.

use std::io::Write;

use super::reply::{Source, Stream};
use super::writer::{Writer, run_sync};
use crate::driver::Driver;
use crate::error::Error;

struct Iterated<I>(I);

impl<I: IntoIterator<Item: AsRef<[u8]>>> Source for Iterated<I> {
    fn run(self: Box<Self>, out: &mut Writer<'_>, driver: Driver<'_>) -> Result<(), Error> {
        run_sync(driver, || {
            for chunk in self.0 {
                // The error says only that the connection is closed, which the reader of this result knows.
                out.write_all(chunk.as_ref()).map_err(|error| Error::of_display(&error))?;
            }
            Ok(())
        })
    }
}

impl Stream {
    /// Streams the items of an iterator, such as texts or byte vectors. Small ones are sent together.
    ///
    /// ```
    /// use mayfly::Stream;
    ///
    /// #[mayfly::handler]
    /// fn countdown(from: u32) -> Stream {
    ///     Stream::iter((0..=from).rev().map(|number| format!("{number}\n"))).content_type("text/plain")
    /// }
    /// # fn main() {}
    /// ```
    ///
    /// For items that can fail, use [`writer`](Self::writer) with a `?`.
    pub fn iter<I>(chunks: I) -> Self
    where
        I: IntoIterator<Item: AsRef<[u8]>> + 'static,
    {
        Self::new(Iterated(chunks))
    }
}
