//! Quotes of a bad event in its error: at most 40 characters of a value or key, in the report and in the log.

use std::collections::BTreeMap;
use std::fmt::Debug;

use mayfly_tests::{Delivery, Process, Profile, RuntimeApi, greeter};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, Unexpected};

const SECRET: &str = "4111-1111-1111-1111";

/// Returns the message of the error for `event`.
fn message<'a, T: mayfly::Event<'a> + Debug>(event: &'a str) -> String {
    T::read(event.as_bytes()).unwrap_err().message().to_owned()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only read")]
struct Card {
    number: u64,
    kind: Option<Kind>,
}

#[derive(Debug, Deserialize)]
enum Kind {
    Debit,
    Credit,
}

/// A type that makes its error from the event; the digit before the event chooses the constructor.
#[derive(Debug)]
struct Refused;

impl<'de> Deserialize<'de> for Refused {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let event = String::deserialize(deserializer)?;
        let (way, text) = event.split_at(1);
        Err(match way {
            "0" => D::Error::invalid_type(Unexpected::Str(text), &"a card"),
            "1" => D::Error::invalid_value(Unexpected::Str(text), &"a card"),
            "2" => D::Error::unknown_variant(text, &["debit", "credit"]),
            "3" => D::Error::unknown_variant(text, &[]),
            "4" => D::Error::unknown_field(text, &["number"]),
            "5" => D::Error::unknown_field(text, &[]),
            "6" => D::Error::custom(format!("no card: invalid type: string {text:?}, expected a card")),
            "7" => D::Error::custom(format!("no card: unknown variant `{text}`, expected `debit` or `credit`")),
            "8" => D::Error::invalid_length(text.len(), &"a card"),
            _ => D::Error::invalid_type(Unexpected::Bytes(text.as_bytes()), &"a card"),
        })
    }
}

#[test]
fn every_error_of_serde_cuts_a_long_value_and_keeps_the_expectation() {
    let expected = [
        ", expected a card",
        ", expected a card",
        ", expected `debit` or `credit`",
        ", there are no variants",
        ", expected `number`",
        ", there are no fields",
        ", expected a card",
        ", expected `debit` or `credit`",
        ", expected a card",
        ", expected a card",
    ];
    let tricks = [
        "`, expected `x",
        "`, there are no fields",
        "\", expected a card",
        "\\",
        "\n",
        "é",
        "string \"",
        " at line 1 column 5",
    ];
    for (way, expected) in expected.iter().enumerate() {
        for trick in tricks {
            for filling in [trick.to_owned(), "x".repeat(100) + trick, trick.repeat(1_000), "é".repeat(1_000) + trick]
            {
                let event = format!("{way}{filling}{SECRET}{filling}");
                let message = message::<Refused>(&serde_json::to_string(&event).unwrap());
                assert!(message.contains(expected), "{way} {trick:?}: {}", &message[..message.len().min(400)]);
                assert!(message.len() < 400, "{way} {trick:?}: {} bytes", message.len());
                assert!(filling.len() < 50 || !message.contains(SECRET), "{way} {trick:?}: {message}");
            }
        }
    }
}

#[test]
fn a_long_value_is_cut_at_every_place() {
    let long = format!("{}{SECRET}", "x".repeat(2_000_000));
    let cut = format!("{}…", "x".repeat(40));
    for (event, quoted) in [
        (format!("\"{long}\""), format!("string \"{cut}\", expected struct Card")),
        (format!(r#"{{"number":"{long}"}}"#), format!("string \"{cut}\", expected u64")),
        (format!(r#"{{"{long}":1}}"#), format!("unknown field `{cut}`, expected `number` or `kind`")),
        (format!(r#"{{"kind":"{long}"}}"#), format!("unknown variant `{cut}`, expected `Debit` or `Credit`")),
        (format!(r#"{{"kind":{{"{long}":1}}}}"#), format!("unknown variant `{cut}`, expected `Debit` or `Credit`")),
    ] {
        let message = message::<Card>(&event);
        assert!(message.contains(&quoted) && message.len() < 400, "{message}");
    }
    let numbers = format!(r#"{{"number":-{}}}"#, "9".repeat(2_000));
    assert!(message::<Card>(&numbers).len() < 400);
    let keys = format!(r#"{{"{long}":{{"{long}":"{long}"}}}}"#);
    assert!(message::<BTreeMap<String, BTreeMap<String, u8>>>(&keys).len() < 500);
    let short = message::<Card>(r#"{"number":"forty characters are quoted as they are."}"#);
    assert!(short.contains("string \"forty characters are quoted as they are.\", expected u64"), "{short}");
}

#[test]
fn an_event_that_was_encoded_twice_says_so() {
    for event in [format!(r#" "{{\"card\":\"{SECRET}\"}}""#), r#""[1,2]""#.to_owned()] {
        assert!(message::<Card>(&event).ends_with("was it encoded twice?"), "{event}");
    }
    for event in [r#""text""#, r#"{"number":"{}"}"#] {
        assert!(!message::<Card>(event).contains("encoded twice"), "{event}");
    }
}

#[test]
fn report_and_log_of_a_bad_event_are_short() {
    let api = RuntimeApi::start();
    let process = Process::of(&greeter(Profile::Debug)).handler("greeter::greet").api(&api).start();
    let filling = "x".repeat(2_000_000);
    for event in [
        format!(r#""{{\"card\":\"{filling}{SECRET}\"}}""#),
        format!(r#"{{"name":["{filling}{SECRET}"]}}"#),
        format!("\"{filling}"),
    ] {
        let failure = api.error(&Delivery::json(&event));
        assert!(failure.body.len() < 1_000, "{} bytes", failure.body.len());
    }
    drop(api);
    let log = process.exit().log;
    assert!(log.contains("Runtime.InvalidEvent") && log.len() < 4_000 && !log.contains(SECRET), "{} bytes", log.len());
}
