//! The JSON of the pages, and the reports and messages among it as real functions post them.

use std::fmt::Write as _;

use mayfly_tests::{Delivery, Process, Profile, RuntimeApi, greeter};
use serde_json::Value;

use crate::page::{between, blocks_of, page};

#[test]
fn json_is_json() {
    for (page, block) in blocks_of("json") {
        assert!(serde_json::from_str::<Value>(&block.code).is_ok(), "{}: {}", page.path, block.code);
    }
}

#[test]
fn errors_are_what_the_greeter_posts() {
    let mut compared = 0;
    for (page, block) in blocks_of("json") {
        let Some((_, from)) = block.before.rsplit_once("rom `greeter::") else { continue };
        let handler = format!("greeter::{}", from.split('`').next().unwrap_or_default());
        let event = between(from, "for `", "`").unwrap_or("{}");
        let api = RuntimeApi::start();
        let _process = Process::of(&greeter(Profile::Release)).handler(&handler).api(&api).start();
        let first = api.request();
        let posted = if first.method == "POST" {
            first.into() // an init that failed
        } else {
            let event = Delivery::json(event);
            first.hand_out(&event);
            api.posted_for(&event)
        };
        posted.accept();
        let shown: Value = serde_json::from_str(&block.code).expect("it is JSON");
        let (shown, real) = (without_lines(&shown), without_lines(&posted.json()));
        assert_eq!(shown, real, "{handler}: {} has the left one; the right one is real", page.path);
        compared += 1;
    }
    assert!(compared >= 9, "only {compared} reports are shown");
}

/// Replaces `file.rs:7:9` in a report by `file.rs:_`: lines move with every edit of the example.
fn without_lines(report: &Value) -> String {
    let mut text = String::new();
    for (number, piece) in format!("{report:#}").split(".rs:").enumerate() {
        let separator = if number == 0 { "" } else { ".rs:_" };
        let piece =
            if number == 0 { piece } else { piece.trim_start_matches(|c: char| c == ':' || c.is_ascii_digit()) };
        write!(text, "{separator}{piece}").expect("a string takes everything");
    }
    text
}

#[test]
fn the_message_of_an_unknown_handler_is_shown() {
    let api = RuntimeApi::start();
    let process = Process::of(&greeter(Profile::Debug)).handler("greeter::great").api(&api).start();
    let posted = api.posted();
    posted.accept();
    assert_eq!(process.exit().code, Some(1));
    let message = posted.json()["errorMessage"].as_str().expect("an error has a message").to_owned();
    let shown = &page("docs/troubleshooting.md").block_with("text", "Handler not found").code;
    let shown = shown.trim_end().strip_suffix('…').expect("the list is cut");
    assert!(message.starts_with(shown), "{message}");
}
