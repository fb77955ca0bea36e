//! `Event`: an event that the stand-in hands out.

use std::fmt;

use crate::messages;
use crate::request::Request;

/// The id of every invocation.
pub const REQUEST_ID: &str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";

/// An event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// JSON of that many bytes, nearly all of it one string.
    Text(usize),
    /// JSON of that many bytes, with many small records.
    Records(usize),
    /// An HTTP request.
    Request(Request),
    /// A batch of that many messages of a queue.
    Messages(usize),
    /// The order of a streamed reply.
    Stream(Order),
}

/// The bytes of a streamed reply, without those that the runtime sends before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Order {
    /// The number of chunks.
    pub chunks: usize,
    /// The bytes of each chunk.
    pub bytes: usize,
    /// The pause after each chunk, in milliseconds.
    pub pause: u64,
}

/// The smallest event.
pub const SMALL: Event = Event::Text(40);
/// The request without a body.
pub const GET: Event = Event::Request(Request::Get);
/// The request with a small body.
pub const POST: Event = Event::Request(Request::Post);
/// The requests with large bodies.
pub const ECHOES: [Event; 3] =
    [Event::Request(Request::EchoText), Event::Request(Request::EchoBinary), Event::Request(Request::EchoJson)];

/// The batch of messages.
pub const MESSAGES: Event = Event::Messages(10_000);
/// A reply of 20 MB in chunks of 64 KiB.
pub const LARGE_CHUNKS: Event = Event::Stream(Order { chunks: 320, bytes: 64 << 10, pause: 0 });
/// A reply of 20 MB in chunks of 4 KiB.
pub const SMALL_CHUNKS: Event = Event::Stream(Order { chunks: 5120, bytes: 4 << 10, pause: 0 });
/// A reply of a few bytes.
pub const SHORT: Event = Event::Stream(Order { chunks: 1, bytes: 64, pause: 0 });
/// A reply of a few bytes, whose end comes a moment later.
pub const PAUSED: Event = Event::Stream(Order { chunks: 1, bytes: 64, pause: 1 });
/// Replies of 1 MB and of 200 MB.
pub const SHORT_AND_LONG: [Event; 2] = [
    Event::Stream(Order { chunks: 16, bytes: 64 << 10, pause: 0 }),
    Event::Stream(Order { chunks: 3200, bytes: 64 << 10, pause: 0 }),
];

/// The large events.
#[must_use]
pub fn large() -> Vec<Event> {
    let sizes = [64 << 10, 1 << 20, 6_000_000];
    sizes.map(Event::Text).into_iter().chain(sizes.map(Event::Records)).collect()
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (bytes, content) = match *self {
            Self::Text(bytes) => (bytes, "string"),
            Self::Records(bytes) => (bytes, "of records"),
            Self::Request(request) => return request.fmt(f),
            Self::Messages(number) => return write!(f, "{number} messages"),
            SHORT => return f.write_str("64 B streamed"),
            PAUSED => return f.write_str("64 B streamed, then a pause"),
            Self::Stream(Order { chunks, bytes, .. }) => {
                return write!(f, "{} MB in chunks of {} KB", (chunks * bytes) >> 20, bytes >> 10);
            }
        };
        match bytes {
            0..1000 => write!(f, "{bytes} B {content}"),
            1000..1_000_000 => write!(f, "{} KB {content}", bytes >> 10),
            _ => write!(f, "{} MB {content}", bytes / 1_000_000),
        }
    }
}

/// A response to `/next`: its bytes in one piece, with the headers that Lambda sends.
#[derive(Clone, Debug)]
pub struct Answer(Vec<u8>);

impl Answer {
    /// Makes the response that hands out an event.
    #[must_use]
    pub fn of(event: Event) -> Self {
        let body = match event {
            Event::Text(bytes) => json(bytes, false),
            Event::Records(bytes) => json(bytes, true),
            Event::Request(request) => request.event(),
            Event::Messages(number) => messages::event(number),
            Event::Stream(Order { chunks, bytes, pause }) => {
                format!(r#"{{"chunks":{chunks},"bytes":{bytes},"pause":{pause}}}"#).into_bytes()
            }
        };
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: {REQUEST_ID}\r\n\
             Lambda-Runtime-Deadline-Ms: 4102444800000\r\n\
             Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-central-1:123456789012:function:bench\r\n\
             Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1\r\n\
             Date: Wed, 25 Nov 2026 22:09:48 GMT\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        Self([head.into_bytes(), body].concat())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Makes JSON of exactly that size, of records or of one string.
fn json(bytes: usize, has_records: bool) -> Vec<u8> {
    let mut json = br#"{"id":12345678,"#.to_vec();
    if has_records {
        json.extend_from_slice(br#""records":["#);
        for number in 0.. {
            let record = format!(r#"{{"id":{number},"name":"record number {number}"}},"#);
            // The text after the records fills the rest.
            if json.len() + record.len() + 100 > bytes {
                break;
            }
            json.extend_from_slice(record.as_bytes());
        }
        json.pop();
        json.extend_from_slice(b"],");
    }
    json.extend_from_slice(br#""text":""#);
    let rest = bytes - json.len() - 2;
    json.resize(json.len() + rest, b'x');
    json.extend_from_slice(b"\"}");
    json
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn events_are_json_of_their_size() {
        for (bytes, has_records) in [(40, false), (64 << 10, false), (64 << 10, true), (6_000_000, true)] {
            let json = json(bytes, has_records);
            assert_eq!(json.len(), bytes, "{has_records}");
            let event: Value = serde_json::from_slice(&json).unwrap();
            assert_eq!(event["id"], 12_345_678);
            let records = event["records"].as_array().map_or(0, Vec::len);
            let average = bytes.checked_div(records).unwrap_or(0);
            assert_eq!(has_records, (20..50).contains(&average), "{bytes}: {records} records");
        }
    }

    #[test]
    fn responses_have_the_right_length() {
        let answer = Answer::of(SMALL);
        let text = String::from_utf8(answer.bytes().to_vec()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("Content-Length: {}", body.len())), "{head}");
    }
}
