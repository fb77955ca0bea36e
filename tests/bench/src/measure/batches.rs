//! The replies to batches, which are checked before anything is measured.

use anyhow::{Result, ensure};

use crate::compile::Binaries;
use crate::contender::Contender;
use crate::event::{Answer, Event, MESSAGES};
use crate::messages;
use crate::process::{Launch, Process};
use crate::stand_in::StandIn;

/// Checks that each contender reports the messages that fail, and no other.
///
/// # Errors
/// If one does not.
pub fn check_batches(binaries: &Binaries, contenders: &[Contender]) -> Result<()> {
    let Event::Messages(number) = MESSAGES else { return Ok(()) };
    for &contender in contenders {
        let stand_in = StandIn::listen()?;
        let path = binaries.path(contender);
        let process = Process::start(contender, path, stand_in.address()?, &Launch::default())?;
        let reply = stand_in.first_poll()?.invoke_and_read(&Answer::of(MESSAGES))?;
        let shown = String::from_utf8_lossy(&reply[..reply.len().min(500)]);
        ensure!(messages::are_answered_by(number, &reply), "{contender} does not report the failures: {shown}");
        drop(process);
    }
    Ok(())
}
