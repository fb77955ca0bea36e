//! Panics, time-outs and states of around functions, in processes whose panics unwind or abort.

use mayfly_tests::{Delivery, Process, Profile, RuntimeApi, around, place};
use serde_json::json;

const SIGABRT: i32 = 6;

fn start(profile: Profile, handler: &str, arounds: &str, api: &RuntimeApi) -> Process {
    Process::of(&around(profile)).handler(&format!("around::{handler}")).api(api).env("AROUNDS", arounds).start()
}

#[test]
fn a_panic_of_an_around_function_is_reported_with_its_own_place() {
    for profile in [Profile::Debug, Profile::Abort] {
        for (handler, message) in [
            ("plain", "the around function breaks after a reply"),
            ("waiting", "the around function breaks after a reply"),
        ] {
            let api = RuntimeApi::start();
            let process = start(profile, handler, "panicking", &api);
            let error = api.error(&Delivery::json("false"));
            assert_eq!(
                (error.text("errorType").as_str(), error.text("errorMessage").as_str()),
                ("Runtime.HandlerPanic", message)
            );
            let trace = error.stack_trace();
            assert!(
                trace[0].contains(&place("tests/fixtures/around/src/end.rs", "panic!(\"the around function")),
                "{trace:?}"
            );
            if profile == Profile::Debug {
                let last = trace.last().unwrap();
                assert!(last.contains("around::end::panicking"), "{trace:?}");
                assert_eq!(api.error(&Delivery::json("false")).text("errorMessage"), message, "the process goes on");
            } else {
                assert_eq!(process.exit().signal, Some(SIGABRT));
            }
        }
    }
}

#[test]
fn a_panic_of_the_handler_reaches_the_functions_as_its_error() {
    for handler in ["end::broken", "end::broken_later"] {
        for mix in ["s", "a", "sa", "as", "aas"] {
            let api = RuntimeApi::start();
            let _process = start(Profile::Debug, handler, mix, &api);
            let error = api.error(&Delivery::json("null"));
            assert_eq!(error.text("errorType"), "Noted");
            let message = error.text("errorMessage");
            assert!(message.contains("Runtime.HandlerPanic: the handler breaks"), "{message}");
        }
    }
}

#[test]
fn under_abort_a_panic_of_the_handler_ends_the_process_and_is_reported() {
    for handler in ["end::broken", "end::broken_later"] {
        let api = RuntimeApi::start();
        let process = start(Profile::Abort, handler, "as", &api);
        let error = api.error(&Delivery::json("null"));
        assert_eq!(
            (error.text("errorType").as_str(), error.text("errorMessage").as_str()),
            ("Runtime.HandlerPanic", "the handler breaks")
        );
        assert_eq!(process.exit().signal, Some(SIGABRT));
    }
}

#[test]
fn a_time_out_of_an_around_function_drops_the_handler_before_the_function_goes_on() {
    let api = RuntimeApi::start();
    let process = start(Profile::Debug, "end::endless", "timed_out", &api);
    for _ in 0..2 {
        let error = api.error(&Delivery::json("null"));
        assert_eq!(error.text("errorType"), "TooSlow");
    }
    let log = process.wait_for_log("the around function goes on");
    let at = |text: &str| log.find(text).unwrap_or_else(|| panic!("{text}: {log}"));
    assert!(at("the handler is dropped") < at("the around function goes on"), "{log}");
}

#[test]
fn a_state_that_only_an_around_function_takes_is_built_where_the_function_is_listed() {
    let api = RuntimeApi::start();
    let _process = start(Profile::Debug, "plain", "greeted", &api);
    assert_eq!(api.invoke(&Delivery::json("false")).json(), json!("hello"));
}

#[test]
fn a_stream_passes_and_is_made_after_the_functions() {
    for mix in ["", "s", "a", "sa"] {
        let api = RuntimeApi::start();
        let _process = start(Profile::Debug, "streamed", mix, &api);
        let text = String::from_utf8(api.stream(&Delivery::json("null")).rest_of_whole()).unwrap();
        let ends = mix.chars().enumerate().map(|(depth, kind)| format!("end {kind}{depth}"));
        let ends: Vec<_> = ends.collect::<Vec<_>>().into_iter().rev().chain(["source".to_owned()]).collect();
        assert!(
            text.trim_end()
                .ends_with(&["streamed".to_owned()].iter().chain(&ends).cloned().collect::<Vec<_>>().join(",")),
            "{text}"
        );
    }
}

#[test]
fn every_line_of_the_log_has_the_request_id() {
    let api = RuntimeApi::start();
    let process = start(Profile::Debug, "own_runtime", "asa", &api);
    let delivery = Delivery::json("true");
    let _ = api.error(&delivery);
    let log = process.wait_for_log("mayfly::call: Noted");
    let line = log.lines().find(|line| line.contains("mayfly::call: Noted")).unwrap();
    assert_eq!(line.matches(&delivery.id()).count(), 1, "{log}");
}
