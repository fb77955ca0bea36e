//! `Sns` and `EventBridge`: envelopes that other services put around a content.

use std::ops::Deref;

use serde::de::IgnoredAny;

use super::content::Content;
use super::raw::{find, invalid, required_text};
use crate::error::Error;

/// A notification of Amazon SNS inside a message, as in `Sqs<Sns<T>>`, with its message read as a `T`.
///
/// It is for subscriptions without raw message delivery; with it, the message is the body, and `Sqs<T>` reads it.
/// Source: <https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html>.
///
/// ```
/// use mayfly::batch::{Sns, Sqs};
///
/// #[mayfly::batch]
/// fn print(notification: Sqs<Sns<String>>) {
///     let sns = &*notification;
///     println!("{}: {}", sns.topic_arn, sns.message);
/// }
/// # fn main() {}
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Sns<T> {
    /// The message.
    pub message: T,
    /// The id of the notification.
    pub message_id: String,
    /// The ARN of the topic.
    pub topic_arn: String,
    /// The subject, if the sender gave one.
    pub subject: Option<String>,
}

impl<T> Deref for Sns<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.message
    }
}

impl<T: Content> Content for Sns<T> {
    fn read(bytes: Vec<u8>) -> Result<Self, Error> {
        check(&bytes)?;
        Ok(Self {
            message: T::read(required_text(&bytes, &["Message"])?.into_bytes())?,
            message_id: required_text(&bytes, &["MessageId"])?,
            topic_arn: required_text(&bytes, &["TopicArn"])?,
            subject: required_text(&bytes, &["Subject"]).ok(),
        })
    }
}

/// An event of Amazon `EventBridge` inside a message, as in `Sqs<EventBridge<T>>`, with its detail read as a `T`.
///
/// Source: <https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html>.
///
/// ```
/// use mayfly::batch::{EventBridge, Sqs};
///
/// #[derive(serde::Deserialize)]
/// struct Placed {
///     order: u64,
/// }
///
/// #[mayfly::batch]
/// fn print(event: Sqs<EventBridge<Placed>>) {
///     println!("{}: {}", event.detail_type, event.detail.order);
/// }
/// # fn main() {}
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EventBridge<T> {
    /// The detail.
    pub detail: T,
    /// The id of the event.
    pub id: String,
    /// The type of the detail.
    pub detail_type: String,
    /// The service or the application that the event comes from.
    pub source: String,
    /// The time of the event, in RFC 3339.
    pub time: String,
}

impl<T> Deref for EventBridge<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.detail
    }
}

impl<T: Content> Content for EventBridge<T> {
    fn read(bytes: Vec<u8>) -> Result<Self, Error> {
        check(&bytes)?;
        let detail = find(&bytes, &["detail"]).ok_or_else(|| invalid("it has no `detail`"))?;
        Ok(Self {
            detail: T::read(detail.to_vec())?,
            id: required_text(&bytes, &["id"])?,
            detail_type: required_text(&bytes, &["detail-type"])?,
            source: required_text(&bytes, &["source"])?,
            time: required_text(&bytes, &["time"])?,
        })
    }
}

/// Checks that an envelope is JSON to its end.
fn check(bytes: &[u8]) -> Result<(), Error> {
    let outcome = serde_json::from_slice::<IgnoredAny>(bytes);
    outcome.map(drop).map_err(|error| invalid(&error.to_string()))
}
