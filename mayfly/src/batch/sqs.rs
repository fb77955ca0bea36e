//! `Sqs`: a message of an Amazon SQS queue.

use std::ops::Deref;

use serde::de::DeserializeOwned;

use super::content::Content;
use super::raw::{Raw, required_text};
use super::source::{Record, Source};
use crate::error::Error;

/// A message of an Amazon SQS queue, with its body read as a `T`.
///
/// It dereferences to the body. The message's other data is read when a method asks for it.
///
/// ```
/// use mayfly::batch::Sqs;
///
/// #[derive(serde::Deserialize)]
/// struct Order {
///     id: u64,
/// }
///
/// #[mayfly::batch]
/// fn reserve(order: Sqs<Order>) -> Result<(), mayfly::Error> {
///     println!("message {} orders {}", order.message_id(), order.id);
///     Ok(())
/// }
/// # fn main() {}
/// ```
///
/// # Order
///
/// The messages of a standard queue have no order. In a FIFO queue, whose ARN ends in `.fifo`, the messages of one group
/// are handled in their order, and the first failure ends its group: the rest of the group fails with it, and the other
/// groups go on. A group's messages therefore reach the dead-letter queue together with the one that cannot be handled.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>.
#[derive(Clone, Debug)]
pub struct Sqs<T> {
    body: T,
    raw: Raw,
}

impl<T> Sqs<T> {
    /// Creates a message with that body and without other data, for a test that calls a batch function directly.
    /// `testing::record` makes one with its other data.
    ///
    /// ```
    /// use mayfly::batch::Sqs;
    ///
    /// #[mayfly::batch]
    /// fn reserve(pieces: Sqs<u32>) -> Result<(), mayfly::Error> {
    ///     if *pieces > 9 { Err(mayfly::Error::new("SoldOut", "there are not so many pieces")) } else { Ok(()) }
    /// }
    ///
    /// fn main() {
    ///     assert!(reserve(Sqs::new(3)).is_ok());
    ///     assert_eq!(reserve(Sqs::new(20)).unwrap_err().name(), "SoldOut");
    /// }
    /// ```
    #[must_use]
    pub fn new(body: T) -> Self {
        Self { body, raw: Raw::empty() }
    }

    /// Returns the body.
    pub fn into_inner(self) -> T {
        self.body
    }

    /// Returns the id of the message.
    #[must_use]
    pub fn message_id(&self) -> String {
        self.raw.text(&["messageId"])
    }

    /// Returns the text of the body as the queue delivered it.
    #[must_use]
    pub fn text(&self) -> String {
        self.raw.text(&["body"])
    }

    /// Returns the message group, which messages of FIFO queues have and those of standard queues may have.
    #[must_use]
    pub fn group(&self) -> Option<String> {
        self.attribute("MessageGroupId")
    }

    /// Returns how often the message was received so far, including this time.
    #[must_use]
    pub fn receive_count(&self) -> Option<u32> {
        self.attribute("ApproximateReceiveCount")?.parse().ok()
    }

    /// Returns a system attribute, such as `SentTimestamp`.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<String> {
        self.raw.get(&["attributes", name])
    }

    /// Returns a message attribute of the sender as text: the text of one of type `String` or `Number`, the base64 of
    /// one of type `Binary`.
    #[must_use]
    pub fn message_attribute(&self, name: &str) -> Option<String> {
        let value = |member| self.raw.get(&["messageAttributes", name, member]);
        value("stringValue").or_else(|| value("binaryValue"))
    }

    /// Returns the ARN of the queue.
    #[must_use]
    pub fn queue_arn(&self) -> String {
        self.raw.text(&["eventSourceARN"])
    }

    /// Reads the whole record as another type; `None` if it does not fit.
    #[must_use]
    pub fn record<R: DeserializeOwned>(&self) -> Option<R> {
        self.raw.get(&[])
    }
}

impl<T> Deref for Sqs<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.body
    }
}

impl<T: Content> Record for Sqs<T> {
    const SOURCE: Source = Source::Sqs;

    fn read(raw: Raw) -> Result<Self, Error> {
        let body = T::read(required_text(raw.json(), &["body"])?.into_bytes())?;
        Ok(Self { body, raw })
    }
}
