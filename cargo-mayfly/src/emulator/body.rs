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

/// Hands a body on to the caller while it arrives. Returns the number of bytes, too.
pub(crate) async fn hand_on(mut body: Incoming, caller: &mpsc::Sender<Part>) -> (u64, Ending) {
    let mut size = 0;
    loop {
        let frame = tokio::select! {
            biased;
            () = caller.closed() => return (size, Ending::Abandoned),
            frame = body.frame() => frame,
        };
        let data = match frame.map(|frame| frame.map(hyper::body::Frame::into_data)) {
            None => return (size, Ending::Complete(HeaderMap::new())),
            Some(Err(_)) => return (size, Ending::Truncated),
            Some(Ok(Err(frame))) => return (size, Ending::Complete(frame.into_trailers().unwrap_or_default())),
            Some(Ok(Ok(data))) => data,
        };
        size += data.len() as u64;
        if size > MAX_STREAM {
            return (size, Ending::TooLarge);
        }
        // An error means that the caller went away, which the next round returns.
        let _ = caller.send(Part::Chunk(data)).await;
    }
}
