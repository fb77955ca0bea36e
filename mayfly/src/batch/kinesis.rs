//! `Kinesis`: a record of an Amazon Kinesis data stream.

use std::ops::Deref;

use serde::de::DeserializeOwned;

use super::content::{Content, decoded};
use super::raw::{Raw, required_text};
use super::source::{Record, Source};
use crate::error::Error;

/// A record of an Amazon Kinesis data stream, with its data read as a `T`.
///
/// It dereferences to the data. The record's other data is read when a method asks for it.
///
/// ```
/// use mayfly::batch::Kinesis;
///
/// #[derive(serde::Deserialize)]
/// struct Click {
///     page: String,
/// }
///
/// #[mayfly::batch]
/// fn count(click: Kinesis<Click>) {
///     println!("{} {}", click.partition_key(), click.page);
/// }
/// # fn main() {}
/// ```
///
/// # Order
///
/// An event holds records of one shard. They are handled in their order. The first failure is reported and ends the
/// batch: Lambda delivers the failed record and all after it again.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html>.
#[derive(Clone, Debug)]
pub struct Kinesis<T> {
    data: T,
    raw: Raw,
}

impl<T> Kinesis<T> {
    /// Creates a record with that data and without other data, for a test that calls a batch function directly.
    /// `testing::record` makes one with its other data.
    #[must_use]
    pub fn new(data: T) -> Self {
        Self { data, raw: Raw::empty() }
    }

    /// Returns the data.
    pub fn into_inner(self) -> T {
        self.data
    }

    /// Returns the sequence number, which is unique in the shard.
    #[must_use]
    pub fn sequence_number(&self) -> String {
        self.raw.text(&["kinesis", "sequenceNumber"])
    }

    /// Returns the partition key.
    #[must_use]
    pub fn partition_key(&self) -> String {
        self.raw.text(&["kinesis", "partitionKey"])
    }

    /// Returns the time at which the record reached the stream, in seconds since 1970.
    #[must_use]
    pub fn arrival_timestamp(&self) -> Option<f64> {
        self.raw.get(&["kinesis", "approximateArrivalTimestamp"])
    }

    /// Returns the ARN of the stream.
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

impl<T> Deref for Kinesis<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.data
    }
}

impl<T: Content> Record for Kinesis<T> {
    const SOURCE: Source = Source::Kinesis;

    fn read(raw: Raw) -> Result<Self, Error> {
        let data = T::read(decoded(&required_text(raw.json(), &["kinesis", "data"])?)?)?;
        Ok(Self { data, raw })
    }
}
