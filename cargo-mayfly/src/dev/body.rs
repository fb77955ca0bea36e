//! Reads the bodies of requests.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{EXPECT, HeaderMap};

/// The reason why a body is not read.
#[derive(Debug)]
pub(crate) enum BodyError {
    /// The connection failed before the end of the body.
    Incomplete(hyper::Error),
    /// The body is larger than the limit.
    TooLarge,
}

/// Reads a body to its end, even if it is too large: otherwise the client might see a connection reset instead of the
/// response.
pub(crate) async fn read(mut body: Incoming, limit: usize) -> Result<Bytes, BodyError> {
    let (mut kept, mut size) = (BytesMut::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(BodyError::Incomplete)?.into_data() {
            size = size.saturating_add(data.len());
            if size <= limit {
                kept.extend_from_slice(&data);
            }
        }
    }
    if size <= limit { Ok(kept.freeze()) } else { Err(BodyError::TooLarge) }
}

/// Reads a body that is not needed, for the same reason. A client that waits for permission to send it gets none.
pub(crate) async fn discard(body: Incoming, headers: &HeaderMap) {
    if !headers.contains_key(EXPECT) {
        // The request is refused however its body ends.
        let _ = read(body, 0).await;
    }
}
