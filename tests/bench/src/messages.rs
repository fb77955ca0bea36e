//! The messages of a queue, which the stand-in hands out as one event of Amazon SQS.

use serde_json::{Value, json};

/// The distance of the orders that are too large, which fail.
const FAILING: usize = 1000;

/// A message, in which words in angle brackets stand for the parts that differ. Its members are in the order of AWS's own.
const MESSAGE: &str = concat!(
    r#"{"messageId":"<id>","receiptHandle":"AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a+rs5cIpB2RBBnXxAjtWV9p0Iq6DZ7Wd9u3TWZ8Ug==","#,
    r#""body":<body>,"attributes":{"ApproximateReceiveCount":"1","SentTimestamp":"1795644588000","#,
    r#""SenderId":"AIDAIENQZJOLO23YVJ4VO","ApproximateFirstReceiveTimestamp":"1795644588012"},"messageAttributes":{},"#,
    r#""md5OfBody":"e4e68fb7bd0e697a0ae8f1bb342846b3","eventSource":"aws:sqs","#,
    r#""eventSourceARN":"arn:aws:sqs:eu-central-1:123456789012:orders","awsRegion":"eu-central-1"}"#
);

/// Returns the event with that many messages.
pub(crate) fn event(messages: usize) -> Vec<u8> {
    let messages: Vec<_> = (0..messages).map(message).collect();
    format!(r#"{{"Records":[{}]}}"#, messages.join(",")).into_bytes()
}

/// Returns whether a reply names the orders that are too large, and no other.
pub(crate) fn are_answered_by(messages: usize, reply: &[u8]) -> bool {
    let failures = (0..messages).step_by(FAILING).map(|number| json!({ "itemIdentifier": id(number) }));
    let failures: Vec<_> = failures.collect();
    serde_json::from_slice::<Value>(reply).is_ok_and(|reply| reply == json!({ "batchItemFailures": failures }))
}

fn message(number: usize) -> String {
    let pieces = if number.is_multiple_of(FAILING) { 5000 } else { number % 7 + 1 };
    let body = format!(r#"{{"id":{number},"customer":"Ada Lovelace","pieces":{pieces}}}"#);
    MESSAGE.replace("<id>", &id(number)).replace("<body>", &Value::from(body).to_string())
}

fn id(number: usize) -> String {
    format!("059f36b4-87a3-44ab-83d2-{number:012}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_holds_that_many_messages() {
        let event: Value = serde_json::from_slice(&event(3)).unwrap();
        let body = |number: usize| -> Value {
            serde_json::from_str(event["Records"][number]["body"].as_str().unwrap()).unwrap()
        };
        assert_eq!(event["Records"].as_array().map(Vec::len), Some(3));
        assert_eq!(event["Records"][2]["messageId"], id(2));
        assert_eq!((&body(0)["pieces"], &body(2)["pieces"]), (&json!(5000), &json!(3)));
    }

    #[test]
    fn a_wrong_reply_is_noticed() {
        let reply = |ids: &[usize]| {
            let failures: Vec<_> = ids.iter().map(|&number| json!({ "itemIdentifier": id(number) })).collect();
            json!({ "batchItemFailures": failures }).to_string().into_bytes()
        };
        assert!(are_answered_by(1001, &reply(&[0, 1000])));
        assert!(!are_answered_by(1001, &reply(&[0])));
        assert!(!are_answered_by(1001, &reply(&[0, 1, 1000])));
        assert!(!are_answered_by(1001, b"null"));
    }
}
