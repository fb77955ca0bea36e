//! `Contender`: a function of the comparison.

use std::fmt;

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
    /// Mayfly with that many handlers in one binary: 1, 10 or 100.
    Handlers(u8),
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
            Self::Handlers(number) => format!("handlers-{number}"),
        }
    }

    /// Returns its package, which is compiled alone, without the features of others.
    #[must_use]
    pub fn package(self) -> &'static str {
        match self {
            Self::Floor | Self::FloorJson => "bench-floor",
            Self::PeerCurrent | Self::PeerDefault | Self::PeerConcurrent => "bench-peer",
            Self::Sync | Self::StaticSync | Self::Borrowed => "bench-sync",
            Self::Async | Self::StaticAsync => "bench-async",
            Self::Handlers(_) => "bench-handlers",
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
        if let Self::Handlers(_) = self { format!("{krate}::place_order::take") } else { format!("{krate}::take") }
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
            Self::Handlers(1) => f.write_str("1 handler"),
            Self::Handlers(number) => write!(f, "{number} handlers"),
        }
    }
}
