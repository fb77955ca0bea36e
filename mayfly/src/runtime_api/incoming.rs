//! `Incoming`: an invocation as the service hands it out.

use std::sync::Arc;

use super::headers::Headers;
use super::invocation_id::InvocationId;

/// An invocation as `/next` delivers it. The headers and the payload are borrowed from the response.
#[derive(Clone, Debug)]
pub(crate) struct Incoming<'a> {
    pub(crate) id: Arc<InvocationId>,
    pub(crate) headers: Headers<'a>,
    pub(crate) payload: &'a [u8],
}
