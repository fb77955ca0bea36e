//! Errors with endless causes, texts, names or lines: each report is bounded, and the process goes on serving.

use cargo_mayfly::emulator::{self, Configuration, ErrorReport, Invocation, Outcome, Program};
use mayfly_tests::{Delivery, Posted, Process, Profile, RuntimeApi, odd, place};
use serde_json::Value;

const CAUSES: &str = "tests/fixtures/odd/src/causes.rs";
const MIB: usize = 1 << 20;
/// The most bytes that one error may take in the log.
const LONGEST_LOG: usize = 130 << 10;

fn start(handler: &str, api: &RuntimeApi) -> Process {
    Process::of(&odd(Profile::Debug, "odd")).handler(&format!("odd::{handler}")).api(api).start()
}

/// Checks the bounds of a report and returns the messages of the error and its causes.
fn messages(report: &Posted) -> Vec<String> {
    assert!(report.body.len() < MIB, "{} bytes", report.body.len());
    let header = |name| report.header(name).expect("an error has its headers");
    assert!(header("lambda-runtime-function-error-type").len() <= 256 + "Function.".len());
    assert!(header("lambda-runtime-function-xray-error-cause").len() <= 64 << 10);
    let json = report.json();
    assert!(json["errorType"].as_str().is_some_and(|name| name.len() <= 256));
    let mut messages = Vec::new();
    let mut error = Some(&json);
    while let Some(one) = error {
        messages.push(one["errorMessage"].as_str().expect("a message is text").to_owned());
        error = one.get("cause");
    }
    assert!(messages.len() <= 34, "{} causes", messages.len());
    messages
}

/// An error of the fixture, with the first and the last message of its report.
struct Expected {
    odd: &'static str,
    message: &'static str,
    innermost: &'static str,
}

const NO_END: &str = "(only the first 131072 causes were followed: the chain is longer or has no end)";
const ODD: [Expected; 7] = [
    Expected { odd: r#""Selfish""#, message: "Selfish", innermost: NO_END },
    Expected { odd: r#""Hen""#, message: "Hen", innermost: NO_END },
    Expected { odd: r#"{"Fresh":0}"#, message: "Fresh(0)", innermost: NO_END },
    Expected { odd: r#"{"Nested":1000}"#, message: "1000 more", innermost: "0 more" },
    Expected { odd: r#"{"Nested":100000}"#, message: "100000 more", innermost: "0 more" },
    Expected { odd: r#""Endless""#, message: "and so on and so on ", innermost: "and so on and so on " },
    Expected {
        odd: r#""Unspeakable""#, message: "… (its formatting failed)", innermost: "… (its formatting failed)"
    },
];

#[test]
fn an_endless_error_is_reported_and_the_process_goes_on_serving() {
    for handler in ["question_mark", "typed", "boxed", "shared", "anyhow"] {
        let api = RuntimeApi::start();
        let mut process = start(&format!("causes::{handler}"), &api);
        let pid = process.pid();
        for Expected { odd, message, innermost } in ODD {
            let messages = messages(&api.error(&Delivery::json(odd)));
            assert!(messages[0].starts_with(message), "{handler}, {odd}: {messages:.100?}");
            assert!(messages[messages.len() - 1].starts_with(innermost), "{handler}, {odd}: {messages:.100?}");
        }
        let long = messages(&api.error(&Delivery::json(r#"{"Long":10000000}"#)));
        assert!(long[0].ends_with("x… (cut; at least 10000000 bytes in all)"), "{handler}");
        assert!(process.log().len() <= (ODD.len() + 1) * LONGEST_LOG, "{handler}");
        assert!(process.is_running());
        assert_eq!(process.pid(), pid);
    }
}

#[test]
fn the_log_of_an_error_is_bounded_and_shows_its_first_and_last_lines() {
    for (handler, event, first, last) in [
        ("typed", r#"{"Long":10000000}"#, "odd::causes::Odd: xxx", "(cut; at least 10000000 bytes in all)\n"),
        ("question_mark", r#"{"Nested":100000}"#, "odd::causes::Odd: 100000 more\n", "caused by: 0 more\n"),
        ("contexts", "20000", "Innermost: context 20000\n", "caused by: context 0\n"),
        ("debugged", "0", "UnknownError: and so on ", "\n    at odd::causes::debugged ("),
        ("panic", "10000000", "Runtime.HandlerPanic: xxx", "(cut; at least 10000000 bytes in all)\n"),
    ] {
        let api = RuntimeApi::start();
        let process = start(&format!("causes::{handler}"), &api);
        messages(&api.error(&Delivery::json(event)));
        let log = process.wait_for_log(last);
        let (_, error) = log.split_once(first).unwrap_or_else(|| panic!("{handler}: {log:.1000}"));
        assert!(error.len() <= LONGEST_LOG, "{handler}: {} bytes", error.len());
    }
}

#[test]
fn twenty_thousand_contexts_keep_the_first_and_the_last_with_their_lines() {
    let api = RuntimeApi::start();
    let _process = start("causes::contexts", &api);
    let report = api.error(&Delivery::json("20000"));
    let messages = messages(&report);
    assert_eq!(messages[..2], ["context 20000", "context 19999"]);
    assert_eq!(messages[17], "(causes left out: 19968)");
    assert_eq!(messages[32..], ["context 1", "context 0"]);
    let trace = report.stack_trace();
    assert_eq!(trace.len(), 65, "{trace:?}");
    assert_eq!(trace[0], place(CAUSES, "= ^Error::new(\"Innermost\""));
    assert_eq!(trace[32], "(lines left out: 19938)");
    assert!(trace[64].starts_with("odd::causes::contexts ("), "{trace:?}");
}

#[test]
fn a_name_of_two_megabytes_is_cut() {
    let api = RuntimeApi::start();
    let mut process = start("replies::any_name", &api);
    let name = "N".repeat(2_000_000);
    let report = api.error(&Delivery::json(&format!("{name:?}")));
    assert_eq!(messages(&report), ["named at run time"]);
    assert_eq!(report.header("lambda-runtime-function-error-type"), Some("Function.Unknown"));
    assert!(process.log().len() < 2000, "{}", process.log().len());
    assert!(process.is_running());
}

#[test]
fn an_error_that_panics_in_its_display_is_reported_as_that_panic() {
    for handler in ["question_mark", "typed", "boxed", "shared", "anyhow"] {
        let api = RuntimeApi::start();
        let mut process = start(&format!("causes::{handler}"), &api);
        for (odd, message) in
            [(r#""ExplodingText""#, "the text exploded"), (r#""ExplodingSource""#, "the source exploded")]
        {
            let report = api.error(&Delivery::json(odd));
            assert_eq!(report.text("errorType"), "Runtime.HandlerPanic");
            assert_eq!(messages(&report), [message]);
        }
        assert!(process.is_running());
    }
}

#[test]
fn an_init_with_an_endless_error_is_reported() {
    for (handler, place) in [("init", "never"), ("init_async", "never_later")] {
        for Expected { odd: chosen, message, innermost } in ODD {
            let api = RuntimeApi::start();
            let launch = Process::of(&odd(Profile::Debug, "odd")).handler(&format!("odd::causes::{handler}")).api(&api);
            let process = launch.env("ODD_ERROR", chosen).start();
            let messages = messages(&api.init_error());
            let (init, rest) = messages[0].split_once("): ").expect("an init has its place");
            assert!(init.starts_with(&format!("Initialization error: `odd::causes::{place}` (")), "{init}");
            assert!(rest.starts_with(message), "{handler}, {chosen}: {rest:.100}");
            let last = messages[messages.len() - 1].trim_start_matches(init).trim_start_matches("): ");
            assert!(last.starts_with(innermost), "{handler}, {chosen}: {last:.100}");
            let exit = process.exit();
            assert_eq!(exit.code, Some(1));
            assert!(exit.log.len() <= LONGEST_LOG, "{handler}, {chosen}: {} bytes of log", exit.log.len());
        }
    }
}

#[test]
fn the_emulator_reads_the_report_of_a_thousand_causes() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be built");
    let outcome = runtime.block_on(async {
        let program = Program::new(odd(Profile::Debug, "odd"));
        let configuration = Configuration::new("odd::causes::typed");
        let process = emulator::Function::start(program, configuration).await.expect("it can be started");
        let outcome = process.invoke(Invocation::new(r#"{"Nested":1000}"#)).await;
        process.stop().await;
        outcome
    });
    let Outcome::Error(failure) = outcome else { panic!("{outcome:?}") };
    let report = failure.report().expect("it can be read");
    let causes = std::iter::successors(Some(&report), |report| report.cause.as_deref());
    let messages: Vec<_> = causes.map(|ErrorReport { error_message, .. }| error_message.as_str()).collect();
    assert_eq!(messages[..2], ["1000 more", "999 more"]);
    assert_eq!(messages[17..19], ["(causes left out: 968)", "15 more"]);
    assert_eq!(messages[33..], ["0 more"]);
}

#[test]
fn an_error_that_question_mark_cannot_convert_keeps_its_line_by_a_method_of_the_result() {
    let api = RuntimeApi::start();
    let _process = start("causes::converted", &api);
    for (way, place_of) in [
        ("msg_err", Some("text().^msg_err()?,")),
        ("boxed_err", Some("=> boxed().^boxed_err()?,")),
        ("boxed_err of anyhow", Some("anyhow().^boxed_err()?,")),
        ("context", Some("boxed().^boxed_err().context(")),
        ("named", Some("text().^msg_err().named(")),
        // Through these calls `#[track_caller]` sees only the standard library.
        ("map_err msg", None),
        ("map_err boxed", None),
    ] {
        let report = api.error(&Delivery::json(&Value::from(way).to_string()));
        let mut trace = report.stack_trace();
        assert!(trace.pop().is_some_and(|last| last.starts_with("odd::causes::converted (")), "{way}: {trace:?}");
        assert_eq!(trace.first(), place_of.map(|text| place(CAUSES, text)).as_ref(), "{way}");
        assert!(trace.iter().all(|frame| frame.starts_with(CAUSES)), "{way}: {trace:?}");
    }
}
