//! `Reply`: the reply of a handler, as an around function sees it.

use crate::error::Error;
use crate::invocation::encode;
use crate::runtime_api::outgoing::Outgoing;

/// The reply of a handler on its way through the functions around it: bytes, or a stream.
///
/// ```
/// use mayfly::around::Reply;
///
/// let reply = Reply::new("done").unwrap();
/// assert_eq!(reply.bytes(), Some(br#""done""#.as_slice()));
/// assert_eq!(Reply::from_bytes(*b"{}").bytes(), Some(b"{}".as_slice()));
/// assert_eq!(Reply::new(mayfly::Stream::iter(["row"])).unwrap().bytes(), None);
/// ```
#[derive(Debug, Default)]
pub struct Reply(pub(super) Outgoing);

impl Reply {
    /// Encodes a value as a handler's reply is encoded: as JSON, or as a [`Stream`](crate::Stream).
    ///
    /// # Errors
    /// Returns `Runtime.InvalidResponse` if JSON cannot represent the value.
    pub fn new(value: impl encode::Reply) -> Result<Self, Error> {
        let mut outgoing = Outgoing::default();
        value.put(&mut outgoing)?;
        Ok(Self(outgoing))
    }

    /// Creates a reply of these bytes, which Lambda expects to be JSON.
    #[must_use]
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Outgoing { bytes: bytes.into(), body: None })
    }

    /// Returns the bytes that Lambda's caller gets, or `None` for a stream, whose bytes do not exist yet.
    ///
    /// The reply of a service is the JSON by which its gateway knows the response.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        self.0.body.is_none().then_some(&*self.0.bytes)
    }
}
