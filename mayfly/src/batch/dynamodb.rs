//! `DynamoDb`: a change in a table of Amazon `DynamoDB`.

use std::ops::Deref;

use serde::de::DeserializeOwned;

use super::attribute_value;
use super::raw::{Raw, invalid};
use super::source::{Record, Source};
use crate::error::Error;

/// A change in a table of Amazon `DynamoDB`, with the item read as a `T`.
///
/// It dereferences to the item after the change. Where the stream has no new image, which is so for an item that was
/// removed, it is the item before the change, and where it has no image at all, the keys. The type describes the item
/// itself, and reads it as it reads the same JSON. A number is read into a number or, with all its digits, a `String`;
/// binary data into a `Vec<u8>` or an array; a set into a `Vec` or a set. Where serde reads a value before it knows the
/// type, as in an untagged enum, an integer that neither 64 bits nor an `f64` hold is a `String`.
///
/// ```
/// use mayfly::batch::DynamoDb;
///
/// #[derive(serde::Deserialize)]
/// struct Account {
///     id: String,
///     balance: i64,
/// }
///
/// #[mayfly::batch]
/// fn audit(account: DynamoDb<Account>) -> Result<(), mayfly::Error> {
///     let before = account.old()?.map(|account| account.balance);
///     println!("{} {}: {before:?} -> {}", account.event_name(), account.id, account.balance);
///     Ok(())
/// }
/// # fn main() {}
/// ```
///
/// # Order
///
/// As for [`Kinesis`](super::Kinesis).
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html>.
#[derive(Clone, Debug)]
pub struct DynamoDb<T> {
    item: T,
    raw: Raw,
}

impl<T: DeserializeOwned> DynamoDb<T> {
    /// Reads the item before the change; `None` if the stream has no old image of it.
    ///
    /// # Errors
    /// Returns `Runtime.InvalidRecord` if the image cannot be read as a `T`.
    pub fn old(&self) -> Result<Option<T>, Error> {
        self.raw.find(&["dynamodb", "OldImage"]).map(attribute_value::read).transpose()
    }
}

impl<T> DynamoDb<T> {
    /// Creates a record with that item and without other data, for a test that calls a batch function directly.
    /// `testing::record` makes one with its other data.
    #[must_use]
    pub fn new(item: T) -> Self {
        Self { item, raw: Raw::empty() }
    }

    /// Returns the item.
    pub fn into_inner(self) -> T {
        self.item
    }

    /// Reads the keys of the item as another type.
    ///
    /// # Errors
    /// Returns `Runtime.InvalidRecord` if they cannot be read as a `K`.
    pub fn keys<K: DeserializeOwned>(&self) -> Result<K, Error> {
        let keys = self.raw.find(&["dynamodb", "Keys"]).ok_or_else(|| invalid("it has no `dynamodb.Keys`"))?;
        attribute_value::read(keys)
    }

    /// Returns `INSERT`, `MODIFY` or `REMOVE`.
    #[must_use]
    pub fn event_name(&self) -> String {
        self.raw.text(&["eventName"])
    }

    /// Returns the sequence number, which is unique in the shard.
    #[must_use]
    pub fn sequence_number(&self) -> String {
        self.raw.text(&["dynamodb", "SequenceNumber"])
    }

    /// Returns the ARN of the table's stream.
    #[must_use]
    pub fn stream_arn(&self) -> String {
        self.raw.text(&["eventSourceARN"])
    }

    /// Reads the whole record as another type; `None` if it does not fit.
    #[must_use]
    pub fn record<R: DeserializeOwned>(&self) -> Option<R> {
        self.raw.get(&[])
    }
}

impl<T> Deref for DynamoDb<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.item
    }
}

impl<T: DeserializeOwned> Record for DynamoDb<T> {
    const SOURCE: Source = Source::DynamoDb;

    fn read(raw: Raw) -> Result<Self, Error> {
        let images = ["NewImage", "OldImage", "Keys"];
        let image = images.iter().find_map(|image| raw.find(&["dynamodb", image]));
        let item = attribute_value::read(image.ok_or_else(|| invalid("it has no image and no keys"))?)?;
        Ok(Self { item, raw })
    }
}
