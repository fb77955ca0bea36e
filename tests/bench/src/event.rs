//! `Event`: an event that the stand-in hands out.

use std::fmt;

/// The id of every invocation.
pub const REQUEST_ID: &str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";

/// The content of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// One string that is nearly all of the event.
    Text,
    /// Many small records.
    Records,
}

/// An event of a given size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Size {
    /// The content.
    pub kind: Kind,
    /// The size of its JSON in bytes.
    pub bytes: usize,
}

/// The smallest event.
pub const SMALL: Size = Size { kind: Kind::Text, bytes: 40 };

/// The large events.
#[must_use]
pub fn large() -> Vec<Size> {
    let sizes = [64 << 10, 1 << 20, 6_000_000];
    [Kind::Text, Kind::Records].into_iter().flat_map(|kind| sizes.map(|bytes| Size { kind, bytes })).collect()
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bytes {
            0..1000 => write!(f, "{} B", self.bytes)?,
            1000..1_000_000 => write!(f, "{} KB", self.bytes >> 10)?,
            _ => write!(f, "{} MB", self.bytes / 1_000_000)?,
        }
        f.write_str(match self.kind {
            Kind::Text => " string",
            Kind::Records => " of records",
        })
    }
}

/// A response to `/next`: its bytes in one piece, with the headers that Lambda sends.
#[derive(Clone, Debug)]
pub struct Answer(Vec<u8>);

impl Answer {
    /// Makes the response that hands out an event of that size.
    #[must_use]
    pub fn of(size: Size) -> Self {
        let body = body(size);
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

/// Makes JSON of exactly that size.
fn body(size: Size) -> Vec<u8> {
    let mut json = br#"{"id":12345678,"#.to_vec();
    if size.kind == Kind::Records {
        json.extend_from_slice(br#""records":["#);
        for number in 0.. {
            let record = format!(r#"{{"id":{number},"name":"record number {number}"}},"#);
            // The text after the records fills the rest.
            if json.len() + record.len() + 100 > size.bytes {
                break;
            }
            json.extend_from_slice(record.as_bytes());
        }
        json.pop();
        json.extend_from_slice(b"],");
    }
    json.extend_from_slice(br#""text":""#);
    let rest = size.bytes - json.len() - 2;
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
        for size in large().into_iter().chain([SMALL]) {
            let json = body(size);
            assert_eq!(json.len(), size.bytes, "{size}");
            let event: Value = serde_json::from_slice(&json).unwrap();
            assert_eq!(event["id"], 12_345_678);
            let records = event["records"].as_array().map_or(0, Vec::len);
            let average = size.bytes.checked_div(records).unwrap_or(0);
            assert_eq!(size.kind == Kind::Records, (20..50).contains(&average), "{size}: {records} records");
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
