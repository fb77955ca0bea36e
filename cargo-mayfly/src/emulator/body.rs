//! Receives the bodies that the function's process posts.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::HeaderMap;
use tokio::sync::mpsc;

use crate::emulator::limits::{MAX_PAYLOAD, MAX_STREAM};
use crate::emulator::stream::Part;

/// A body that was received to its end.
#[derive(Debug)]
pub(crate) struct Received {
    /// As much of the body as Lambda accepts.
    pub(crate) bytes: Bytes,
    /// The size of the whole body.
    pub(crate) size: u64,
    pub(crate) trailers: HeaderMap,
}

/// The way in which a body ended that was handed on.
#[derive(Debug)]
pub(crate) enum Ending {
    Complete(HeaderMap),
    /// The connection failed.
    Truncated,
    /// The caller went away.
    Abandoned,
    /// The body is larger than [`MAX_STREAM`].
    TooLarge,
}

/// Reads a body to its end. Fails if the connection does.
///
/// A body that is too large is read to its end, too: otherwise the client might see a connection reset instead of the
/// response.
pub(crate) async fn read(mut body: Incoming) -> Result<Received, hyper::Error> {
    let (mut kept, mut size, mut trailers) = (BytesMut::new(), 0, HeaderMap::new());
    while let Some(frame) = body.frame().await {
        match frame?.into_data() {
            Ok(data) => {
                size += data.len() as u64;
                kept.extend_from_slice(&data[..data.len().min(MAX_PAYLOAD - kept.len())]);
            }
            Err(frame) => trailers = frame.into_trailers().unwrap_or_default(),
        }
    }
    Ok(Received { bytes: kept.freeze(), size, trailers })
}

/// The content type of an HTTP response that is streamed: JSON with status and headers, then eight NUL bytes, then the
/// body.
pub const HTTP_RESPONSE: &str = "application/vnd.awslambda.http-integration-response";

/// The number of bytes of a streamed reply, without the head of an HTTP response.
#[derive(Debug, Default)]
struct Size {
    /// The number of NUL bytes at the end of a head that is not complete.
    nuls: Option<usize>,
    bytes: u64,
}

impl Size {
    fn of(content_type: Option<&str>) -> Self {
        Self { nuls: content_type.filter(|content_type| *content_type == HTTP_RESPONSE).map(|_| 0), bytes: 0 }
    }

    fn add(&mut self, mut chunk: &[u8]) {
        while let (Some(nuls), Some((byte, rest))) = (self.nuls, chunk.split_first()) {
            self.nuls = if *byte == 0 { Some(nuls + 1).filter(|nuls| *nuls < 8) } else { Some(0) };
            chunk = rest;
        }
        self.bytes += chunk.len() as u64;
    }
}

/// Hands a body on to the caller while it arrives. Returns the number of its bytes, too, without the head of an HTTP
/// response.
pub(crate) async fn hand_on(
    mut body: Incoming,
    content_type: Option<&str>,
    caller: &mpsc::Sender<Part>,
) -> (u64, Ending) {
    let (mut size, mut received) = (Size::of(content_type), 0);
    loop {
        let frame = tokio::select! {
            biased;
            () = caller.closed() => return (size.bytes, Ending::Abandoned),
            frame = body.frame() => frame,
        };
        let data = match frame.map(|frame| frame.map(hyper::body::Frame::into_data)) {
            None => return (size.bytes, Ending::Complete(HeaderMap::new())),
            Some(Err(_)) => return (size.bytes, Ending::Truncated),
            Some(Ok(Err(frame))) => return (size.bytes, Ending::Complete(frame.into_trailers().unwrap_or_default())),
            Some(Ok(Ok(data))) => data,
        };
        size.add(&data);
        received += data.len() as u64;
        if received > MAX_STREAM {
            return (received, Ending::TooLarge);
        }
        // An error means that the caller went away, which the next round returns.
        let _ = caller.send(Part::Chunk(data)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_an_http_response_is_not_counted() {
        let stream = b"{\"statusCode\":200}\0\0\0\0\0\0\0\0\0body";
        for pieces in 1..stream.len() {
            let (mut of_body, mut of_all) = (Size::of(Some(HTTP_RESPONSE)), Size::of(Some("text/plain")));
            for chunk in stream.chunks(pieces) {
                of_body.add(chunk);
                of_all.add(chunk);
            }
            assert_eq!((of_body.bytes, of_all.bytes), (5, stream.len() as u64), "{pieces}");
        }
    }
}
