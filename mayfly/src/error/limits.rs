//! The limits of an error: however much the user's code says, it costs a bounded amount of memory, log and report.

/// The length of a name in bytes: Step Functions takes error names of up to 256 characters.
pub(crate) const NAME: usize = 256;
/// The length of one text in bytes. With an init's place before it, it still fits in 64 KiB.
pub(crate) const TEXT: usize = 60 << 10;
/// How many causes are kept at either end of a chain. On the wire each stands inside the one before, and the JSON readers
/// of many languages stop at a depth of 128 or less.
pub(crate) const CAUSES: usize = 16;
/// How many frames are kept at either end of a trace: room for every frame of a panic.
pub(crate) const FRAMES: usize = 32;
/// How many causes are followed: `source()` may lead in a circle.
pub(crate) const STEPS: usize = 1 << 17;
/// The length of the log's lines for one error in bytes: `CloudWatch` Logs takes events of up to 256 KiB, and JSON's
/// escapes need some of them.
pub(crate) const LOG: usize = 128 << 10;
/// The length of a report's body in bytes: Lambda takes error bodies below one MiB.
pub(crate) const BODY: usize = (1 << 20) - 1;
/// The length of an X-Ray cause in bytes: Lambda takes up to 64 KiB.
pub(crate) const XRAY_CAUSE: usize = 64 << 10;
