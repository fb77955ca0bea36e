//! Streamed replies, one handler for each kind of source, and small replies that are not streamed.

use std::io::{Read, Write};
use std::iter::repeat_n;
use std::sync::{Condvar, LazyLock, Mutex};
use std::thread;
use std::time::Duration;

use bench_event::Order;
use mayfly::Stream;
use tokio::sync::Notify;

#[mayfly::handler]
fn iter(order: Order) -> Stream {
    Stream::iter(repeat_n(order.chunk(), order.chunks()))
}

#[mayfly::handler]
fn reader(order: Order) -> Stream {
    let bytes = order.chunks() * order.chunk().len();
    Stream::reader(std::io::repeat(b'x').take(u64::try_from(bytes).expect("it fits")))
}

/// Flushes after each chunk.
#[mayfly::handler]
fn writer(order: Order) -> Stream {
    Stream::writer(move |out| {
        for _ in 0..order.chunks() {
            out.write_all(order.chunk())?;
            out.flush()?;
            if order.pause().is_some() {
                TICK.wait();
            }
        }
        Ok(())
    })
}

/// Ticks every two milliseconds. Waiting for it sets no timer, which takes longer than a stream's first byte on some
/// machines. The benchmark sends the next event a millisecond after the end of a stream, and so halfway between two
/// ticks: what is measured is the stream.
static TICK: LazyLock<Tick> = LazyLock::new(|| {
    thread::spawn(|| {
        loop {
            thread::sleep(Duration::from_millis(2));
            TICK.sync.notify_all();
            TICK.tasks.notify_waiters();
        }
    });
    Tick::default()
});

#[derive(Default)]
struct Tick {
    lock: Mutex<()>,
    sync: Condvar,
    tasks: Notify,
}

impl Tick {
    fn wait(&self) {
        if let Ok(lock) = self.lock.lock() {
            drop(self.sync.wait(lock));
        }
    }
}

#[mayfly::handler]
#[expect(clippy::unused_async, reason = "an async handler has a runtime, which its source uses")]
async fn async_writer(order: Order) -> Stream {
    Stream::async_writer(async move |out| {
        for _ in 0..order.chunks() {
            out.write_all(order.chunk()).await?;
            if order.pause().is_some() {
                TICK.tasks.notified().await;
            }
        }
        Ok(())
    })
}

#[mayfly::handler]
fn buffered(order: Order) -> &'static str {
    str::from_utf8(order.chunk()).unwrap_or_default()
}

#[mayfly::handler]
#[expect(clippy::unused_async, reason = "it is compared with an async source")]
async fn buffered_async(order: Order) -> &'static str {
    buffered(order)
}

mayfly::main!();
