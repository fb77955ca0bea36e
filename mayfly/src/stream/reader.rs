//! `Stream::reader`: the bytes of a reader.

use std::io::{ErrorKind, Read};

use super::reply::{Source, Stream};
use super::writer::{CHUNK_BYTES, Writer, run_sync};
use crate::driver::Driver;
use crate::error::Error;

struct Reader<R>(R);

impl<R: Read> Source for Reader<R> {
    fn run(mut self: Box<Self>, out: &mut Writer<'_>, driver: Driver<'_>) -> Result<(), Error> {
        run_sync(driver, || copy(&mut self.0, out))
    }
}

/// Sends the bytes of each read at once: nothing tells whether the next read waits.
fn copy(reader: &mut dyn Read, out: &mut Writer<'_>) -> Result<(), Error> {
    let mut buffer = vec![0; CHUNK_BYTES];
    loop {
        let outcome = match reader.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => out.send(&buffer[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            Err(error) => Err(error),
        };
        outcome.map_err(|error| Error::of_typed::<std::io::Error, _>(&error))?;
    }
}

impl Stream {
    /// Streams the bytes of a reader, such as a file, a decompressor or the output of a process. The bytes of each
    /// read, up to 64 KiB, are sent at once.
    ///
    /// ```no_run
    /// use std::fs::File;
    ///
    /// use mayfly::{Error, Stream};
    ///
    /// #[mayfly::handler]
    /// fn download(name: String) -> Result<Stream, Error> {
    ///     Ok(Stream::reader(File::open(format!("/mnt/reports/{name}.pdf"))?).content_type("application/pdf"))
    /// }
    /// # fn main() {}
    /// ```
    pub fn reader(reader: impl Read + 'static) -> Self {
        Self::new(Reader(reader))
    }
}
