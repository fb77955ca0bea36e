//! `Order`: an event and the reply or error that the function must post.

use mayfly_tests::{Delivery, Posted, Profile, REQUEST_ID};
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};
use serde_json::{Value, json};

const INVOCATION_ID: &str = "Lambda-Runtime-Invocation-Id";

/// An event in one of many shapes, with the expected post.
pub(crate) struct Order {
    pub(crate) delivery: Delivery,
    expected: Expected,
    echo: Option<String>,
}

enum Expected {
    Reply(Value),
    Error(&'static str),
}

impl Order {
    /// Makes the next order; some have the id of the previous one, as a second attempt does.
    pub(crate) fn new(random: &mut SmallRng, number: usize, profile: Profile, last: Option<&Delivery>) -> Self {
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
            // In the other profiles a panic ends the process.
            2 if profile == Profile::Debug => {
                order["explode"] = true.into();
                Some("Runtime.HandlerPanic")
            }
            _ => None,
        };
        let padding = if random.random_bool(0.2) { random.random_range(0..200_000) } else { 0 };
        let mut delivery = with_odd_headers(Delivery::new(format!("{order}{}{end}", " ".repeat(padding))), random);
        if random.random() {
            delivery = delivery.chunked();
        }
        if let (Some(last), true) = (last, random.random_bool(0.2)) {
            delivery = delivery.with(REQUEST_ID, last.id());
        }
        let echo = random.random_bool(0.5).then(|| format!("try-{number}"));
        if let Some(echo) = &echo {
            delivery = delivery.header(INVOCATION_ID, echo);
        }
        let expected = match error {
            Some(name) => Expected::Error(name),
            None => Expected::Reply(json!({ "number": number, "id": delivery.id() })),
        };
        Self { delivery, expected, echo }
    }

    /// Checks that a post belongs to this order.
    pub(crate) fn check(&self, posted: &Posted, whose: &str) {
        match &self.expected {
            Expected::Reply(reply) => {
                assert!(posted.is_post_to("/response"), "{whose}: {posted:?}");
                assert_eq!(posted.json(), *reply, "{whose}");
            }
            Expected::Error(name) => {
                assert!(posted.is_post_to("/error"), "{whose}: {posted:?}");
                assert_eq!(posted.text("errorType"), *name, "{whose}");
            }
        }
        assert_eq!(posted.header(INVOCATION_ID), self.echo.as_deref(), "{whose}");
    }
}

fn with_odd_headers(mut delivery: Delivery, random: &mut SmallRng) -> Delivery {
    for name in ["Lambda-Runtime-Client-Context", "LAMBDA-RUNTIME-COGNITO-IDENTITY", "X-Whatever", "Content-Encoding"] {
        for _ in 0..*[0, 0, 1, 2].choose(random).expect("the list is not empty") {
            delivery = delivery.header(name, odd_value(random, 40));
        }
    }
    match random.random_range(0..12) {
        0 => delivery = delivery.header("X-Long", odd_value(random, 100_000)),
        1 => {
            delivery = (0..60)
                .fold(delivery, |delivery, number| delivery.header(&format!("x-{number}"), odd_value(random, 9)));
        }
        2 => delivery = delivery.header(REQUEST_ID, "not-the-first"),
        3 => delivery = delivery.without("Lambda-Runtime-Deadline-Ms").without("Content-Type"),
        number @ 4..8 => {
            delivery = delivery.with("Lambda-Runtime-Deadline-Ms", ["", "soon", "600000", "-1"][number - 4]);
        }
        _ => {}
    }
    delivery
}

/// Makes random bytes that HTTP allows in a header.
fn odd_value(random: &mut SmallRng, most: usize) -> Vec<u8> {
    let mut bytes = vec![0; random.random_range(0..most)];
    random.fill_bytes(&mut bytes);
    bytes.retain(|&byte| byte >= 0x20 && byte != 0x7f);
    bytes
}
