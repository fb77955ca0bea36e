//! Panics of every kind, both unwinding and aborting.

use std::time::{Duration, Instant};

use mayfly_tests::{Delivery, Exit, Posted, Process, Profile, RuntimeApi, odd, place};

const PANICS: &str = "tests/fixtures/odd/src/panics.rs";
/// The signal that `abort` raises.
const SIGABRT: i32 = 6;

/// The handlers that panic in their own call, with the message and the code at the place of the panic.
const OWN: [(&str, &str, &str); 10] = [
    ("sync", "the sync kettle exploded", "assert!(!explode, \"the sync kettle exploded\")"),
    ("asynchronous", "the async kettle exploded", "assert!(!explode, \"the async kettle exploded\")"),
    ("payload", "the code panicked with a value that is not text", "panic_any(7_u32)"),
    (
        "locked",
        "the kettle exploded in somebody's hands",
        "assert!(!explode, \"the kettle exploded in somebody's hands\")",
    ),
    ("stderr_locked", "the kettle exploded over the log", "assert!(!explode, \"the kettle exploded over the log\")"),
    ("event", "the event exploded", "assert!(!explode, \"the event exploded\")"),
    ("reply", "the reply exploded", "assert!(!self.0, \"the reply exploded\")"),
    ("event_dropped", "the knife fell", "assert!(!self.0, \"the knife fell\")"),
    ("reply_dropped", "the knife fell", "assert!(!self.0, \"the knife fell\")"),
    ("error_dropped", "the knife fell", "assert!(!self.0, \"the knife fell\")"),
];

fn start(profile: Profile, handler: &str, api: &RuntimeApi) -> Process {
    Process::of(&odd(profile, "odd")).handler(&format!("odd::panics::{handler}")).api(api).start()
}

fn explode() -> Delivery {
    Delivery::json("true")
}

fn assert_is_panic(error: &Posted, message: &str, place: &str) {
    assert!(error.is_post_to("/error"), "{error:?}");
    assert_eq!(error.header("lambda-runtime-function-error-type"), Some("Runtime.HandlerPanic"));
    assert_eq!(error.text("errorType"), "Runtime.HandlerPanic");
    assert_eq!(error.text("errorMessage"), message);
    let trace = error.stack_trace();
    assert_eq!(trace[0], place, "{trace:?}");
    assert!(trace.iter().all(|frame| !frame.contains("<unknown>")), "{trace:?}");
}

/// Checks that the process has died as it would have without Mayfly, with the message in its log.
fn assert_aborted(exit: &Exit, message: &str) {
    assert_eq!(exit.signal, Some(SIGABRT), "{}", exit.log);
    assert!(exit.log.contains(message), "{}", exit.log);
}

#[test]
fn unwinding_twice_in_a_row_leaves_the_process_intact() {
    for (handler, message, at) in OWN {
        let api = RuntimeApi::start();
        let mut process = start(Profile::Debug, handler, &api);
        // A lock is poisoned only by the first panic.
        for _ in 0..if handler == "locked" { 1 } else { 2 } {
            assert_is_panic(&api.error(&explode()), message, &place(PANICS, at));
        }
        let next = if handler == "locked" { "poisoned" } else { "tea" };
        assert_eq!(api.reply(&Delivery::json("false")).json(), next, "{handler}");
        assert!(process.is_running());
    }
}

#[test]
fn aborting_is_reported_before_the_process_dies() {
    for profile in [Profile::Release, Profile::Stripped] {
        for (handler, message, at) in OWN {
            let api = RuntimeApi::start();
            let process = start(profile, handler, &api);
            assert_eq!(api.reply(&Delivery::json("false")).json(), "tea");
            let delivery = explode().header("Lambda-Runtime-Invocation-Id", "attempt-1");
            let error = api.error(&delivery);
            assert_is_panic(&error, message, &place(PANICS, at));
            assert_eq!(error.header("lambda-runtime-invocation-id"), Some("attempt-1"));
            assert_aborted(&process.exit(), &place(PANICS, at));
            assert!(api.request_within(Duration::ZERO).is_none(), "{handler}: a second report");
        }
    }
}

#[test]
fn unwinding_in_a_thread_or_task_is_left_to_the_handler() {
    for handler in ["in_thread", "in_task"] {
        let api = RuntimeApi::start();
        let _process = start(Profile::Debug, handler, &api);
        for _ in 0..2 {
            assert_eq!(api.reply(&explode()).json(), "no tea");
        }
        assert_eq!(api.reply(&Delivery::json("false")).json(), "tea");
    }
}

#[test]
fn aborting_in_a_thread_or_task_names_it() {
    for (handler, message, thread) in [
        ("in_thread", "the kettle in a thread exploded", "kettle"),
        ("in_task", "the kettle in a task exploded", "main"),
    ] {
        let api = RuntimeApi::start();
        let process = start(Profile::Release, handler, &api);
        let error = api.error(&explode());
        let place = place(PANICS, &format!("assert!(!explode, \"{message}\")"));
        let said = error.text("errorMessage");
        assert!(said.starts_with("aborted by a panic") && said.contains(message), "{said}");
        assert!(said.contains(thread) && said.contains(&place), "{said}");
        assert_eq!(error.text("errorType"), "Runtime.HandlerPanic");
        assert_eq!(error.stack_trace()[0], place);
        assert_aborted(&process.exit(), message);
    }
}

#[test]
fn two_panics_at_once_make_one_report() {
    let api = RuntimeApi::start();
    let process = start(Profile::Release, "at_once", &api);
    let error = api.error(&explode());
    assert!(error.text("errorMessage").contains("one of two kettles exploded"), "{}", error.json());
    assert_aborted(&process.exit(), "one of two kettles exploded");
    assert!(api.request_within(Duration::ZERO).is_none(), "the second panic was reported too");
}

#[test]
fn a_panic_that_the_user_catches_is_not_reported() {
    let api = RuntimeApi::start();
    let _process = start(Profile::Debug, "caught", &api);
    assert_eq!(api.reply(&explode()).json(), "caught");
    assert_eq!(api.reply(&Delivery::json("false")).json(), "tea");
}

#[test]
fn unwinding_without_a_panic_is_not_taken_for_an_earlier_panic() {
    let api = RuntimeApi::start();
    let _process = start(Profile::Debug, "unwound", &api);
    let error = api.error(&explode());
    assert_eq!(error.text("errorType"), "Runtime.HandlerPanic");
    assert_eq!(error.text("errorMessage"), "unwound without a panic");
    assert_eq!(api.reply(&Delivery::json("false")).json(), "tea");
}

#[test]
fn a_panic_of_an_earlier_invocation_is_not_reported_to_another_caller() {
    let api = RuntimeApi::start();
    let _process = start(Profile::Debug, "words", &api);
    let first = api.error(&Delivery::json("1"));
    let line = place("tests/fixtures/odd/src/panics.rs", "panic!(\"words of the first caller\")");
    assert!(first.stack_trace().contains(&line), "{first:?}");
    let second = api.error(&Delivery::json("2"));
    assert!(!second.stack_trace().contains(&line), "{second:?}");
    assert_eq!(api.error(&Delivery::json("3")).text("errorMessage"), "a scoped thread panicked");
}

#[test]
fn aborting_between_two_invocations_is_not_reported() {
    let api = RuntimeApi::start();
    let process = start(Profile::Release, "afterwards", &api);
    assert_eq!(api.reply(&explode()).json(), "tea");
    let _held = api.next();
    assert_aborted(&process.exit(), "the kettle exploded afterwards");
    assert!(api.request_within(Duration::ZERO).is_none());
}

#[test]
fn unwinding_between_two_invocations_is_harmless() {
    let api = RuntimeApi::start();
    let process = start(Profile::Debug, "afterwards", &api);
    assert_eq!(api.reply(&explode()).json(), "tea");
    let held = api.next();
    let _ = process.wait_for_log("the kettle exploded afterwards");
    let delivery = Delivery::json("false");
    held.hand_out(&delivery);
    let reply = api.posted_for(&delivery);
    assert!(reply.is_post_to("/response"), "{reply:?}");
}

#[test]
fn a_report_waits_for_a_slow_service_but_not_for_long() {
    for handler in ["sync", "asynchronous", "in_thread"] {
        for (left, least, most) in [(60_000, 1500, 4000), (1_000, 0, 1900), (0, 0, 4000)] {
            let api = RuntimeApi::start();
            let process = start(Profile::Release, handler, &api);
            let poll = api.next();
            let delivery = explode().deadline_in(Duration::from_millis(left));
            poll.hand_out(&delivery);
            let _unanswered = api.posted_for(&delivery);
            let since = Instant::now();
            let exit = process.exit();
            let took = since.elapsed().as_millis();
            assert!((least..most).contains(&took), "{handler} with {left} ms left took {took} ms");
            assert_eq!(exit.signal, Some(SIGABRT));
            assert!(exit.log.contains("the panic could not be reported"), "{}", exit.log);
        }
    }
}

#[test]
fn a_report_that_is_never_accepted_still_ends_the_process() {
    let api = RuntimeApi::start();
    let process = start(Profile::Release, "sync", &api);
    let next = api.next();
    api.stop_listening();
    next.hand_out(&explode());
    let exit = process.exit();
    assert_aborted(&exit, "the sync kettle exploded");
    assert!(exit.log.contains("the panic could not be reported"), "{}", exit.log);
}

#[test]
fn the_previous_hook_is_still_called() {
    let api = RuntimeApi::start();
    let process = Process::of(&odd(Profile::Debug, "hooked")).handler("odd::panics::sync").api(&api).start();
    assert_is_panic(
        &api.error(&explode()),
        "the sync kettle exploded",
        &place(PANICS, "assert!(!explode, \"the sync kettle exploded\")"),
    );
    drop(api);
    let exit = process.exit();
    assert!(
        exit.out.contains("own hook: panicked at") && exit.out.contains("the sync kettle exploded"),
        "{}",
        exit.out
    );
    assert!(!exit.log.contains("panicked at"), "the default hook is not the one that was there: {}", exit.log);
}

#[test]
fn without_symbols_the_trace_has_only_the_place() {
    let api = RuntimeApi::start();
    let _process = start(Profile::Stripped, "sync", &api);
    let trace = api.error(&explode()).stack_trace();
    assert_eq!(trace, [place(PANICS, "assert!(!explode, \"the sync kettle exploded\")")]);
}

#[test]
fn frames_end_with_the_handler() {
    for profile in [Profile::Debug, Profile::Release] {
        let api = RuntimeApi::start();
        let _process = start(profile, "asynchronous", &api);
        let trace = api.error(&explode()).stack_trace();
        assert!(trace[1..].iter().all(|frame| frame.contains("odd::panics::asynchronous")), "{profile:?}: {trace:?}");
        assert!(trace.len() > 1, "{profile:?}: {trace:?}");
    }
}

#[test]
fn a_payload_that_panics_in_its_drop_is_still_reported() {
    let api = RuntimeApi::start();
    let _process = start(Profile::Debug, "nested", &api);
    for depth in ["1", "3", "4000000000"] {
        let error = api.error(&Delivery::json(depth));
        assert_is_panic(
            &error,
            "the code panicked with a value that is not text",
            &place(PANICS, "panic_any(Nested(depth))"),
        );
        assert_eq!(api.reply(&Delivery::json("0")).json(), "tea", "{depth}");
    }
    let api = RuntimeApi::start();
    let process = start(Profile::Debug, "nested_init", &api);
    let message = api.init_error().text("errorMessage");
    assert!(
        message.contains("odd::panics::nested_state") && message.ends_with("a value that is not text"),
        "{message}"
    );
    assert_eq!(process.exit().code, Some(1));
}

#[test]
fn needs_that_panic_stop_only_their_own_handler() {
    let binary = odd(Profile::Debug, "odd");
    let start =
        |handler: &str, api: &RuntimeApi| Process::of(&binary).handler(handler).env("ODD_NEEDS", "1").api(api).start();
    let api = RuntimeApi::start();
    let process = start("odd::panics::demanding", &api);
    let error = api.init_error();
    let message = error.text("errorMessage");
    assert!(message.starts_with("Initialization error: the handler `odd::panics::demanding` ("), "{message}");
    assert!(message.ends_with("the `needs` of a parameter panicked: the needs exploded"), "{message}");
    assert_eq!(error.text("errorType"), "Runtime.InitError");
    let place = place(PANICS, "assert!(std::env::var_os(\"ODD_NEEDS\").is_none(), \"the needs exploded\")");
    assert_eq!(error.stack_trace()[0], place);
    assert_eq!(process.exit().code, Some(1));

    let api = RuntimeApi::start();
    let _process = start("odd::panics::sync", &api);
    assert_eq!(api.reply(&Delivery::json("false")).json(), "tea");

    let list = Process::of(&binary).env("ODD_NEEDS", "1").env("MAYFLY_LIST", "json").start().exit();
    assert_eq!(list.code, Some(0), "{}", list.log);
    let list: serde_json::Value = serde_json::from_str(&list.out).expect("the list is JSON");
    let handlers = list["handlers"].as_array().expect("it has handlers");
    let (bad, good): (Vec<_>, Vec<_>) = handlers.iter().partition(|handler| handler["problem"].is_string());
    assert_eq!(bad.len(), 1, "{list}");
    assert_eq!(bad[0]["path"], "odd::panics::demanding");
    assert_eq!(bad[0]["problem"], "the `needs` of a parameter panicked: the needs exploded");
    assert!(good.iter().any(|handler| handler["path"] == "odd::states::chain" && handler["needs"][0].is_string()));
}

#[test]
fn a_panic_that_is_resumed_in_another_thread_keeps_its_place() {
    for (event, message, place) in [
        ("carried", "exploded and carried over", "panic!(\"exploded and carried over\")"),
        ("scoped", "a scoped thread panicked: exploded in a scope", "panic!(\"exploded in a scope\")"),
    ] {
        let api = RuntimeApi::start();
        let _process = start(Profile::Debug, "elsewhere", &api);
        let error = api.error(&Delivery::json(&format!("\"{event}\"")));
        assert_is_panic(&error, message, &mayfly_tests::place(PANICS, place));
    }
}

#[test]
fn a_hook_that_an_init_sets_loses_neither_the_place_nor_the_report() {
    for profile in [Profile::Debug, Profile::Release] {
        let api = RuntimeApi::start();
        let process = start(profile, "late_hook", &api);
        let error = api.error(&explode());
        let message = "exploded under a late hook";
        assert_is_panic(&error, message, &place(PANICS, &format!("assert!(!explode, \"{message}\")")));
        drop(api);
        assert_eq!(process.exit().out, "own hook\n", "{profile:?}: the user's hook is called, once");
    }
}

#[test]
fn a_logger_that_panics_loses_no_report() {
    let api = RuntimeApi::start();
    let process = Process::of(&odd(Profile::Debug, "hooked")).handler("odd::panics::sync").env("ODD_LOGGER", "broken");
    let _process = process.api(&api).start();
    for _ in 0..2 {
        assert_eq!(api.error(&explode()).text("errorMessage"), "the sync kettle exploded");
    }
    assert_eq!(api.reply(&Delivery::json("false")).json(), "tea");
    // The logger also receives the line about a refusal.
    api.deliver(&Delivery::json("false")).respond(413, r#"{"errorType":"RequestEntityTooLarge"}"#);
    assert_eq!(api.reply(&Delivery::json("false")).json(), "tea");
}

#[test]
fn line_tables_of_a_release_build_show_only_the_users_code() {
    const PLAIN: &str = "tests/fixtures/plain/src/main.rs";
    let api = RuntimeApi::start();
    let launch = Process::of(&mayfly_tests::plain_with_line_tables()).handler("plain::explode").api(&api);
    let process = launch.start();
    let error = api.error(&Delivery::json("{}"));
    assert_is_panic(&error, "the plain kettle exploded", &place(PLAIN, "panic!(\"the plain kettle exploded\")"));
    let trace = error.stack_trace();
    assert!(trace.len() <= 3 && trace.iter().all(|frame| frame.contains("fixtures/plain/src/main.rs")), "{trace:?}");
    assert!(trace[1].starts_with("explode ("), "the tables name the function: {trace:?}");
    assert_aborted(&process.exit(), "the plain kettle exploded");
}
