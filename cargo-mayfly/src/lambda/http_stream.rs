//! [`HttpHead`]: the beginning of an HTTP response that a function streams: JSON with status and headers, then eight
//! NUL bytes.

use bytes::Bytes;
/// The content type of such a reply.
pub(crate) use cargo_mayfly::emulator::HTTP_RESPONSE as CONTENT_TYPE;

use crate::lambda::limits::MAX_PAYLOAD;

const END: [u8; 8] = [0; 8];
/// The most bytes of a head; the limit of the service is not documented. A whole reply has at most as many, and differs
/// from a head only by the missing end.
const MAX_BYTES: usize = MAX_PAYLOAD;

/// The reason for which a head is not complete at the end of a stream.
pub(crate) const MISSING: &str = "the stream ended before the eight NUL bytes behind its status and headers";

/// The bytes of a head so far.
#[derive(Debug, Default)]
pub(crate) struct HttpHead(Vec<u8>);

impl HttpHead {
    /// Returns the bytes so far.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Adds a chunk. Returns the head and the first bytes of the body, once the head is complete.
    pub(crate) fn push(&mut self, chunk: &[u8]) -> Result<Option<(Vec<u8>, Bytes)>, String> {
        let begin = self.0.len().saturating_sub(END.len() - 1);
        self.0.extend(chunk);
        match self.0[begin..].windows(END.len()).position(|window| window == END) {
            Some(index) => {
                let body = self.0.split_off(begin + index + END.len());
                self.0.truncate(begin + index);
                Ok(Some((std::mem::take(&mut self.0), body.into())))
            }
            None if self.0.len() > MAX_BYTES => {
                Err(format!("the stream begins with {MAX_BYTES} bytes without the eight NUL bytes behind its head"))
            }
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_may_come_in_any_pieces() {
        let stream = b"{\"statusCode\":200}\0\0\0\0\0\0\0\0\0body";
        for size in 1..stream.len() {
            let (mut head, mut found, mut body) = (HttpHead::default(), Vec::new(), Vec::new());
            for chunk in stream.chunks(size) {
                if found.is_empty() {
                    if let Some((json, rest)) = head.push(chunk).expect("it is short") {
                        (found, body) = (json, rest.to_vec());
                    }
                } else {
                    body.extend(chunk);
                }
            }
            assert_eq!((&*found, &*body), (&b"{\"statusCode\":200}"[..], &b"\0body"[..]), "{size}");
        }
    }

    #[test]
    fn a_head_that_does_not_end_is_an_error() {
        let mut head = HttpHead::default();
        assert_eq!(head.push(&vec![b'x'; MAX_BYTES]), Ok(None));
        head.push(b"x").unwrap_err();
    }
}
