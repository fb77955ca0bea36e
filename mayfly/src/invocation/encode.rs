//! `Reply`: the trait by which the handler's reply becomes bytes.

use serde::Serialize;

use crate::error::Error;
use crate::runtime_api::outgoing::Outgoing;

/// A type that a handler can return as its reply: any type that implements [`serde::Serialize`], and
/// [`Stream`](crate::Stream).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent as a Lambda reply",
    label = "not a reply",
    note = "derive `serde::Serialize` for it"
)]
pub trait Reply: Sized {
    /// Writes the reply to `outgoing`, which is empty.
    ///
    /// # Errors
    /// Returns `Runtime.InvalidResponse` if JSON cannot represent the reply.
    fn put(self, outgoing: &mut Outgoing) -> Result<(), Error>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> Reply for T {
    fn put(self, outgoing: &mut Outgoing) -> Result<(), Error> {
        serde_json::to_writer(&mut outgoing.bytes, &self).map_err(|error| invalid_response(&error))
    }
}

#[cold]
fn invalid_response(error: &serde_json::Error) -> Error {
    Error::runtime("Runtime.InvalidResponse", format!("Invalid response format: the reply is not JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_reply_is_written_as_json() {
        let mut outgoing = Outgoing::default();
        ().put(&mut outgoing).unwrap();
        assert_eq!(outgoing.bytes, b"null");
        outgoing.clear();
        "new".put(&mut outgoing).unwrap();
        assert_eq!(outgoing.bytes, b"\"new\"");
    }

    #[test]
    fn a_value_that_json_cannot_represent_is_an_invalid_response() {
        let error = BTreeMap::from([((1, 2), 3)]).put(&mut Outgoing::default()).unwrap_err();
        assert_eq!(error.name(), "Runtime.InvalidResponse");
        assert!(error.message().starts_with("Invalid response format: "), "{}", error.message());
    }
}
