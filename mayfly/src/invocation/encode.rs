//! The handler's reply becomes bytes.

use serde::Serialize;

use crate::error::Error;

/// A type that can be sent as a handler's reply: whatever implements [`serde::Serialize`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent as a Lambda reply",
    label = "not a reply",
    note = "derive `serde::Serialize` for it"
)]
pub trait Reply {
    /// Writes the reply to the end of `buffer`.
    ///
    /// # Errors
    /// What serde says of the value that JSON cannot hold.
    fn write(&self, buffer: &mut Vec<u8>) -> Result<(), serde_json::Error>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> Reply for T {
    fn write(&self, buffer: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        serde_json::to_writer(buffer, self)
    }
}

/// Writes a reply into the emptied `buffer`.
///
/// # Errors
/// `Runtime.InvalidResponse` if JSON cannot hold it.
pub(crate) fn encode<T: Reply>(reply: &T, buffer: &mut Vec<u8>) -> Result<(), Error> {
    buffer.clear();
    reply.write(buffer).map_err(|error| invalid_response(&error))
}

#[cold]
fn invalid_response(error: &serde_json::Error) -> Error {
    Error::runtime("Runtime.InvalidResponse", format!("Invalid response format: the reply is not JSON: {error}"))
}

/// Gives back the memory of an unusually large reply; that of an ordinary one serves the next.
pub(crate) fn give_back(buffer: &mut Vec<u8>) {
    const KEPT_REPLY: usize = 8 << 20;
    if buffer.capacity() > KEPT_REPLY {
        *buffer = Vec::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_written_over_the_last_one() {
        let mut buffer = b"old".to_vec();
        encode(&(), &mut buffer).unwrap();
        assert_eq!(buffer, b"null");
        encode(&"new", &mut buffer).unwrap();
        assert_eq!(buffer, b"\"new\"");
    }

    #[test]
    fn what_json_cannot_hold_is_an_invalid_response() {
        let error = encode(&std::collections::BTreeMap::from([((1, 2), 3)]), &mut Vec::new()).unwrap_err();
        assert_eq!(error.name(), "Runtime.InvalidResponse");
        assert!(error.message().starts_with("Invalid response format: "), "{}", error.message());
    }

    #[test]
    fn memory_of_a_large_reply_is_given_back() {
        let mut buffer = Vec::with_capacity(9 << 20);
        give_back(&mut buffer);
        assert_eq!(buffer.capacity(), 0);
        let mut buffer = Vec::with_capacity(64);
        give_back(&mut buffer);
        assert_eq!(buffer.capacity(), 64);
    }
}
