//! The property that the sources of streams have in common: the bytes that a source writes, and only those, are sent.

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    #[cfg(feature = "async")]
    use std::future::poll_fn;
    use std::io::{self, ErrorKind, Read, Write};
    use std::panic::resume_unwind;
    use std::rc::Rc;
    use std::sync::LazyLock;
    #[cfg(feature = "async")]
    use std::task::Poll;
    use std::vec;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use crate::driver::Driver;
    use crate::error::Error;
    use crate::executor::Executor;
    use crate::stream::reply::Stream;
    use crate::stream::send::run;
    use crate::stream::writer::{CHUNK_BYTES, MOST_LEFT_BYTES, Sink, Writer};

    /// The bytes that all sources write from. Bytes that are lost, repeated or swapped show, since 251 is a prime.
    static BYTES: LazyLock<Vec<u8>> = LazyLock::new(|| (0..251).cycle().take(2 << 20).collect());

    /// More chunks than any script makes.
    const MOST_CHUNKS: usize = 100;

    /// A step of a source.
    #[derive(Clone, Copy, Debug)]
    enum Step {
        Write(usize),
        Flush,
        /// Waits once. A sync writer flushes instead; an iterator and a reader do nothing.
        Wait,
    }

    /// The end of a source.
    #[derive(Clone, Copy, Debug)]
    enum End {
        Whole,
        Failure,
        Panic,
    }

    impl End {
        fn reach(self) -> Result<(), Error> {
            match self {
                Self::Whole => Ok(()),
                Self::Failure => Err(Error::new("Failed", "at the end")),
                // Without the message of the panic hook.
                Self::Panic => resume_unwind(Box::new("at the end")),
            }
        }
    }

    /// A source's steps and its end.
    type Script = (Vec<Step>, End);

    /// The progress of a reply, which its source and its sink note.
    #[derive(Debug, Default)]
    struct Progress {
        /// The index in `BYTES` of the first byte.
        start: usize,
        /// The number of bytes that the source has written.
        written: Cell<usize>,
        /// The chunks that the sink has received.
        chunks: RefCell<Vec<Vec<u8>>>,
        /// The numbers of bytes after which a chunk must end, since the source has flushed or waited there.
        ends: RefCell<Vec<usize>>,
        /// The most bytes that waited between two steps.
        most_waiting: Cell<usize>,
        /// The most bytes that waited after a flush or a pause.
        most_after_pause: Cell<usize>,
    }

    impl Progress {
        /// Returns the next bytes of the source.
        fn next(&self, length: usize) -> &'static [u8] {
            let from = self.start + self.written.get();
            self.written.set(self.written.get() + length);
            &BYTES[from..from + length]
        }

        fn waiting(&self) -> usize {
            self.written.get() - self.chunks.borrow().iter().map(Vec::len).sum::<usize>()
        }

        /// Notes that a step has ended.
        fn step(&self) {
            self.most_waiting.set(self.most_waiting.get().max(self.waiting()));
        }

        /// Notes that the source begins to flush or to wait.
        fn pause(&self) {
            self.ends.borrow_mut().push(self.written.get());
        }

        /// Notes that the source has flushed or waited.
        fn resume(&self) {
            self.most_after_pause.set(self.most_after_pause.get().max(self.waiting()));
        }
    }

    struct Chunks(Rc<Progress>);

    impl Sink for Chunks {
        fn send(&mut self, chunk: [&[u8]; 2]) -> io::Result<()> {
            // Ends a source that would send the same bytes for ever.
            if self.0.chunks.borrow().len() > MOST_CHUNKS {
                return Err(ErrorKind::BrokenPipe.into());
            }
            self.0.chunks.borrow_mut().push(chunk.concat());
            Ok(())
        }
    }

    fn writer((steps, end): Script, progress: Rc<Progress>) -> Stream {
        Stream::writer(move |out| {
            for step in steps {
                if let Step::Write(length) = step {
                    out.write_all(progress.next(length))?;
                    progress.step();
                } else {
                    progress.pause();
                    out.flush()?;
                    progress.resume();
                }
            }
            end.reach()
        })
    }

    fn iterator((steps, end): Script, progress: Rc<Progress>) -> Stream {
        let lengths =
            steps.into_iter().filter_map(|step| if let Step::Write(length) = step { Some(length) } else { None });
        let mut lengths = lengths.fuse();
        Stream::iter(std::iter::from_fn(move || {
            progress.step();
            let next = lengths.next().map(|length| progress.next(length));
            // An iterator cannot fail.
            if next.is_none() && !matches!(end, End::Whole) {
                let _ = End::Panic.reach();
            }
            next
        }))
    }

    struct Reader {
        lengths: vec::IntoIter<usize>,
        left: usize,
        end: End,
        progress: Rc<Progress>,
    }

    impl Read for Reader {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            // What was read before has been sent.
            self.progress.resume();
            while self.left == 0 {
                let Some(length) = self.lengths.next() else {
                    return self.end.reach().map(|()| 0).map_err(|_| io::Error::other("at the end"));
                };
                self.left = length;
            }
            let length = self.left.min(buffer.len());
            self.left -= length;
            buffer[..length].copy_from_slice(self.progress.next(length));
            self.progress.pause();
            Ok(length)
        }
    }

    fn reader((steps, end): Script, progress: Rc<Progress>) -> Stream {
        let lengths =
            steps.into_iter().filter_map(|step| if let Step::Write(length) = step { Some(length) } else { None });
        Stream::reader(Reader { lengths: lengths.collect::<Vec<_>>().into_iter(), left: 0, end, progress })
    }

    #[cfg(feature = "async")]
    fn async_writer((steps, end): Script, progress: Rc<Progress>) -> Stream {
        Stream::async_writer(async move |out| {
            for step in steps {
                if let Step::Write(length) = step {
                    out.write_all(progress.next(length)).await?;
                    progress.step();
                    continue;
                }
                progress.pause();
                match step {
                    Step::Flush => out.flush().await?,
                    _ => wait().await,
                }
                progress.resume();
            }
            end.reach()
        })
    }

    #[cfg(feature = "async")]
    async fn wait() {
        let mut has_waited = false;
        poll_fn(|cx| {
            cx.waker().wake_by_ref();
            if std::mem::replace(&mut has_waited, true) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    #[cfg(feature = "stream")]
    fn chunks((steps, end): Script, progress: Rc<Progress>) -> Stream {
        let mut steps = steps.into_iter();
        let mut is_waiting = false;
        Stream::chunks(futures_util::stream::poll_fn(move |cx| {
            progress.step();
            if std::mem::take(&mut is_waiting) {
                progress.resume();
            }
            match steps.next() {
                Some(Step::Write(length)) => Poll::Ready(Some(Ok(progress.next(length)))),
                Some(_) => {
                    progress.pause();
                    is_waiting = true;
                    cx.waker().wake_by_ref();
                    Poll::Pending
                }
                None => Poll::Ready(end.reach().map_or_else(|error| Some(Err(error)), |()| None)),
            }
        }))
    }

    /// Sends a reply, whose bytes begin at `start`, and checks its chunks. `memory` may have bytes of another reply.
    fn check(
        source: fn(Script, Rc<Progress>) -> Stream,
        script: Script,
        start: usize,
        memory: &mut Vec<u8>,
        executor: &Executor,
    ) -> Result<(), TestCaseError> {
        let progress = Rc::new(Progress { start, ..Progress::default() });
        let is_whole = matches!(script.1, End::Whole);
        let Stream { source, .. } = source(script, Rc::clone(&progress));
        let mut sink = Chunks(Rc::clone(&progress));
        let outcome = run(source, &mut Writer::new(&mut sink, memory, false), Driver::new(executor, "1"));
        prop_assert_eq!(outcome.is_ok(), is_whole);

        let (chunks, pauses, written) = (progress.chunks.borrow(), progress.ends.borrow(), progress.written.get());
        let sent = [chunks.concat(), memory.clone()].concat();
        prop_assert!(sent == BYTES[start..start + written], "{} bytes of {} are sent", sent.len(), written);
        let ends = chunks.iter().scan(0, |end, chunk| {
            *end += chunk.len();
            Some(*end)
        });
        let ends: Vec<_> = ends.collect();
        for (chunk, end) in chunks.iter().zip(&ends) {
            prop_assert!(chunk.len() >= CHUNK_BYTES || pauses.contains(end), "a chunk of {} bytes", chunk.len());
        }
        prop_assert!(
            pauses.iter().all(|pause| *pause == 0 || ends.contains(pause)),
            "{:?} are not in {:?}",
            pauses,
            ends
        );
        prop_assert!(memory.len() <= CHUNK_BYTES, "{} bytes are left", memory.len());
        prop_assert!(progress.most_waiting.get() <= CHUNK_BYTES, "{} bytes wait", progress.most_waiting.get());
        prop_assert_eq!(progress.most_after_pause.get(), 0);
        prop_assert!(memory.capacity() <= 2 * CHUNK_BYTES, "the memory has grown to {} bytes", memory.capacity());
        Ok(())
    }

    fn script() -> impl Strategy<Value = Script> {
        let most = CHUNK_BYTES + MOST_LEFT_BYTES;
        let lengths =
            [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 64 << 10, most - 1, most, most + 1, 200_000];
        let step = prop_oneof![
            5 => prop::sample::select(lengths.to_vec()).prop_map(Step::Write),
            3 => (0..20_000_usize).prop_map(Step::Write),
            1 => Just(Step::Flush),
            1 => Just(Step::Wait),
        ];
        (vec(step, 0..10), prop_oneof![2 => Just(End::Whole), 1 => Just(End::Failure), 1 => Just(End::Panic)])
    }

    proptest! {
        #[test]
        fn the_chunks_and_the_rest_are_the_bytes_that_a_source_writes(scripts in [script(), script()]) {
            type Source = fn(Script, Rc<Progress>) -> Stream;
            let sources: &[Source] = &[
                writer,
                iterator,
                reader,
                #[cfg(feature = "async")]
                async_writer,
                #[cfg(feature = "stream")]
                chunks,
            ];
            // Every reply leaves its rest in the memory of the next one.
            let (mut memory, executor) = (b"the JSON of another reply".to_vec(), Executor::build().expect("a runtime"));
            for source in sources {
                for (number, script) in scripts.iter().enumerate() {
                    check(*source, script.clone(), number, &mut memory, &executor)?;
                }
            }
        }
    }
}
