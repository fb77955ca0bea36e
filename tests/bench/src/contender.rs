//! `Contender`: a function of the comparison.

use std::fmt;

use crate::event::{Event, GET, LARGE_CHUNKS, MESSAGES, POST, SMALL, SMALL_CHUNKS};

/// A function of the benchmark: a binary of one of the packages below `functions/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Contender {
    /// The least that is possible; it does not read events.
    Floor,
    /// The floor with each event deserialized into its type.
    FloorJson,
    /// `lambda_runtime` on tokio's current-thread runtime.
    PeerCurrent,
    /// `lambda_runtime` on tokio's default runtime.
    PeerDefault,
    /// `lambda_runtime` with several invocations at a time.
    PeerConcurrent,
    /// Mayfly with a sync handler.
    Sync,
    /// Mayfly with a sync handler whose event borrows from the payload.
    Borrowed,
    /// Mayfly with an async handler.
    Async,
    /// [`Sync`](Self::Sync), linked statically.
    StaticSync,
    /// [`Async`](Self::Async), linked statically.
    StaticAsync,
    /// [`Sync`](Self::Sync) inside of a sync around function.
    AroundSync,
    /// [`Async`](Self::Async) inside of that many async around functions: 1 or 2.
    AroundAsync(u8),
    /// Mayfly with that many handlers in one binary: 1, 10 or 100.
    Handlers(u8),
    /// `lambda_http` with an axum application.
    PeerHttp,
    /// Mayfly with the same application as a service.
    Http,
    /// Mayfly with one handler of the application as a route.
    Route,
    /// Mayfly with that many routes in one binary, 1 or 100, of which one is selected.
    Routes(u8),
    /// The binary with 100 routes, all of which are selected.
    AllRoutes,
    /// Mayfly with a service of 100 routes that are written by hand.
    ByHand,
    /// `lambda_runtime` with a streamed reply as its documentation shows it: a channel that a task fills.
    PeerChannel,
    /// `lambda_runtime` with a streamed reply at its best: bytes that are not copied.
    PeerStream,
    /// Mayfly with a streamed reply.
    Stream(Producer),
    /// Mayfly with a sync handler whose reply is not streamed, in the binary of the streams.
    Buffered,
    /// The same with an async handler.
    BufferedAsync,
    /// `lambda_runtime` with a loop over a batch of messages.
    PeerBatch,
    /// Mayfly with a sync function for each message of the batch.
    Batch,
    /// The same with an async function.
    BatchAsync,
}

/// The source of a streamed reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Producer {
    /// An iterator.
    Iter,
    /// A reader.
    Reader,
    /// Code that flushes after each chunk.
    Writer,
    /// Async code.
    AsyncWriter,
}

impl Contender {
    /// Returns the name of its binary.
    #[must_use]
    pub fn binary(self) -> String {
        match self {
            Self::Floor => "floor".to_owned(),
            Self::FloorJson => "floor-json".to_owned(),
            Self::PeerCurrent => "peer-current".to_owned(),
            Self::PeerDefault => "peer-default".to_owned(),
            Self::PeerConcurrent => "peer-concurrent".to_owned(),
            Self::Sync | Self::StaticSync => "mayfly-sync".to_owned(),
            Self::Borrowed => "mayfly-borrowed".to_owned(),
            Self::Async | Self::StaticAsync => "mayfly-async".to_owned(),
            Self::AroundSync => "around-sync".to_owned(),
            Self::AroundAsync(number) => format!("around-async-{number}"),
            Self::Handlers(number) => format!("handlers-{number}"),
            Self::PeerHttp => "peer-http".to_owned(),
            Self::Http => "mayfly-http".to_owned(),
            Self::Route => "mayfly-route".to_owned(),
            Self::Routes(number) => format!("routes-{number}"),
            Self::AllRoutes => "routes-100".to_owned(),
            Self::ByHand => "routes-by-hand".to_owned(),
            Self::PeerChannel => "peer-channel".to_owned(),
            Self::PeerStream => "peer-streams".to_owned(),
            Self::Stream(_) | Self::Buffered | Self::BufferedAsync => "mayfly-streams".to_owned(),
            Self::PeerBatch => "peer-batch".to_owned(),
            Self::Batch | Self::BatchAsync => "mayfly-batch".to_owned(),
        }
    }

    /// Returns its package, which is compiled alone, without the features of others.
    #[must_use]
    pub fn package(self) -> &'static str {
        match self {
            Self::Floor | Self::FloorJson => "bench-floor",
            Self::PeerCurrent | Self::PeerDefault | Self::PeerConcurrent | Self::PeerChannel | Self::PeerStream => {
                "bench-peer"
            }
            Self::Sync | Self::StaticSync | Self::Borrowed | Self::AroundSync => "bench-sync",
            Self::Async | Self::StaticAsync | Self::AroundAsync(_) => "bench-async",
            Self::Handlers(_) => "bench-handlers",
            Self::PeerHttp => "bench-http-peer",
            Self::Http => "bench-http",
            Self::Route | Self::Routes(_) | Self::AllRoutes | Self::ByHand => "bench-routes",
            Self::Stream(_) | Self::Buffered | Self::BufferedAsync => "bench-streams",
            Self::PeerBatch => "bench-batch-peer",
            Self::Batch | Self::BatchAsync => "bench-batch",
        }
    }

    /// Returns the feature of its package that the binary needs.
    #[must_use]
    pub fn feature(self) -> Option<&'static str> {
        (self == Self::PeerConcurrent).then_some("concurrent")
    }

    /// Whether the binary is linked statically.
    #[must_use]
    pub fn is_static(self) -> bool {
        matches!(self, Self::StaticSync | Self::StaticAsync)
    }

    /// Returns the value of `_HANDLER`, which the floor and `lambda_runtime` ignore.
    #[must_use]
    pub fn handler(self) -> String {
        let krate = self.binary().replace('-', "_");
        match self {
            Self::Handlers(_) => format!("{krate}::place_order::take"),
            Self::Routes(_) => format!("{krate}::place_order"),
            Self::Stream(Producer::Iter) => format!("{krate}::iter"),
            Self::Stream(Producer::Reader) => format!("{krate}::reader"),
            Self::Stream(Producer::Writer) => format!("{krate}::writer"),
            Self::Stream(Producer::AsyncWriter) => format!("{krate}::async_writer"),
            Self::Buffered => format!("{krate}::buffered"),
            Self::BufferedAsync => format!("{krate}::buffered_async"),
            Self::BatchAsync => format!("{krate}::take_async"),
            _ => format!("{krate}::take"),
        }
    }

    /// Returns the events whose instructions are counted. The first one is also that of the system calls.
    #[must_use]
    pub fn events(self) -> &'static [Event] {
        match self {
            Self::PeerHttp | Self::Http => &[GET, POST],
            Self::Route | Self::Routes(_) | Self::AllRoutes | Self::ByHand => &[GET],
            Self::PeerChannel | Self::PeerStream | Self::Stream(Producer::Iter) => &[LARGE_CHUNKS, SMALL_CHUNKS],
            Self::Stream(Producer::Reader) => &[LARGE_CHUNKS],
            Self::Stream(_) => &[SMALL_CHUNKS],
            Self::PeerBatch | Self::Batch | Self::BatchAsync => &[MESSAGES],
            _ => &[SMALL],
        }
    }
}

/// The name in the tables.
impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Floor => f.write_str("floor"),
            Self::FloorJson => f.write_str("floor with JSON"),
            Self::PeerCurrent => f.write_str("`lambda_runtime`, current-thread"),
            Self::PeerDefault => f.write_str("`lambda_runtime`, default"),
            Self::PeerConcurrent => f.write_str("`lambda_runtime`, `run_concurrent`"),
            Self::Sync => f.write_str("Mayfly, sync"),
            Self::Borrowed => f.write_str("Mayfly, sync, borrowed event"),
            Self::Async => f.write_str("Mayfly, async"),
            Self::StaticSync => f.write_str("Mayfly, sync, static"),
            Self::StaticAsync => f.write_str("Mayfly, async, static"),
            Self::AroundSync => f.write_str("Mayfly, sync in one around function"),
            Self::AroundAsync(1) => f.write_str("Mayfly, async in one around function"),
            Self::AroundAsync(number) => write!(f, "Mayfly, async in {number} around functions"),
            Self::Handlers(1) => f.write_str("1 handler"),
            Self::Handlers(number) => write!(f, "{number} handlers"),
            Self::PeerHttp => f.write_str("`lambda_http`"),
            Self::Http => f.write_str("Mayfly, service"),
            Self::Route => f.write_str("Mayfly, route"),
            Self::Routes(1) => f.write_str("1 route"),
            Self::Routes(number) => write!(f, "1 of {number} routes"),
            Self::AllRoutes => f.write_str("100 routes"),
            Self::ByHand => f.write_str("100 routes by hand"),
            Self::PeerChannel => f.write_str("`lambda_runtime`, streamed, channel"),
            Self::PeerStream => f.write_str("`lambda_runtime`, streamed, not copied"),
            Self::Stream(Producer::Iter) => f.write_str("Mayfly, iterator"),
            Self::Stream(Producer::Reader) => f.write_str("Mayfly, reader"),
            Self::Stream(Producer::Writer) => f.write_str("Mayfly, flushed"),
            Self::Stream(Producer::AsyncWriter) => f.write_str("Mayfly, async writer"),
            Self::Buffered => f.write_str("Mayfly, not streamed"),
            Self::BufferedAsync => f.write_str("Mayfly, async, not streamed"),
            Self::PeerBatch => f.write_str("`lambda_runtime`, loop by hand"),
            Self::Batch => f.write_str("Mayfly, batch"),
            Self::BatchAsync => f.write_str("Mayfly, async batch"),
        }
    }
}
