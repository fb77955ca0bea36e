//! `Incoming`: an invocation as the service sends it.

use std::sync::Arc;

use super::headers::Headers;
use super::invocation_id::InvocationId;

/// An invocation as `/next` delivers it. It borrows the headers and the payload from the response.
#[derive(Clone, Debug)]
pub(crate) struct Incoming<'a> {
    pub(crate) id: Arc<InvocationId>,
    pub(crate) headers: Headers<'a>,
    pub(crate) payload: &'a [u8],
}
