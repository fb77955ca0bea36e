//! `Chunked`: a body in chunks, as the stand-in reads it.

use anyhow::{Context, Result, bail, ensure};

/// A body in chunks. Its bytes are counted and dropped.
#[derive(Debug, Default)]
pub(crate) struct Chunked {
    next: Next,
    /// The bytes of a line whose end has not come yet.
    line: Vec<u8>,
    bytes: usize,
}

/// The next part of the body.
#[derive(Debug, Default)]
enum Next {
    /// The line with the size of a chunk.
    #[default]
    Size,
    /// That many bytes of a chunk.
    Bytes(usize),
    /// The end of a chunk.
    EndOfChunk,
    /// A line of the trailers, of which the last one is empty.
    Trailer,
}

impl Chunked {
    /// Returns the bytes so far.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes the next bytes. Returns whether they end the body.
    pub(crate) fn read(&mut self, mut input: &[u8]) -> Result<bool> {
        while !input.is_empty() {
            if let Next::Bytes(left) = &mut self.next {
                let length = input.len().min(*left);
                input = &input[length..];
                *left -= length;
                self.bytes += length;
                if *left == 0 {
                    self.next = Next::EndOfChunk;
                }
                continue;
            }
            let end = input.iter().position(|&byte| byte == b'\n').map_or(input.len(), |end| end + 1);
            let (line, rest) = input.split_at(end);
            self.line.extend_from_slice(line);
            input = rest;
            if self.line.ends_with(b"\n") && self.end_line()? {
                ensure!(input.is_empty(), "something follows the end of the body");
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Interprets a line. Returns whether it ends the body.
    fn end_line(&mut self) -> Result<bool> {
        let line = std::str::from_utf8(&self.line)?.trim_end();
        self.next = match (&self.next, line) {
            (Next::Size, size) => match usize::from_str_radix(size, 16).context("the size of a chunk")? {
                0 => Next::Trailer,
                size => Next::Bytes(size),
            },
            (Next::EndOfChunk, "") => Next::Size,
            (Next::Trailer, "") => return Ok(true),
            (Next::Trailer, trailer) => bail!("the stream failed: {trailer}"),
            (_, more) => bail!("a chunk is longer than its size: {more}"),
        };
        self.line.clear();
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = b"3\r\nabc\r\n0010\r\n0123456789abcdef\r\n0\r\n\r\n";

    #[test]
    fn a_body_may_be_cut_anywhere() {
        for cut in 1..BODY.len() {
            let mut body = Chunked::default();
            assert!(!body.read(&BODY[..cut]).unwrap(), "{cut}");
            assert!(body.read(&BODY[cut..]).unwrap(), "{cut}");
            assert_eq!(body.bytes(), 19, "{cut}");
        }
    }

    #[test]
    fn a_body_that_fails_or_is_malformed_is_an_error() {
        for body in ["x\r\n", "1\r\nab\r\n", "0\r\nx: y\r\n\r\n", "0\r\n\r\nPOST"] {
            assert!(Chunked::default().read(body.as_bytes()).is_err(), "{body}");
        }
    }
}
