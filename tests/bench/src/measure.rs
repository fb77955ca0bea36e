//! The measurements: each drives whole processes and records its values in the sheet.

mod at_once;
mod batches;
mod builds;
mod cold;
mod counted;
mod replies;
mod streams;
mod warm;

use anyhow::{Context, Result};

pub use at_once::at_once;
pub use batches::check_batches;
pub use builds::clean_builds;
pub use cold::cold;
pub use counted::{
    binary_sizes, chunk_calls, crates, first_byte_counts, first_poll_instructions, instructions, need_tools,
    system_calls,
};
pub use replies::check_replies;
pub use streams::{check_streams, first_bytes, memory_growth, streams};
pub use warm::warm;

use crate::contender::Contender;

/// Runs every contender once a round. Each round begins with a different one, so that none always follows the same.
fn interleaved(contenders: &[Contender], rounds: usize, mut run: impl FnMut(Contender) -> Result<()>) -> Result<()> {
    for round in 0..rounds {
        let (first, last) = contenders.split_at(round % contenders.len());
        let mut turns = last.iter().chain(first);
        turns.try_for_each(|&contender| run(contender).with_context(|| format!("{contender}, round {round}")))?;
    }
    Ok(())
}
