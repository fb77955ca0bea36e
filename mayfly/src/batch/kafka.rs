//! `Kafka`: a record of an Apache Kafka topic.

use std::ops::Deref;

use serde::de::DeserializeOwned;

use super::content::{Content, decoded};
use super::raw::{Raw, required_text};
use super::source::{Record, Source};
use crate::error::Error;

/// A record of an Apache Kafka topic, on Amazon MSK or elsewhere, with its value read as a `T`.
///
/// It dereferences to the value. The record's other data is read when a method asks for it.
///
/// ```
/// use mayfly::batch::Kafka;
///
/// #[mayfly::batch]
/// fn print(line: Kafka<String>) {
///     println!("{}/{} at {}: {}", line.topic(), line.partition(), line.offset(), *line);
/// }
/// # fn main() {}
/// ```
///
/// A tombstone, which has no value, is the `None` of a `Kafka<Option<T>>`; in any other `Kafka<T>` it fails.
///
/// # Order
///
/// The records of one partition of a topic are handled in their order. The first failure ends its partition and is
/// reported with the partition and the offset; the other partitions go on. Partial replies need the provisioned mode of
/// the event source mapping.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html>.
#[derive(Clone, Debug)]
pub struct Kafka<T> {
    value: T,
    raw: Raw,
}

impl<T> Kafka<T> {
    /// Creates a record with that value and without other data, for a test that calls a batch function directly.
    /// `testing::record` makes one with its other data.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self { value, raw: Raw::empty() }
    }

    /// Returns the value.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// Returns the topic.
    #[must_use]
    pub fn topic(&self) -> String {
        self.raw.text(&["topic"])
    }

    /// Returns the number of the partition.
    #[must_use]
    pub fn partition(&self) -> i32 {
        self.raw.get(&["partition"]).unwrap_or_default()
    }

    /// Returns the offset in the partition.
    #[must_use]
    pub fn offset(&self) -> i64 {
        self.raw.get(&["offset"]).unwrap_or_default()
    }

    /// Returns the bytes of the key, if the record has one.
    #[must_use]
    pub fn key(&self) -> Option<Vec<u8>> {
        decoded(&self.raw.get::<String>(&["key"])?).ok()
    }

    /// Returns the timestamp in milliseconds since 1970.
    #[must_use]
    pub fn timestamp(&self) -> Option<i64> {
        self.raw.get(&["timestamp"])
    }

    /// Returns the bytes of the first header with that name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<Vec<u8>> {
        let headers: Vec<std::collections::HashMap<String, Vec<i16>>> = self.raw.get(&["headers"])?;
        let value = headers.into_iter().find_map(|mut header| header.remove(name))?;
        // A JVM writes its signed bytes.
        Some(value.into_iter().map(|byte| byte.to_le_bytes()[0]).collect())
    }

    /// Reads the whole record as another type; `None` if it does not fit.
    #[must_use]
    pub fn record<R: DeserializeOwned>(&self) -> Option<R> {
        self.raw.get(&[])
    }
}

impl<T> Deref for Kafka<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: Content> Record for Kafka<T> {
    const SOURCE: Source = Source::Kafka;

    fn read(raw: Raw) -> Result<Self, Error> {
        let value = match raw.find(&["value"]) {
            Some(_) => T::read(decoded(&required_text(raw.json(), &["value"])?)?)?,
            None => T::absent()?,
        };
        Ok(Self { value, raw })
    }
}
