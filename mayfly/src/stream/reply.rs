//! `Stream`: a reply of raw bytes that is made while it is sent.

use std::fmt;

use super::writer::Writer;
use crate::driver::Driver;
use crate::error::Error;
use crate::invocation::encode::Reply;
use crate::runtime_api::outgoing::Outgoing;

/// A reply of raw bytes that is made while it is sent.
///
/// Lambda hands the bytes to a caller of `InvokeWithResponseStream` as they come, up to 200 MB. Each kind of source has
/// a constructor:
///
/// | The bytes come from | Constructor |
/// |---|---|
/// | code that writes | [`Stream::writer`], [`Stream::async_writer`] |
/// | a file, a decompressor, the output of a process | [`Stream::reader`] |
/// | an iterator | [`Stream::iter`] |
/// | a `futures_core::Stream` | `Stream::chunks`, with the feature `stream` |
///
/// ```
/// use mayfly::Stream;
///
/// #[mayfly::handler]
/// fn report(lines: u32) -> Stream {
///     let rows = (1..=lines).map(|number| format!("{number},{}\n", number * number));
///     Stream::iter(rows).content_type("text/csv")
/// }
/// # fn main() {}
/// ```
///
/// The source runs after the handler has returned, and belongs to the same invocation. It is `'static` and need not be
/// `Send`; it may hold a [`State`](crate::State), but cannot borrow from the event.
///
/// # Chunks
///
/// Bytes are sent in chunks of almost 64 KiB, and a larger write may be a chunk of its own. A chunk is smaller if the
/// source flushes, if an async source waits, and at the end. The source is not asked for more before the last chunk has
/// left, so the memory stays the same however slowly the caller reads.
///
/// # Errors
///
/// A handler can also return `Result<Stream, E>`. An error of the handler, or of the source before the first chunk has
/// left, is reported like any other error. After that, the status of the response cannot change any more: the report is
/// sent in the HTTP trailers of the stream, which have room for some 2,800 bytes of it. A panic is an error, under
/// `panic = "abort"`, too. Which callers see these trailers depends on the service.
///
/// If the service closes the connection, the source is dropped: a [`Writer`] returns
/// [`BrokenPipe`](std::io::ErrorKind::BrokenPipe), an async source is not polled again, even if it only waits.
#[must_use = "a stream does nothing unless a handler returns it"]
pub struct Stream {
    pub(super) content_type: String,
    /// The head of an HTTP response, if the stream is one.
    pub(crate) http_head: Option<Vec<u8>>,
    pub(super) source: Box<dyn Source>,
}

/// A source of a stream's bytes. As a trait object, it keeps the code of all other kinds of sources out of the binary.
pub(crate) trait Source {
    /// Writes all bytes.
    fn run(self: Box<Self>, out: &mut Writer<'_>, driver: Driver<'_>) -> Result<(), Error>;
}

impl Stream {
    pub(crate) fn new(source: impl Source + 'static) -> Self {
        Self { content_type: "application/octet-stream".to_owned(), http_head: None, source: Box::new(source) }
    }

    /// Sets the content type of the bytes, in place of `application/octet-stream`.
    ///
    /// A content type that cannot be the value of an HTTP header fails the invocation with `Runtime.InvalidResponse`.
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = content_type.into();
        self
    }
}

#[diagnostic::do_not_recommend]
impl Reply for Stream {
    fn put(self, outgoing: &mut Outgoing) -> Result<(), Error> {
        if !self.content_type.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            let message = format!(
                "Invalid response format: the content type {:?} of the stream cannot be the value of a header",
                self.content_type
            );
            return Err(Error::runtime("Runtime.InvalidResponse", message));
        }
        outgoing.body = Some(Box::new(self));
        Ok(())
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("content_type", &self.content_type).finish_non_exhaustive()
    }
}
