//! Inits: the states that are built, their order, and the errors of those that cannot be built.

use std::time::Duration;

use mayfly_tests::{Delivery, Exit, Posted, Process, Profile, RuntimeApi, line_of, odd, odd_with_trace_env, place};

const STATES: &str = "tests/fixtures/odd/src/states.rs";

fn start(profile: Profile, binary: &str, handler: &str, api: &RuntimeApi) -> Process {
    Process::of(&odd(profile, binary)).handler(&format!("odd::{handler}")).api(api).start()
}

/// Returns the report of a function that cannot start, which must exit with code 1.
fn refusal(profile: Profile, handler: &str) -> (Posted, Exit) {
    let api = RuntimeApi::start();
    let process = start(profile, "odd", handler, &api);
    let error = api.init_error();
    let exit = process.exit();
    assert_eq!(exit.code, Some(1), "{handler}: {}", exit.log);
    assert!(api.request_within(Duration::ZERO).is_none(), "no request follows init/error");
    let message = error.text("errorMessage");
    assert!(message.starts_with("Initialization error: "), "{message}");
    let said = message.lines().last().and_then(|line| line.rsplit(": ").next()).expect("a message is not empty");
    assert!(exit.log.contains(said), "{handler}: {}", exit.log);
    (error, exit)
}

/// Returns an init as messages name it: by its path and place.
fn named(process: &str) -> String {
    format!("`odd::states::{process}` ({})", line_of(STATES, &format!("fn {process}(")))
}

#[test]
fn states_are_built_once_in_the_order_of_their_needs() {
    let api = RuntimeApi::start();
    let _process = start(Profile::Debug, "odd", "states::chain", &api);
    for _ in 0..2 {
        let built = api.reply(&Delivery::json("{}")).json();
        assert_eq!(built, serde_json::json!({ "bottom": 1, "middle": 2, "top": 3, "runtime": true }));
    }
}

#[test]
fn init_ends_before_the_first_poll() {
    let api = RuntimeApi::start();
    let _process = start(Profile::Debug, "odd", "states::fails", &api);
    // For the service the init phase ends with the first /next, so the report must be the first request.
    let _ = api.init_error();
}

#[test]
fn only_the_states_of_the_selected_handler_are_built() {
    // The same binary holds inits that fail, panic, need each other or are registered twice.
    for profile in [Profile::Debug, Profile::Release] {
        for handler in ["states::chain", "names::fallback", "arguments::everything"] {
            let api = RuntimeApi::start();
            let _process = start(profile, "odd", handler, &api);
            let _ = api.reply(&Delivery::json("{}").header("Lambda-Runtime-Aws-Tenant-Id", "acme"));
        }
        let (error, _) = refusal(profile, "states::fails");
        assert_eq!(error.text("errorType"), "NoDatabase", "the failing init fails where it is needed");
    }
}

#[test]
fn a_failing_init_is_reported_with_its_type_message_and_trace() {
    for profile in [Profile::Debug, Profile::Release] {
        let (error, _) = refusal(profile, "states::fails");
        assert_eq!(error.text("errorType"), "NoDatabase");
        assert_eq!(error.header("lambda-runtime-function-error-type"), Some("Function.NoDatabase"));
        let message = error.text("errorMessage");
        assert!(message.contains(&named("failing")) && message.ends_with("the database is closed"), "{message}");
        let raised = place(STATES, "Err(^Error::new(\"NoDatabase\"");
        assert_eq!(error.stack_trace()[0], raised);

        let (error, _) = refusal(profile, "states::fails_later");
        assert_eq!(error.text("errorType"), "Runtime.InitError");
        assert_eq!(error.header("lambda-runtime-function-error-type"), Some("Runtime.InitError"));
        let message = error.text("errorMessage");
        assert!(message.contains(&named("failing_later")), "{message}");
        assert!(message.ends_with("the database is still closed"), "{message}");
    }
}

#[test]
fn a_panicking_init_is_reported_too() {
    for profile in Profile::ALL {
        for (handler, message) in
            [("states::panics", "the database exploded"), ("states::panics_later", "the database exploded later")]
        {
            let (error, exit) = refusal(profile, handler);
            assert_eq!(error.text("errorType"), "Runtime.InitError", "{profile:?}");
            assert_eq!(error.header("lambda-runtime-function-error-type"), Some("Runtime.InitError"));
            let said = error.text("errorMessage");
            assert!(said.ends_with(message), "{said}");
            let place = place(STATES, &format!("panic!(\"{message}\")"));
            assert_eq!(error.stack_trace()[0], place, "{profile:?}");
            assert!(exit.log.contains(&place), "{}", exit.log);
        }
    }
}

#[test]
fn a_circle_is_described_by_its_functions() {
    let (error, _) = refusal(Profile::Debug, "states::circle");
    assert_eq!(error.text("errorType"), "Runtime.InitError");
    let message = error.text("errorMessage");
    assert!(message.contains(&named("egg")) && message.contains(&named("hen")), "{message}");
}

#[test]
fn a_state_without_an_init_is_named_with_the_function_that_needs_it() {
    let (error, _) = refusal(Profile::Debug, "states::missing");
    assert_eq!(error.text("errorType"), "Runtime.InitError");
    let message = error.text("errorMessage");
    assert!(message.contains(&named("missing")) && message.contains("`odd::states::Missing`"), "{message}");
}

#[test]
fn a_state_with_two_inits_is_named_with_both() {
    let (error, _) = refusal(Profile::Debug, "states::double");
    assert_eq!(error.text("errorType"), "Runtime.InitError");
    let message = error.text("errorMessage");
    assert!(message.contains(&named("one")) && message.contains(&named("another")), "{message}");
}

#[test]
fn a_state_that_an_argument_does_not_declare_is_an_error_of_the_invocation() {
    let api = RuntimeApi::start();
    let mut process = start(Profile::Debug, "odd", "arguments::forgetful", &api);
    let error = api.error(&Delivery::json("{}"));
    assert_eq!(error.text("errorType"), "Runtime.InitError");
    let message = error.text("errorMessage");
    assert!(message.contains("odd::arguments::Limits") && message.contains("`needs`"), "{message}");
    assert!(process.is_running());
}

#[test]
fn a_refused_report_still_ends_the_process() {
    for (status, code) in [(403, 1), (500, 1), (200, 1)] {
        let api = RuntimeApi::start();
        let process = start(Profile::Debug, "odd", "states::fails", &api);
        api.request().respond(status, r#"{"errorType":"InvalidStateTransition"}"#);
        assert_eq!(process.exit().code, Some(code), "{status}");
    }
    let api = RuntimeApi::start();
    api.stop_listening();
    let exit = start(Profile::Debug, "odd", "states::fails", &api).exit();
    assert_eq!(exit.code, Some(1));
    assert!(exit.log.contains("the database is closed"), "what failed first is in the log: {}", exit.log);
}

#[test]
fn under_tokio_main_the_message_says_what_to_remove() {
    let api = RuntimeApi::start();
    let exit = start(Profile::Debug, "nested", "names::named", &api).exit();
    assert_eq!(exit.code, Some(2));
    assert!(exit.log.contains("remove `#[tokio::main]`"), "{}", exit.log);
    assert!(!exit.log.contains("panicked"), "{}", exit.log);
    assert!(api.request_within(Duration::ZERO).is_none());
}

#[test]
fn a_runtime_of_the_user_is_used() {
    let api = RuntimeApi::start();
    let _process = start(Profile::Debug, "workers", "background::task_thread_name", &api);
    assert_eq!(api.reply(&Delivery::json("{}")).json(), "odd-worker");
    let api = RuntimeApi::start();
    let _process = start(Profile::Debug, "workers", "background::not_send", &api);
    assert_eq!(api.reply(&Delivery::json("\"ab\"")).json(), "abab", "the future stays in its thread even with workers");
    let api = RuntimeApi::start();
    let _process = start(Profile::Debug, "workers", "states::chain", &api);
    assert_eq!(api.reply(&Delivery::json("{}")).json()["runtime"], true);
}

#[test]
fn a_future_that_is_not_send_is_driven() {
    let api = RuntimeApi::start();
    let _process = start(Profile::Debug, "odd", "background::not_send", &api);
    assert_eq!(api.reply(&Delivery::json("\"ab\"")).json(), "abab");
}

#[test]
fn the_trace_id_is_in_the_environment_only_with_its_feature() {
    const TRACE_ID: &str = "Lambda-Runtime-Trace-Id";
    let delivery = || Delivery::json("{}").with(TRACE_ID, "Root=1-a;Sampled=1");
    let api = RuntimeApi::start();
    let _process = start(Profile::Debug, "odd", "background::trace_id", &api);
    assert!(api.reply(&delivery()).json().is_null());

    let api = RuntimeApi::start();
    let launch = Process::of(&odd_with_trace_env("odd")).handler("odd::background::trace_id");
    let process = launch.api(&api).start();
    assert_eq!(api.reply(&delivery()).json(), "Root=1-a;Sampled=1");
    assert!(api.reply(&delivery().without(TRACE_ID)).json().is_null(), "the previous trace id must not remain");
    assert_eq!(api.reply(&delivery().with(TRACE_ID, "Root=1-b")).json(), "Root=1-b");
    assert!(!process.log().contains("_X_AMZN_TRACE_ID"), "{}", process.log());
}

#[test]
fn the_trace_id_is_not_written_while_other_threads_may_read_the_environment() {
    for (binary, pollers) in [("workers", "1"), ("workers", "2"), ("odd", "2")] {
        let api = RuntimeApi::start();
        let launch = Process::of(&odd_with_trace_env(binary)).handler("odd::background::trace_id").api(&api);
        let process = launch.env("AWS_LAMBDA_MAX_CONCURRENCY", pollers).start();
        for _ in 0..2 {
            let delivery = Delivery::json("{}");
            api.next().hand_out(&delivery);
            let reply = std::iter::repeat_with(|| api.request()).find(|request| request.method == "POST");
            let reply = Posted::from(reply.expect("the function sends a post"));
            assert!(reply.json().is_null(), "{binary}, {pollers}: {reply:?}");
            reply.accept();
        }
        let log = process.log();
        assert_eq!(log.matches("_X_AMZN_TRACE_ID is not written: ").count(), 1, "{binary}, {pollers}: {log}");
    }
}
