//! Lambda's limits and defaults, as far as the emulator applies them.

use std::time::Duration;

/// The largest reply that Lambda accepts, in bytes.
pub const MAX_PAYLOAD: usize = 6 * 1024 * 1024 + 100;
/// The largest streamed reply that Lambda accepts, in bytes.
pub const MAX_STREAM: u64 = 200 * 1024 * 1024;
/// The memory of a function that configures none, in MB.
pub const DEFAULT_MEMORY_MB: u32 = 128;
/// The time that a process has from its start to its first request for an event.
pub(crate) const INIT_TIMEOUT: Duration = Duration::from_secs(10);
/// The time that a process has between SIGTERM and SIGKILL.
pub(crate) const TERMINATION_GRACE: Duration = Duration::from_millis(500);
/// The length at which Lambda cuts a line of the logs, in bytes.
pub(crate) const MAX_LOG_LINE_BYTES: usize = 256 << 10;
