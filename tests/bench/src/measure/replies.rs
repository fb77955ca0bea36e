//! The replies to HTTP requests, which are checked before anything is measured.

use anyhow::{Result, ensure};

use crate::compile::Binaries;
use crate::contender::Contender;
use crate::event::{Answer, Event};
use crate::process::{Launch, Process};
use crate::request::Request;
use crate::stand_in::StandIn;

/// Checks that each contender answers each of the requests, so that no error is measured.
///
/// # Errors
/// If one does not.
pub fn check_replies(binaries: &Binaries, contenders: &[Contender], requests: &[Request]) -> Result<()> {
    for &contender in contenders {
        let stand_in = StandIn::listen()?;
        let path = binaries.path(contender);
        let process = Process::start(contender, path, stand_in.address()?, &Launch::default())?;
        let mut caller = stand_in.first_poll()?;
        for &request in requests {
            let reply = caller.invoke_and_read(&Answer::of(Event::Request(request)))?;
            let shown = String::from_utf8_lossy(&reply[..reply.len().min(500)]);
            ensure!(request.is_answered_by(&reply), "{contender} does not answer `{request}` as it should: {shown}");
        }
        drop(process);
    }
    Ok(())
}
