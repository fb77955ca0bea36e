//! Events that no gateway sends: each is answered or reported, and nothing panics.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

use crate::events::{http_api, of_every_source, websocket};

/// A value of any kind, as a caller, a header or a broken proxy may make it.
pub(crate) fn any_value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "(?s).{0,12}",
        "[ -~]{0,12}",
        Just("%".to_owned()),
        Just("/../%2e%2e//?#".to_owned()),
        Just("\u{0}\r\n\u{7f}\u{fffd}".to_owned()),
        Just("x".repeat(70_000)),
        Just("$default".to_owned()),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec(("(?s).{0,8}", inner), 0..4)
                .prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

/// The members that describe a request.
pub(crate) const PLACES: [&str; 19] = [
    "/httpMethod",
    "/method",
    "/path",
    "/rawPath",
    "/rawQueryString",
    "/headers",
    "/multiValueHeaders",
    "/cookies",
    "/body",
    "/isBase64Encoded",
    "/queryStringParameters",
    "/multiValueQueryStringParameters",
    "/requestContext",
    "/requestContext/http",
    "/requestContext/http/method",
    "/requestContext/stage",
    "/requestContext/domainName",
    "/requestContext/elb",
    "/requestContext/routeKey",
];

/// Puts a value into an event, where its parent is an object.
pub(crate) fn put(event: &mut Value, place: &str, value: Value) {
    let (parent, name) = place.rsplit_once('/').expect("a place begins with a slash");
    if let Some(Value::Object(parent)) = event.pointer_mut(parent) {
        parent.insert(name.to_owned(), value);
    }
}

fn assert_answered(payload: Vec<u8>) -> Result<(), TestCaseError> {
    match mayfly::testing::invoke("echo").payload(payload).run() {
        Ok(reply) => {
            let status = reply.json::<Value>()["statusCode"].as_u64().unwrap_or_default();
            prop_assert!(matches!(status, 200 | 400 | 414 | 431), "{status}");
        }
        Err(failure) => prop_assert_eq!(failure.error_type(), "Runtime.InvalidEvent", "{}", failure),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_anywhere_in_an_event_is_answered(
        source in 0..7_usize,
        changes in vec((0..PLACES.len(), any_value()), 1..4),
    ) {
        let mut events: Vec<_> = of_every_source("/x").into_iter().map(|(_, event)| event).collect();
        events.push(websocket("send", "MESSAGE"));
        let mut event = events.swap_remove(source);
        for (place, value) in changes {
            put(&mut event, PLACES[place], value);
        }
        assert_answered(event.to_string().into_bytes())?;
    }

    #[test]
    fn any_bytes_are_answered(bytes in vec(any::<u8>(), 0..200), cut in 0..200_usize) {
        assert_answered(bytes)?;
        let event = http_api("/x").to_string().into_bytes();
        assert_answered(event[..cut.min(event.len())].to_vec())?;
    }
}
