//! `Source`, the event sources that deliver batches, and `Record`, the trait of their records.

use std::marker::PhantomData;
use std::ops::Deref;

use super::raw::Raw;
use crate::error::Error;

/// An event source that delivers batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// A queue of Amazon SQS.
    Sqs,
    /// A data stream of Amazon Kinesis.
    Kinesis,
    /// The stream of a table of Amazon `DynamoDB`.
    DynamoDb,
    /// A topic of Apache Kafka, on Amazon MSK or elsewhere.
    Kafka,
}

impl Source {
    /// Returns the name by which the registry lists the source.
    #[doc(hidden)]
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqs => "sqs",
            Self::Kinesis => "kinesis",
            Self::DynamoDb => "dynamodb",
            Self::Kafka => "kafka",
        }
    }

    /// Returns the name of an event for a message.
    pub(super) fn batch(self) -> &'static str {
        match self {
            Self::Sqs => "a batch of Amazon SQS",
            Self::Kinesis => "a batch of Amazon Kinesis",
            Self::DynamoDb => "a batch of DynamoDB Streams",
            Self::Kafka => "a batch of Apache Kafka",
        }
    }

    /// Returns the values of `eventSource` in the events of this source.
    pub(super) fn event_sources(self) -> &'static [&'static str] {
        match self {
            Self::Sqs => &["aws:sqs"],
            Self::Kinesis => &["aws:kinesis"],
            Self::DynamoDb => &["aws:dynamodb"],
            Self::Kafka => &["aws:kafka", "SelfManagedKafka"],
        }
    }

    /// Returns the path of the member that identifies a record in the reply.
    pub(super) fn identifier(self) -> &'static [&'static str] {
        match self {
            Self::Sqs => &["messageId"],
            Self::Kinesis => &["kinesis", "sequenceNumber"],
            Self::DynamoDb => &["dynamodb", "SequenceNumber"],
            Self::Kafka => &["offset"],
        }
    }
}

/// A record of one of the sources: [`Sqs`](super::Sqs), [`Kinesis`](super::Kinesis),
/// [`DynamoDb`](super::DynamoDb) or [`Kafka`](super::Kafka).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a record of a batch",
    label = "not a record",
    note = "the first parameter is `Sqs<T>`, `Kinesis<T>`, `DynamoDb<T>` or `Kafka<T>` from `mayfly::batch`; a function \
            of the whole event is a handler: `#[mayfly::handler]`"
)]
pub trait Record: Sized {
    #[doc(hidden)]
    const SOURCE: Source;

    /// Reads the record.
    #[doc(hidden)]
    fn read(raw: Raw) -> Result<Self, Error>;
}

/// A tag for the type of a record, which works like the tags in `invocation/returned.rs`.
#[derive(Debug)]
pub struct Tag<T>(PhantomData<T>);

/// The tag for a type that is no record.
#[derive(Debug)]
pub struct NoRecord<T>(PhantomData<T>);

impl<T> Deref for Tag<T> {
    type Target = NoRecord<T>;

    fn deref(&self) -> &NoRecord<T> {
        &NoRecord(PhantomData)
    }
}

impl<T> Tag<T> {
    /// A tag whose type is inferred later.
    pub const TAG: Self = Self(PhantomData);

    /// Infers the tag's type from a value.
    pub fn is(&self, _: &T) {}
}

impl<T: Record> Tag<T> {
    /// Returns the source of the record.
    #[must_use]
    pub fn source(&self) -> Source {
        T::SOURCE
    }
}

impl<T> NoRecord<T> {
    /// Returns some source. The compile error comes from the code that reads the record.
    #[must_use]
    #[expect(clippy::unused_self, reason = "the receiver selects the method")]
    pub fn source(&self) -> Source {
        Source::Sqs
    }
}

/// The return value of a batch function: nothing, since the reply is made of the records that failed.
#[diagnostic::on_unimplemented(
    message = "a batch function returns nothing, and this one returns `{Self}`",
    label = "not `()`",
    note = "return `()` or `Result<(), E>`; Mayfly makes the reply of the records that failed"
)]
pub trait Nothing {}

impl Nothing for () {}

/// Accepts the return value of a batch function.
///
/// # Errors
/// Never returns an error.
pub fn done<T: Nothing>(_: T) -> Result<(), Error> {
    Ok(())
}
