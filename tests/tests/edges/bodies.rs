//! The bodies of events, replies and errors.

use mayfly_tests::{Delivery, Process, Profile, RuntimeApi, odd};

use super::{BOTH, ada, assert_serves, start};

/// The longest reply that Lambda accepts.
const LONGEST: usize = 6_291_556;

fn start_odd(handler: &str, api: &RuntimeApi) -> Process {
    Process::of(&odd(Profile::Debug, "odd")).handler(&format!("odd::{handler}")).api(api).start()
}

#[test]
fn an_invalid_event_is_an_error_of_its_invocation() {
    let deep = "[".repeat(100_000);
    let cases: [(&str, &[u8]); 13] = [
        ("empty", b""),
        ("white space", b" \r\n\t"),
        ("null", b"null"),
        ("empty text", b"\"\""),
        ("array of the wrong length", b"[1,2,3]"),
        ("number", b"7"),
        ("invalid UTF-8", b"{\"name\":\"\xff\xfe\"}"),
        ("byte-order mark", b"\xef\xbb\xbf{}"),
        ("trailing bytes", b"{} {}"),
        ("cut off", b"{\"name\":\"Ad"),
        ("half an escape", b"{\"name\":\"\\ud800\"}"),
        ("zero byte", b"{}\0"),
        ("too deep", deep.as_bytes()),
    ];
    for handler in BOTH {
        let api = RuntimeApi::start();
        let mut process = start(handler, &api);
        for (what, body) in cases {
            let error = api.error(&Delivery::new(body));
            assert_eq!(error.text("errorType"), "Runtime.InvalidEvent", "{what}");
            assert_eq!(error.header("lambda-runtime-function-error-type"), Some("Runtime.InvalidEvent"), "{what}");
            let message = error.text("errorMessage");
            assert!(message.contains("at `$") && message.contains("greeter::Greeting"), "{what}: {message}");
        }
        assert_serves(&api);
        assert!(process.is_running());
    }
}

#[test]
fn nesting_beyond_the_parsers_limit_is_an_error_for_any_type() {
    let api = RuntimeApi::start();
    let _process = start("greeter::echo", &api);
    for deep in ["[".repeat(200) + &"]".repeat(200), "{\"a\":".repeat(100_000)] {
        assert_eq!(api.error(&Delivery::json(&deep)).text("errorType"), "Runtime.InvalidEvent");
    }
    let fine = "[".repeat(100) + &"]".repeat(100);
    assert_eq!(api.reply(&Delivery::json(&fine)).body, fine.as_bytes());
}

#[test]
fn json_arrives_unchanged() {
    let api = RuntimeApi::start();
    let _process = start("greeter::echo", &api);
    for body in ["null", "\"\"", "[]", "{}", "0", "-1.5e300", "true", "\"\u{1f600}\u{0}\"", " [ 1 ] "] {
        let escaped = body.replace('\0', "\\u0000");
        let reply = api.reply(&Delivery::json(&escaped));
        assert_eq!(reply.json(), serde_json::from_str::<serde_json::Value>(&escaped).unwrap(), "{body}");
    }
}

#[test]
fn an_error_inside_an_event_is_located() {
    let api = RuntimeApi::start();
    let _process = start_odd("arguments::pieces", &api);
    let event = "{\n  \"items\": [\n    {\"pieces\": 1},\n    {\"pieces\": \"many\"}\n  ]\n}";
    let message = api.error(&Delivery::json(event)).text("errorMessage");
    for part in ["`$.items[1].pieces`", "expected u32", "line 4 column 21", "odd::arguments::Order"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert_eq!(api.reply(&Delivery::json(r#"{"items":[{"pieces":3}]}"#)).json(), 3);
}

#[test]
fn the_error_of_a_borrowed_text_with_escapes_says_what_to_use() {
    let api = RuntimeApi::start();
    let _process = start_odd("arguments::borrowed", &api);
    assert_eq!(api.reply(&Delivery::json("\"plain\"")).json(), 5);
    let message = api.error(&Delivery::json("\"es\\ncaped\"")).text("errorMessage");
    assert!(message.contains("#[serde(borrow)] Cow<str>"), "{message}");
}

#[test]
fn large_events_come_in_whole() {
    for handler in BOTH {
        let api = RuntimeApi::start();
        let _process = start(handler, &api);
        // The second is larger than any event of Lambda.
        for size in [6 << 20, 11 << 20] {
            let name = "x".repeat(size);
            for delivery in [Delivery::json(&format!("{{\"name\":\"{name}\"}}")), ada()] {
                let expected = if delivery.payload().len() > 100 { name.as_str() } else { "Ada" };
                let reply = api.reply(&delivery).json();
                assert!(reply["message"] == format!("Hello, {expected}!"), "{handler}, {size}");
            }
        }
    }
}

#[test]
fn a_reply_that_cannot_be_json_is_an_error_of_its_invocation() {
    for (binary, handler, why) in [
        ("bootstrap", "greeter::fail::unserializable", "key must be a string"),
        ("odd", "odd::replies::stubborn", "it does not want to"),
    ] {
        let api = RuntimeApi::start();
        let mut process = Process::of(&odd(Profile::Debug, binary)).handler(handler).api(&api).start();
        for _ in 0..2 {
            let error = api.error(&Delivery::json("{}"));
            assert_eq!(error.text("errorType"), "Runtime.InvalidResponse");
            let message = error.text("errorMessage");
            assert!(message.starts_with("Invalid response format") && message.contains(why), "{message}");
        }
        assert!(process.is_running());
    }
}

#[test]
fn the_longest_reply_is_accepted_and_a_longer_one_is_not_reported_twice() {
    let api = RuntimeApi::start();
    let process = start("greeter::echo", &api);
    let text = |length: usize| format!("\"{}\"", "x".repeat(length - 2));
    let longest = api.reply(&Delivery::json(&text(LONGEST)));
    assert_eq!(longest.body.len(), LONGEST);

    let longer = api.deliver(&Delivery::json(&text(LONGEST + 1)));
    assert!(longer.is_post_to("/response") && longer.body.len() == LONGEST + 1);
    let most = format!("Exceeded maximum allowed payload size ({LONGEST} bytes).");
    longer.respond(413, &format!(r#"{{"errorMessage":"{most}","errorType":"RequestEntityTooLarge"}}"#));
    // The next request is the next poll, since `/error` would only be refused.
    assert_eq!(api.reply(&Delivery::json("1")).json(), 1);
    let log = process.wait_for_log(&most);
    assert!(log.contains(&(LONGEST + 1).to_string()), "{log}");
}

#[test]
fn the_text_of_an_error_is_sent_unchanged() {
    let api = RuntimeApi::start();
    let _process = start_odd("replies::any_text", &api);
    for text in ["two\nlines\r\n", "\"quoted\" \\ back", "\u{e9}\u{1f600}\u{7f}\u{0}\u{1b}[31m", ""] {
        let error = api.error(&Delivery::new(serde_json::to_vec(text).unwrap()));
        assert_eq!(error.text("errorMessage"), text);
        let cause = error.header("lambda-runtime-function-xray-error-cause").expect("there is an X-Ray cause");
        assert!(cause.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()), "{cause}");
        let cause: serde_json::Value = serde_json::from_str(cause).expect("the X-Ray cause is JSON");
        assert_eq!(cause["exceptions"][0]["message"], text);
    }
}

#[test]
fn an_errors_body_stays_below_a_mebibyte_and_its_headers_legal() {
    for handler in ["replies::any_text", "replies::long"] {
        let api = RuntimeApi::start();
        let _process = start_odd(handler, &api);
        let delivery = match handler {
            "replies::long" => Delivery::json(&(2 << 20).to_string()),
            _ => Delivery::new(serde_json::to_vec(&"\u{1}".repeat(2 << 20)).unwrap()),
        };
        let error = api.error(&delivery);
        assert!(error.body.len() < 1 << 20, "{}", error.body.len());
        assert!(error.text("errorMessage").len() > 10_000, "a text is cut, not dropped");
        assert_eq!(error.header("lambda-runtime-function-error-type"), Some("Function.RuntimeError"));
        let cause = error.header("lambda-runtime-function-xray-error-cause").expect("it is shortened, not dropped");
        assert!((10_000..=64 << 10).contains(&cause.len()), "{}", cause.len());
        let cause: serde_json::Value = serde_json::from_str(cause).expect("the X-Ray cause is JSON");
        assert_eq!(cause["exceptions"][0]["type"], "RuntimeError");
        // Well over a mebibyte must not disturb the next invocation on the same connection.
        assert_eq!(api.error(&Delivery::json("[]")).text("errorType"), "Runtime.InvalidEvent");
    }
}

#[test]
fn the_error_type_header_has_only_what_the_service_accepts() {
    let api = RuntimeApi::start();
    let _process = start_odd("replies::any_name", &api);
    for (name, header) in [
        ("OrderRejected", "Function.OrderRejected"),
        ("Runtime.Custom", "Runtime.Custom"),
        ("Error404", "Function.Unknown"),
        ("two\r\nx-injected: yes", "Function.Unknown"),
        ("Gr\u{f6}\u{df}e", "Function.Unknown"),
        ("", "Function.Unknown"),
    ] {
        let error = api.error(&Delivery::new(serde_json::to_vec(name).unwrap()));
        assert_eq!(error.text("errorType"), name);
        assert_eq!(error.header("lambda-runtime-function-error-type"), Some(header), "{name}");
        assert_eq!(error.header("x-injected"), None);
    }
    let api = RuntimeApi::start();
    let _process = start_odd("replies::odd_name", &api);
    let error = api.error(&Delivery::json("{}"));
    assert_eq!(error.text("errorType"), "odd::replies::Gr\u{f6}\u{df}e2");
    assert_eq!(error.header("lambda-runtime-function-error-type"), Some("Function.Unknown"));
}

#[test]
fn errors_of_other_crates_keep_their_causes() {
    let api = RuntimeApi::start();
    let _process = start_odd("replies::anyhow", &api);
    let error = api.error(&Delivery::json("{}")).json();
    assert_eq!((&error["errorType"], &error["errorMessage"]), (&"RuntimeError".into(), &"the order".into()));
    assert_eq!(error["cause"]["errorMessage"], "the number of pieces");
    assert_eq!(error["cause"]["cause"]["errorMessage"], "invalid digit found in string");
}

#[test]
fn a_question_mark_is_located_in_every_build() {
    for profile in Profile::ALL {
        let api = RuntimeApi::start();
        let _process = Process::of(&odd(profile, "odd")).handler("odd::replies::bare").api(&api).start();
        let error = api.error(&Delivery::json("{}"));
        // The compiler places an expression with a `?` at its beginning.
        let place = mayfly_tests::place("tests/fixtures/odd/src/replies.rs", "Ok(^\"few\".parse::<u32>()?)");
        assert_eq!(error.stack_trace()[0], place, "{profile:?}");
        assert_eq!(error.text("errorType"), "core::num::error::ParseIntError");
    }
}
