//! Reads the response of a server to `InvokeWithResponseStream`, and prints it while it arrives.

use std::io::Read;

use anyhow::{Context, Result, anyhow, bail};
use bytes::Bytes;

use crate::invoke::streamed::Printer;
use crate::lambda::event_stream::{self, InvokeComplete, Message};
use crate::opts;

/// The response of a server, whose chunks are printed.
#[derive(Debug, Default)]
pub(super) struct StreamResponse {
    /// A reply that was not streamed.
    pub(super) reply: Option<Bytes>,
    /// The reason for which a streamed reply has no HTTP response.
    pub(super) no_response: Option<String>,
    pub(super) complete: InvokeComplete,
}

/// Reads a response to its end. One that has no messages is the reply itself, as cargo-lambda sends it.
pub(super) fn read(mut body: impl Read, has_messages: bool, flags: &opts::RequestFlags) -> Result<StreamResponse> {
    let (mut buffer, mut bytes, mut printer) = (vec![0; 64 << 10], Vec::new(), Printer::new(flags));
    loop {
        let length = body.read(&mut buffer).context("the response is incomplete")?;
        let chunk = &buffer[..length];
        if !has_messages {
            if chunk.is_empty() || !printer.print(chunk) || printer.has_no_response() {
                let reply = printer.take_reply().map(Bytes::from);
                return Ok(StreamResponse { reply, no_response: printer.finish(true), ..StreamResponse::default() });
            }
            continue;
        }
        bytes.extend(chunk);
        while let Some(message) = event_stream::decode(&mut bytes).map_err(|why| anyhow!(why))? {
            match message {
                Message::Reply(reply) => return Ok(StreamResponse { reply: Some(reply.into()), ..end(body, bytes)? }),
                // A reply without an HTTP response is read to its end, too, since the logs are in the last message.
                Message::PayloadChunk(chunk) if printer.print(&chunk) => {}
                Message::PayloadChunk(_) => return Ok(StreamResponse::default()),
                Message::InvokeComplete(complete) => {
                    let no_response = printer.finish(complete.error_code.is_none());
                    return Ok(StreamResponse { reply: None, no_response, complete });
                }
            }
        }
        if chunk.is_empty() {
            bail!("the response is incomplete");
        }
    }
}

/// Reads the last message, which follows a reply that was not streamed.
fn end(mut body: impl Read, mut bytes: Vec<u8>) -> Result<StreamResponse> {
    body.read_to_end(&mut bytes).context("the response is incomplete")?;
    match event_stream::decode(&mut bytes).map_err(|why| anyhow!(why))? {
        Some(Message::InvokeComplete(complete)) => Ok(StreamResponse { complete, ..StreamResponse::default() }),
        _ => bail!("the response is incomplete"),
    }
}
