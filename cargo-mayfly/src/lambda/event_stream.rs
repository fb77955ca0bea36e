//! The messages of a response to `InvokeWithResponseStream`.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html>

use serde::{Deserialize, Serialize};

/// The content type of the response.
pub(crate) const CONTENT_TYPE: &str = "application/vnd.amazon.eventstream";

/// The bytes before the headers: two lengths and their checksum.
const PRELUDE_BYTES: usize = 12;
const CHECKSUM_BYTES: usize = 4;
/// The type of a header whose value is a string.
const STRING: u8 = 7;
const BYTES: &str = "application/octet-stream";
const JSON: &str = "application/json";

/// The last message of a response.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct InvokeComplete {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_details: Option<String>,
    /// The end of the logs, as base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log_result: Option<String>,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    /// A part of a streamed reply.
    PayloadChunk(Vec<u8>),
    /// A reply that was not streamed.
    Reply(Vec<u8>),
    InvokeComplete(InvokeComplete),
}

impl InvokeComplete {
    /// Creates the message with an error.
    pub(crate) fn failed(code: &str, details: String) -> Self {
        Self { error_code: Some(code.to_owned()), error_details: Some(details), log_result: None }
    }

    /// Encodes the message.
    pub(crate) fn encode(&self) -> Vec<u8> {
        encode("InvokeComplete", JSON, &serde_json::to_vec(self).unwrap_or_default())
    }
}

/// Encodes the message with a part of a streamed reply.
pub(crate) fn payload_chunk(bytes: &[u8]) -> Vec<u8> {
    encode("PayloadChunk", BYTES, bytes)
}

/// Encodes the message with a reply that was not streamed. AWS's clients do not see the difference.
pub(crate) fn reply(bytes: &[u8]) -> Vec<u8> {
    encode("PayloadChunk", JSON, bytes)
}

fn encode(event_type: &str, content_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut headers = Vec::new();
    for (name, value) in [(":event-type", event_type), (":content-type", content_type), (":message-type", "event")] {
        headers
            .extend([&[low(name.len())], name.as_bytes(), &[STRING, 0, low(value.len())], value.as_bytes()].concat());
    }
    let mut message = Vec::with_capacity(PRELUDE_BYTES + headers.len() + payload.len() + CHECKSUM_BYTES);
    for length in [PRELUDE_BYTES + headers.len() + payload.len() + CHECKSUM_BYTES, headers.len()] {
        message.extend(u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
    }
    message.extend(crc32fast::hash(&message).to_be_bytes());
    message.extend(headers);
    message.extend(payload);
    message.extend(crc32fast::hash(&message).to_be_bytes());
    message
}

/// Returns the length of one of the short texts above as a byte.
fn low(length: usize) -> u8 {
    u8::try_from(length).unwrap_or(u8::MAX)
}

/// Takes the first message from the bytes that have arrived, once all of it is there. Fails if they are damaged.
pub(crate) fn decode(bytes: &mut Vec<u8>) -> Result<Option<Message>, String> {
    let Some(prelude) = bytes.get(..PRELUDE_BYTES) else { return Ok(None) };
    let (lengths, checksum) = prelude.split_at(PRELUDE_BYTES - CHECKSUM_BYTES);
    // Else a damaged length would wait for bytes that never come.
    if checksum != crc32fast::hash(lengths).to_be_bytes() {
        return Err("the checksum of a message's lengths is wrong".to_owned());
    }
    let [length, headers] = [0, 4].map(|index| number_at(bytes, index).unwrap_or_default());
    if bytes.len() < length {
        return Ok(None);
    }
    let rest: Vec<u8> = bytes.split_off(length);
    let message = std::mem::replace(bytes, rest);
    let payload = PRELUDE_BYTES + headers..length.saturating_sub(CHECKSUM_BYTES);
    let (Some(headers), Some(payload)) = (message.get(PRELUDE_BYTES..payload.start), message.get(payload.clone()))
    else {
        return Err("a message has impossible lengths".to_owned());
    };
    let checksum = crc32fast::hash(&message[..length - CHECKSUM_BYTES]).to_be_bytes();
    if !message.ends_with(&checksum) {
        return Err("the checksum of a message is wrong".to_owned());
    }
    match text(headers, ":event-type").as_deref() {
        Some("PayloadChunk") if text(headers, ":content-type").as_deref() == Some(JSON) => {
            Ok(Some(Message::Reply(payload.to_vec())))
        }
        Some("PayloadChunk") => Ok(Some(Message::PayloadChunk(payload.to_vec()))),
        Some("InvokeComplete") => {
            let complete = serde_json::from_slice(payload).map_err(|error| format!("InvokeComplete: {error}"))?;
            Ok(Some(Message::InvokeComplete(complete)))
        }
        _ => Err(String::from_utf8_lossy(payload).into_owned()),
    }
}

fn number_at(bytes: &[u8], index: usize) -> Option<usize> {
    let number = bytes.get(index..index + 4)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(number)).ok()
}

/// Returns the value of a header. All headers of these messages are strings.
fn text(mut headers: &[u8], wanted: &str) -> Option<String> {
    loop {
        let (length, rest) = headers.split_first()?;
        let (name, rest) = rest.split_at_checked(usize::from(*length))?;
        let (head, rest) = rest.split_at_checked(3)?;
        let [STRING, high, low] = *head else { return None };
        let (value, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes([high, low])))?;
        if name == wanted.as_bytes() {
            return String::from_utf8(value.to_vec()).ok();
        }
        headers = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_as_they_were_written_however_they_arrive() {
        let complete = InvokeComplete::failed("Unhandled", "{}".to_owned());
        let sent = [payload_chunk(b"one"), payload_chunk(b""), reply(b"2"), complete.encode()].concat();
        let (mut arrived, mut messages) = (Vec::new(), Vec::new());
        for byte in sent {
            arrived.push(byte);
            messages.extend(decode(&mut arrived).expect("it is not damaged"));
        }
        let chunk = |bytes: &[u8]| Message::PayloadChunk(bytes.to_vec());
        assert_eq!(
            messages,
            [chunk(b"one"), chunk(b""), Message::Reply(b"2".to_vec()), Message::InvokeComplete(complete)]
        );
        assert!(arrived.is_empty());
    }

    #[test]
    fn a_damaged_message_is_an_error() {
        let message = payload_chunk(b"text");
        for index in [0, 4, PRELUDE_BYTES - 1, PRELUDE_BYTES, message.len() - 1] {
            let mut damaged = message.clone();
            damaged[index] ^= 1;
            decode(&mut damaged).unwrap_err();
        }
        decode(&mut vec![0; 16]).unwrap_err();
    }

    #[test]
    fn impossible_lengths_are_an_error() {
        for [length, headers] in [[0_u32, 0], [12, 0], [20, 9], [20, u32::MAX]] {
            let lengths = [length.to_be_bytes(), headers.to_be_bytes()].concat();
            let checksum = crc32fast::hash(&lengths).to_be_bytes();
            let mut message = [&*lengths, &checksum, &[0; 8]].concat();
            decode(&mut message).unwrap_err();
        }
    }
}
