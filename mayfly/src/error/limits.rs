//! The limits of an error, which bound the memory, the log and the report that it can take up.

/// The longest name in bytes. Step Functions accepts error names of up to 256 characters.
pub(crate) const NAME: usize = 256;
/// The longest text in bytes. With an init's place before it, it still fits into 64 KiB.
pub(crate) const TEXT: usize = 60 << 10;
/// The number of causes that are kept at each end of a chain. In the JSON each cause is nested in the one before, and
/// the JSON readers of many languages stop at a depth of 128 or less.
pub(crate) const CAUSES: usize = 16;
/// The number of frames that are kept at each end of a trace, enough for every frame of a panic.
pub(crate) const FRAMES: usize = 32;
/// The number of causes that are followed, since `source()` may form a circle.
pub(crate) const STEPS: usize = 1 << 17;
/// The longest log text for one error in bytes. `CloudWatch` Logs accepts events of up to 256 KiB, and JSON's escapes
/// take up some of them.
pub(crate) const LOG: usize = 128 << 10;
/// The longest body of a report in bytes. Lambda accepts error bodies smaller than 1 MiB.
pub(crate) const BODY: usize = (1 << 20) - 1;
/// The length in bytes down to which texts are cut before a short report leaves out causes and frames.
pub(crate) const SHORT_TEXT: usize = 256;
/// The longest X-Ray cause in bytes. Lambda accepts up to 64 KiB.
pub(crate) const XRAY_CAUSE: usize = 64 << 10;
