//! Tests how the emulator receives streamed replies, with requests that are written byte by byte.

#[path = "common/raw.rs"]
mod raw;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use cargo_mayfly::emulator::{
    Configuration, Emulator, Invocation, MAX_PAYLOAD, MAX_STREAM, Outcome, Phase, PostedError, StreamedReply,
};
use raw::RUNTIME;
use tokio::task::{JoinHandle, spawn_blocking};

/// A function that has an event, and its caller.
struct Streaming {
    emulator: Arc<Emulator>,
    caller: JoinHandle<Outcome>,
    reply: StreamedReply,
    id: String,
}

impl Streaming {
    /// Delivers an event, whose caller takes a stream if `is_streamed`.
    async fn start(is_streamed: bool) -> Self {
        let emulator = Arc::new(Emulator::start(Configuration::new("a::b")).await.unwrap());
        let (sink, reply) = StreamedReply::new();
        let invocation = Invocation { stream: is_streamed.then_some(sink), ..Invocation::new("1") };
        let invoked = Arc::clone(&emulator);
        let caller = tokio::spawn(async move { invoked.invoke(invocation).await });
        let api = emulator.address().to_string();
        let id = spawn_blocking(move || raw::next(&api).request_id()).await.unwrap();
        Self { emulator, caller, reply, id }
    }

    /// Begins to post a stream for an id.
    fn post(&self, id: &str) -> TcpStream {
        let mut post = TcpStream::connect(self.emulator.address()).unwrap();
        post.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let head = format!(
            "POST {RUNTIME}/invocation/{id}/response HTTP/1.1\r\nhost: x\r\ncontent-type: text/x\r\n\
             lambda-runtime-function-response-mode: streaming\r\ntransfer-encoding: chunked\r\n\r\n"
        );
        post.write_all(head.as_bytes()).unwrap();
        post
    }

    async fn chunk(&mut self) -> Option<String> {
        self.reply.chunk().await.map(|chunk| String::from_utf8(chunk.to_vec()).unwrap())
    }
}

fn send(post: &mut TcpStream, text: &str) {
    post.write_all(format!("{:x}\r\n{text}\r\n", text.len()).as_bytes()).unwrap();
}

/// Reads the status of the response; 0 if the connection is closed without one.
async fn status(mut post: TcpStream) -> u16 {
    spawn_blocking(move || {
        let mut start = [0; 12];
        post.read_exact(&mut start).map_or(0, |()| std::str::from_utf8(&start[9..]).unwrap().parse().unwrap())
    })
    .await
    .unwrap()
}

fn broken() -> Outcome {
    let body = br#"{"errorMessage":"oh"}"#[..].into();
    Outcome::Error(PostedError { header_type: Some("Function.Broken".to_owned()), xray_cause: None, body })
}

const TRAILERS: &[u8] = b"0\r\nlambda-runtime-function-error-type: Function.Broken\r\n\
    Lambda-Runtime-Function-Error-Body: eyJlcnJvck1lc3NhZ2UiOiJvaCJ9\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn chunks_are_handed_on_before_the_next_is_sent() {
    let mut streaming = Streaming::start(true).await;
    let mut post = streaming.post(&streaming.id);
    assert_eq!(streaming.reply.content_type().await.as_deref(), Some("text/x"));
    for text in ["one", "two"] {
        send(&mut post, text);
        assert_eq!(streaming.chunk().await.as_deref(), Some(text));
        assert_eq!(streaming.emulator.phase(), Phase::Running);
    }
    post.write_all(b"0\r\n\r\n").unwrap();
    assert_eq!(streaming.chunk().await, None);
    assert_eq!(streaming.caller.await.unwrap(), Outcome::Streamed { size: 6 });
    assert_eq!(status(post).await, 202);
    assert_eq!(streaming.emulator.phase(), Phase::Sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn trailers_are_an_error_for_callers_with_and_without_a_stream() {
    for is_streamed in [true, false] {
        let mut streaming = Streaming::start(is_streamed).await;
        let mut post = streaming.post(&streaming.id);
        send(&mut post, "one");
        post.write_all(TRAILERS).unwrap();
        assert_eq!(streaming.chunk().await.as_deref(), Some("one").filter(|_| is_streamed));
        assert_eq!(streaming.chunk().await, None);
        assert_eq!(streaming.caller.await.unwrap(), broken());
        assert_eq!(status(post).await, 202);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_truncates_the_stream() {
    for is_streamed in [true, false] {
        let mut streaming = Streaming::start(is_streamed).await;
        let mut post = streaming.post(&streaming.id);
        send(&mut post, "one");
        assert_eq!(streaming.chunk().await.as_deref(), Some("one").filter(|_| is_streamed));
        drop(post);
        let outcome = streaming.caller.await.unwrap();
        assert!(matches!(outcome, Outcome::Truncated { .. }), "{outcome:?}");
        assert_eq!(outcome.error().unwrap().error_type, "Runtime.TruncatedResponse");
        assert_eq!(streaming.emulator.phase(), Phase::Sent, "a stream cannot be repeated");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_without_a_stream_gets_all_bytes_up_to_the_limit_of_a_reply() {
    for (rest, expected) in [(0, Some("onetwo")), (MAX_PAYLOAD, None)] {
        let streaming = Streaming::start(false).await;
        let mut post = streaming.post(&streaming.id);
        send(&mut post, "one");
        send(&mut post, "two");
        if rest > 0 {
            send(&mut post, &"x".repeat(rest));
        }
        post.write_all(b"0\r\n\r\n").unwrap();
        let outcome = streaming.caller.await.unwrap();
        assert_eq!(outcome.reply().map(|reply| &reply[..]), expected.map(str::as_bytes), "{outcome:?}");
        assert_eq!(status(post).await, if rest > 0 { 413 } else { 202 });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_goes_away_closes_the_connection_although_nothing_is_sent() {
    let mut streaming = Streaming::start(true).await;
    let mut post = streaming.post(&streaming.id);
    send(&mut post, "one");
    assert_eq!(streaming.chunk().await.as_deref(), Some("one"));
    drop(streaming.reply);
    assert_eq!(status(post).await, 0);
    assert_eq!(streaming.caller.await.unwrap(), Outcome::Abandoned { size: 3 });
    assert_eq!(streaming.emulator.phase(), Phase::Sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_stalls_stalls_the_function_and_then_gets_every_byte_up_to_the_limit() {
    let mut streaming = Streaming::start(true).await;
    let post = streaming.post(&streaming.id);
    let block = "x".repeat(1 << 20);
    // Far more than the buffers of the system and of the emulator hold.
    post.set_write_timeout(Some(Duration::from_secs(2))).unwrap();
    let mut writer = post.try_clone().unwrap();
    let stalled = spawn_blocking(move || {
        let frame = format!("{:x}\r\n{block}\r\n", block.len()).into_bytes();
        let (mut at, mut sent) = (0, 0);
        while sent < 100 << 20 {
            match writer.write(&frame[at..]) {
                Ok(length) => (at, sent) = ((at + length) % frame.len(), sent + length),
                Err(error) if [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind()) => {
                    return Some((writer, frame, at));
                }
                Err(error) => panic!("{error}"),
            }
        }
        None
    });
    let (mut writer, frame, at) = stalled.await.unwrap().expect("the function is stalled");
    // More than the limit: the emulator answers before the end.
    let rest = spawn_blocking(move || {
        writer.write_all(&frame[at..]).and_then(|()| (0..210).try_for_each(|_| writer.write_all(&frame)))
    });
    let mut size = 0;
    while let Some(chunk) = streaming.reply.chunk().await {
        size += chunk.len() as u64;
    }
    let _ = rest.await.unwrap(); // fails once the emulator has closed the connection
    match streaming.caller.await.unwrap() {
        Outcome::TooLarge { size: seen, limit } => assert!(limit == MAX_STREAM && seen > size && size <= limit),
        other => panic!("{other:?}"),
    }
    assert!(size > MAX_STREAM - (1 << 20), "{size}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_for_another_invocation_is_rejected_before_its_end() {
    let mut streaming = Streaming::start(true).await;
    let mut post = streaming.post("another");
    send(&mut post, "one");
    assert_eq!(status(post).await, 400);
    assert_eq!(streaming.emulator.phase(), Phase::Running);
    let api = streaming.emulator.address().to_string();
    let id = streaming.id.clone();
    let posts = spawn_blocking(move || {
        let other = raw::post(&api, &format!("{RUNTIME}/invocation/another/error"), b"{}");
        (other.status, raw::answer(&api, &id, "response", &[], b"2").status)
    });
    assert_eq!(posts.await.unwrap(), (400, 202));
    assert_eq!(streaming.reply.content_type().await, None);
    assert_eq!(streaming.caller.await.unwrap(), Outcome::Reply("2".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invocation_that_times_out_ends_the_stream() {
    let emulator = Arc::new(Emulator::start(Configuration::new("a::b")).await.unwrap());
    let (sink, mut reply) = StreamedReply::new();
    let timeout = Some(Duration::from_millis(500));
    let invocation = Invocation { stream: Some(sink), timeout, ..Invocation::new("1") };
    let api = emulator.address().to_string();
    let next = spawn_blocking(move || raw::next(&api).status);
    assert!(matches!(emulator.invoke(invocation).await, Outcome::TimedOut { .. }));
    assert_eq!(next.await.unwrap(), 200);
    assert_eq!(reply.content_type().await, None);
}
