//! `Content`, the trait of the values that records carry, and `Text` and `Bytes`, which carry them unparsed.

use std::any::type_name;
use std::ops::Deref;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;

use super::raw::invalid;
use crate::error::Error;

/// A value that a record carries: any type that implements `serde::de::DeserializeOwned`, read from JSON; [`Text`] and
/// [`Bytes`], which are not parsed; and the envelopes [`Sns`](super::Sns) and [`EventBridge`](super::EventBridge).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a record",
    label = "not the content of a record",
    note = "derive `serde::Deserialize` for it, without borrowing, or take `Text` or `Bytes`"
)]
pub trait Content: Sized {
    /// Reads the value from the bytes that the record carries.
    ///
    /// # Errors
    /// Returns `Runtime.InvalidRecord` if the bytes are not those of such a value.
    fn read(bytes: Vec<u8>) -> Result<Self, Error>;

    /// Returns the value of a record that carries none, such as a tombstone of Kafka: `None` of an `Option`.
    ///
    /// # Errors
    /// Returns `Runtime.InvalidRecord` if such a value cannot be absent.
    fn absent() -> Result<Self, Error> {
        Err(invalid("it has no `value`"))
    }
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> Content for T {
    fn read(bytes: Vec<u8>) -> Result<Self, Error> {
        serde_json::from_slice(&bytes).map_err(|error| invalid(&format!("as `{}`: {error}", type_name::<T>())))
    }

    fn absent() -> Result<Self, Error> {
        serde_json::from_slice(b"null")
            .map_err(|_| invalid("it has no `value`, as a tombstone; an `Option` takes such a record as `None`"))
    }
}

/// The text of a record, unparsed.
///
/// ```
/// use mayfly::batch::{Sqs, Text};
///
/// #[mayfly::batch]
/// fn print(message: Sqs<Text>) {
///     println!("{}", message.to_uppercase());
/// }
/// # fn main() {}
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(pub String);

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Content for Text {
    fn read(bytes: Vec<u8>) -> Result<Self, Error> {
        String::from_utf8(bytes).map(Self).map_err(|error| invalid(&error.to_string()))
    }
}

/// The bytes of a record, unparsed.
///
/// ```
/// use mayfly::batch::{Bytes, Kinesis};
///
/// #[mayfly::batch]
/// fn count(record: Kinesis<Bytes>) {
///     println!("{} bytes", record.len());
/// }
/// # fn main() {}
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Content for Bytes {
    fn read(bytes: Vec<u8>) -> Result<Self, Error> {
        Ok(Self(bytes))
    }
}

/// Reads base64.
pub(super) fn decoded(text: &str) -> Result<Vec<u8>, Error> {
    STANDARD.decode(text).map_err(|error| invalid(&format!("its data is not base64: {error}")))
}
