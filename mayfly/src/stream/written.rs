//! `Stream::writer`: the bytes that sync code writes.

use super::reply::{Source, Stream};
use super::writer::{Writer, run_sync};
use crate::driver::Driver;
use crate::error::Error;

struct Written<F>(F);

impl<F: FnOnce(&mut Writer<'_>) -> Result<(), Error>> Source for Written<F> {
    fn run(self: Box<Self>, out: &mut Writer<'_>, driver: Driver<'_>) -> Result<(), Error> {
        run_sync(driver, || (self.0)(out))
    }
}

impl Stream {
    /// Streams the bytes that a function writes.
    ///
    /// ```
    /// use std::io::Write;
    ///
    /// use mayfly::{Error, Stream};
    ///
    /// #[mayfly::handler]
    /// fn squares(count: u64) -> Stream {
    ///     Stream::writer(move |out| {
    ///         for number in 1..=count {
    ///             writeln!(out, "{number},{}", number * number)?;
    ///         }
    ///         Ok(())
    ///     })
    /// }
    /// # fn main() {}
    /// ```
    ///
    /// In an async handler, code that waits belongs into [`async_writer`](Self::async_writer): a sync function stops
    /// the tasks of the runtime meanwhile.
    pub fn writer<F>(write: F) -> Self
    where
        F: FnOnce(&mut Writer<'_>) -> Result<(), Error> + 'static,
    {
        Self::new(Written(write))
    }
}
