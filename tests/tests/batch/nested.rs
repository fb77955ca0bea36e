//! Envelopes inside messages.

use mayfly::batch::{EventBridge, Sns, Sqs, Text};
use mayfly::testing;
use serde_json::{Value, json};

#[mayfly::batch(name = "sns")]
fn sns(message: Sqs<Sns<u64>>) {
    assert_eq!(message.message, 7);
    assert_eq!((message.topic_arn.as_str(), message.subject.as_deref()), ("arn:topic", Some("hi")));
}

#[mayfly::batch(name = "deep")]
fn deep(message: Sqs<Sns<Sns<Text>>>) {
    assert_eq!(&***message.into_inner(), "text");
}

#[mayfly::batch(name = "bridge")]
fn bridge(message: Sqs<EventBridge<Vec<u64>>>) {
    assert_eq!(message.detail, [1, 2]);
    assert_eq!((message.source.as_str(), message.detail_type.as_str()), ("my.app", "Placed"));
}

fn notification(message: &str) -> String {
    json!({"Type": "Notification", "MessageId": "n", "TopicArn": "arn:topic", "Subject": "hi", "Message": message})
        .to_string()
}

fn failures(handler: &str, bodies: &[&str]) -> Value {
    let records: Vec<_> =
        bodies.iter().enumerate().map(|(id, body)| json!({"messageId": id.to_string(), "body": body})).collect();
    testing::invoke(handler).event(json!({"Records": records})).run().unwrap().json::<Value>()["batchItemFailures"]
        .take()
}

#[test]
fn a_nested_content_is_read_and_one_that_does_not_fit_fails_alone() {
    let only_the_second = json!([{"itemIdentifier": "1"}]);
    assert_eq!(failures("sns", &[&notification("7"), &notification("x")]), only_the_second);
    assert_eq!(failures("deep", &[&notification(&notification("text")), &notification("text")]), only_the_second);
    let event = json!({"id": "e", "detail-type": "Placed", "source": "my.app", "time": "now", "detail": [1, 2]});
    assert_eq!(failures("bridge", &[&event.to_string(), "{}"]), only_the_second);
}

#[test]
fn an_envelope_that_is_not_json_to_its_end_fails_alone() {
    let only_the_second = json!([{"itemIdentifier": "1"}]);
    let bridge = json!({"id": "e", "detail-type": "Placed", "source": "my.app", "time": "now", "detail": [1, 2]});
    for (handler, whole) in [("sns", notification("7")), ("bridge", bridge.to_string())] {
        for garbage in ["x", "}", "{}"] {
            assert_eq!(failures(handler, &[&whole, &format!("{whole}{garbage}")]), only_the_second, "{garbage}");
        }
    }
}
