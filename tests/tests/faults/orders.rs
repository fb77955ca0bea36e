//! What is handed out, and what must come back.

use mayfly_tests::{Event, Profile, REQUEST_ID, Request};
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};
use serde_json::{Value, json};

const INVOCATION_ID: &str = "Lambda-Runtime-Invocation-Id";

/// An invocation in one of many shapes.
pub(crate) struct Order {
    pub(crate) event: Event,
    expected: Expected,
    echo: Option<String>,
}

enum Expected {
    Reply(Value),
    Error(&'static str),
}

impl Order {
    /// The next one; some have the id of the one before, as a second attempt has.
    pub(crate) fn new(random: &mut SmallRng, number: usize, profile: Profile, last: Option<&Event>) -> Self {
        let mut order = json!({ "number": number, "pause_ms": random.random_range(0..3) });
        let mut end = "";
        let error = match random.random_range(0..10) {
            0 => {
                end = "]";
                Some("Runtime.InvalidEvent")
            }
            1 => {
                order["fail"] = true.into();
                Some("Failed")
            }
            // In the other profiles a panic is the end.
            2 if profile == Profile::Debug => {
                order["explode"] = true.into();
                Some("Runtime.HandlerPanic")
            }
            _ => None,
        };
        let padding = if random.random_bool(0.2) { random.random_range(0..200_000) } else { 0 };
        let mut event = with_odd_headers(Event::new(format!("{order}{}{end}", " ".repeat(padding))), random);
        if random.random() {
            event = event.chunked();
        }
        if let (Some(last), true) = (last, random.random_bool(0.2)) {
            event = event.with(REQUEST_ID, last.id());
        }
        let echo = random.random_bool(0.5).then(|| format!("try-{number}"));
        if let Some(echo) = &echo {
            event = event.header(INVOCATION_ID, echo);
        }
        let expected = match error {
            Some(name) => Expected::Error(name),
            None => Expected::Reply(json!({ "number": number, "id": event.id() })),
        };
        Self { event, expected, echo }
    }

    /// Looks whether it is the answer to this order and no other.
    pub(crate) fn check(&self, answer: &Request, whose: &str) {
        match &self.expected {
            Expected::Reply(reply) => {
                assert!(answer.is_post_to("/response"), "{whose}: {answer:?}");
                assert_eq!(answer.json(), *reply, "{whose}");
            }
            Expected::Error(name) => {
                assert!(answer.is_post_to("/error"), "{whose}: {answer:?}");
                assert_eq!(answer.text("errorType"), *name, "{whose}");
            }
        }
        assert_eq!(answer.header(INVOCATION_ID), self.echo.as_deref(), "{whose}");
    }
}

fn with_odd_headers(mut event: Event, random: &mut SmallRng) -> Event {
    for name in ["Lambda-Runtime-Client-Context", "LAMBDA-RUNTIME-COGNITO-IDENTITY", "X-Whatever", "Content-Encoding"] {
        for _ in 0..*[0, 0, 1, 2].choose(random).expect("there are some") {
            event = event.header(name, odd_value(random, 40));
        }
    }
    match random.random_range(0..12) {
        0 => event = event.header("X-Long", odd_value(random, 100_000)),
        1 => event = (0..60).fold(event, |event, number| event.header(&format!("x-{number}"), odd_value(random, 9))),
        2 => event = event.header(REQUEST_ID, "not-the-first"),
        3 => event = event.without("Lambda-Runtime-Deadline-Ms").without("Content-Type"),
        number @ 4..8 => event = event.with("Lambda-Runtime-Deadline-Ms", ["", "soon", "600000", "-1"][number - 4]),
        _ => {}
    }
    event
}

/// Whatever HTTP lets through.
fn odd_value(random: &mut SmallRng, most: usize) -> Vec<u8> {
    let mut bytes = vec![0; random.random_range(0..most)];
    random.fill_bytes(&mut bytes);
    bytes.retain(|&byte| byte >= 0x20 && byte != 0x7f);
    bytes
}
