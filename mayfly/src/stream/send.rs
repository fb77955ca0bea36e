//! The way of a `Stream` to the service.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
#[cfg(feature = "async")]
use std::task::{Context, Poll};

use super::reply::{Source, Stream};
use super::writer::{Sink, Writer};
use crate::current;
use crate::driver::Driver;
use crate::ending::Fatal;
use crate::error::Error;
use crate::error::report::Report;
#[cfg(feature = "async")]
use crate::executor::Executor;
use crate::logging::failure::log_failure;
use crate::panic::caught::{self, contain};
use crate::runtime_api::client::Client;
use crate::runtime_api::incoming::Incoming;
use crate::runtime_api::outgoing::Body;
use crate::runtime_api::stream_post::StreamPost;

impl Sink for StreamPost<'_> {
    fn send(&mut self, chunk: [&[u8]; 2]) -> io::Result<()> {
        StreamPost::send(self, chunk)
    }

    #[cfg(feature = "async")]
    fn poll_closed(&mut self, cx: &mut Context<'_>, executor: &Executor) -> Poll<()> {
        StreamPost::poll_closed(self, cx, executor)
    }
}

impl Body for Stream {
    fn send(
        self: Box<Self>,
        memory: &mut Vec<u8>,
        client: &mut Client,
        incoming: &Incoming<'_>,
        driver: Driver<'_>,
        placed: &dyn Fn(Error) -> Error,
    ) -> Result<(), Fatal> {
        let Self { content_type, http_head, source } = *self;
        let mut post = StreamPost::new(client, incoming, &content_type, http_head.as_deref());
        match run(source, &mut Writer::new(&mut post, memory, http_head.is_some()), driver) {
            Ok(()) => post.finish(memory, None),
            Err(error) if post.is_closed() => {
                contain(|| {
                    log::debug!("the source of the streamed reply ends since the connection is closed: {error}");
                });
                post.finish(b"", None)
            }
            Err(error) if post.has_begun() => post.finish(memory, Some(&logged(placed(error), driver))),
            Err(error) => client.report_error(incoming, &Report::of(&logged(placed(error), driver))),
        }
    }

    #[cfg(feature = "testing")]
    fn head(&self) -> (String, Option<Vec<u8>>) {
        (self.content_type.clone(), self.http_head.clone())
    }

    #[cfg(feature = "testing")]
    fn produce(
        self: Box<Self>,
        memory: &mut Vec<u8>,
        sink: &mut dyn Sink,
        driver: Driver<'_>,
        placed: &dyn Fn(Error) -> Error,
    ) -> Result<(), Error> {
        let outcome = run(self.source, &mut Writer::new(sink, memory, self.http_head.is_some()), driver);
        outcome.map_err(|error| logged(placed(error), driver))
    }
}

/// Logs the error of a source as one of its invocation.
fn logged(error: Error, driver: Driver<'_>) -> Error {
    let _current = current::enter(driver.request_id);
    log_failure(&error);
    error
}

/// Runs a source. Returns its error or panic, or that of a write.
pub(super) fn run(source: Box<dyn Source>, out: &mut Writer<'_>, driver: Driver<'_>) -> Result<(), Error> {
    // In the context of the runtime, since the source may spawn tasks even while it is dropped.
    let run = || driver.executor.enter(|| source.run(out, driver));
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|payload| Err(caught::to_error(payload)))?;
    out.check()
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::panic::resume_unwind;

    use super::*;
    use crate::executor::Executor;

    /// A sink whose first chunk panics.
    #[derive(Default)]
    struct Panicking {
        chunks: usize,
    }

    impl Sink for Panicking {
        fn send(&mut self, _: [&[u8]; 2]) -> io::Result<()> {
            self.chunks += 1;
            if self.chunks == 1 { resume_unwind(Box::new("in the middle of a chunk")) } else { Ok(()) }
        }
    }

    #[test]
    fn a_stream_ends_with_a_write_that_panics_even_if_the_source_goes_on() {
        let (mut sink, mut memory, executor) = (Panicking::default(), Vec::new(), Executor::default());
        let Stream { source, .. } = Stream::writer(|out| {
            out.write_all(b"lost")?;
            catch_unwind(AssertUnwindSafe(|| out.flush())).expect_err("the sink panics");
            assert_eq!(out.write_all(b"more").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
            assert_eq!(out.flush().unwrap_err().kind(), io::ErrorKind::BrokenPipe);
            Ok(())
        });
        let outcome = run(source, &mut Writer::new(&mut sink, &mut memory, false), Driver::new(&executor, "1"));
        assert_eq!(outcome.unwrap_err().message(), "broken pipe");
        assert_eq!(sink.chunks, 1);
    }
}
