//! `mayfly::testing` with streamed replies.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mayfly::{Error, State, Stream, testing};
use mayfly_tests::until;

struct Lines(Vec<&'static str>);

#[mayfly::init]
fn lines() -> Lines {
    Lines(vec!["one\n", "two\n"])
}

#[mayfly::handler(name = "lines")]
fn all(_: serde::de::IgnoredAny, lines: State<Lines>) -> Stream {
    Stream::iter(lines.0.0.iter()).content_type("text/plain")
}

#[mayfly::handler(name = "breaks-off")]
fn breaks_off(after: usize) -> Stream {
    Stream::writer(move |out| {
        for number in 0..after {
            write!(out, "{number}")?;
            out.flush()?;
        }
        Err(Error::new("BrokeOff", "no more"))
    })
}

static IS_DROPPED: AtomicBool = AtomicBool::new(false);

struct Noted;

impl Drop for Noted {
    fn drop(&mut self) {
        IS_DROPPED.store(true, Ordering::SeqCst);
    }
}

#[mayfly::handler(name = "endless")]
fn endless() -> Stream {
    Stream::async_writer(async |out| {
        let _noted = Noted;
        for number in 0_u64.. {
            out.write_all(number.to_string().as_bytes()).await?;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    })
}

#[test]
fn the_plain_form_joins_the_chunks() {
    let reply = testing::invoke("lines").run().unwrap();
    assert_eq!(reply.bytes(), b"one\ntwo\n");
    let chunks = testing::invoke("lines").stream().unwrap();
    assert_eq!(chunks.content_type(), "text/plain");
    assert_eq!(chunks.map(Result::unwrap).collect::<Vec<_>>(), [b"one\ntwo\n"]);
}

#[test]
fn a_failure_is_an_error_at_its_place() {
    let failure = testing::invoke("breaks-off").event(0).stream().unwrap_err();
    assert_eq!((failure.error_type().as_str(), failure.message().as_str()), ("BrokeOff", "no more"));
    let mut chunks = testing::invoke("breaks-off").event(2).stream().unwrap();
    assert_eq!(chunks.next().unwrap().unwrap(), b"0");
    assert_eq!(chunks.next().unwrap().unwrap(), b"1");
    assert_eq!(chunks.next().unwrap().unwrap_err().error_type(), "BrokeOff");
    assert!(chunks.next().is_none());
    assert_eq!(testing::invoke("breaks-off").event(2).run().unwrap_err().message(), "no more");
}

#[mayfly::handler(name = "breaks-off-unflushed")]
fn breaks_off_unflushed(panics: bool) -> Stream {
    Stream::writer(move |out| {
        out.write_all(&b"x".repeat(64 << 10))?;
        write!(out, "rest")?;
        assert!(!panics, "no more");
        Err(Error::new("BrokeOff", "no more"))
    })
}

#[test]
fn the_bytes_before_a_failure_arrive_even_if_they_waited_for_more() {
    for panics in [false, true] {
        let mut chunks = testing::invoke("breaks-off-unflushed").event(panics).stream().unwrap();
        let mut bytes = Vec::new();
        let failure = loop {
            match chunks.next().expect("the failure is the last item") {
                Ok(chunk) => bytes.extend(chunk),
                Err(failure) => break failure,
            }
        };
        assert!(bytes == [b"x".repeat(64 << 10), b"rest".to_vec()].concat(), "{} bytes", bytes.len());
        assert_eq!(failure.message(), "no more");
        assert!(chunks.next().is_none());
    }
}

#[test]
fn the_first_chunks_of_an_endless_stream_can_be_taken() {
    let chunks = testing::invoke("endless").stream().unwrap();
    let first: Vec<_> = chunks.take(3).map(Result::unwrap).collect();
    assert_eq!(first, [b"0", b"1", b"2"]);
    until("the source to be dropped", || IS_DROPPED.load(Ordering::SeqCst).then_some(()));
}

#[test]
#[should_panic(expected = "the reply is not a stream: 7")]
fn a_value_is_no_stream() {
    #[allow(unused_must_use)]
    testing::invoke("value").stream();
}

#[mayfly::handler(name = "value")]
fn value() -> u8 {
    7
}
