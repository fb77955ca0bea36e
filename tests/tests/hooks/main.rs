//! Functions under `#[mayfly::shutdown]`: the registration of the extension, and SIGTERM in every state. Functions under
//! `#[mayfly::before_snapshot]` and `#[mayfly::after_restore]`.

mod snapshot;

use std::time::{Duration, Instant};

use mayfly_tests::{Delivery, Exit, NEXT, Process, Request, RuntimeApi, Streamed, hooks, lone_hook};
use serde_json::Value;

const REGISTER: &str = "/2020-01-01/extension/register";
/// The time between SIGTERM and SIGKILL for a function with an internal extension.
const TERM: Duration = Duration::from_millis(500);

fn start(handler: &str, api: &RuntimeApi) -> Process {
    Process::of(&hooks()).handler(&format!("hooks::{handler}")).api(api).start()
}

/// Takes the registration of the extension. Returns its poll for events, which is never answered, and the first poll
/// for an invocation.
#[track_caller]
fn registered(api: &RuntimeApi) -> [Request; 2] {
    let register = api.request();
    assert_eq!((register.method.as_str(), register.path.as_str()), ("POST", REGISTER), "{register:?}");
    assert_eq!(register.header("lambda-extension-name"), Some("mayfly"));
    assert_eq!(register.body, br#"{"events":[]}"#);
    register.send("HTTP/1.1 200 OK\r\nLambda-Extension-Identifier: an-id\r\nContent-Length: 2\r\n\r\n{}");
    polls(api)
}

/// Takes the poll of the extension and the one of the runtime, which come in any order.
#[track_caller]
fn polls(api: &RuntimeApi) -> [Request; 2] {
    let mut polls = [api.request(), api.request()];
    polls.sort_by_key(|request| request.path == NEXT);
    let [of_extension, of_runtime] = &polls;
    assert_eq!(of_extension.path, "/2020-01-01/extension/event/next", "{of_extension:?}");
    assert_eq!(of_extension.header("lambda-extension-identifier"), Some("an-id"));
    assert_eq!(of_runtime.path, NEXT, "{of_runtime:?}");
    polls
}

/// Answers a poll with an event, and returns the reply.
#[track_caller]
fn reply(api: &RuntimeApi, poll: &Request, event: &str) -> Value {
    let delivery = Delivery::json(event);
    poll.hand_out(&delivery);
    let posted = api.posted_for(&delivery);
    posted.accept();
    posted.json()
}

/// Ends a process by SIGTERM, and asserts that the functions without a state have run in time.
#[track_caller]
fn terminated(process: Process) -> Exit {
    let start = Instant::now();
    process.terminate();
    let exit = process.exit();
    let took = start.elapsed();
    assert_eq!((exit.code, exit.signal), (Some(0), None), "{}", exit.log);
    assert!(took < TERM, "{took:?}");
    for line in ["the sync function runs", "the async function runs", "nothing can be flushed"] {
        assert!(exit.log.contains(line), "{line}: {}", exit.log);
    }
    exit
}

#[test]
fn an_idle_process_runs_its_shutdown_functions_in_order() {
    let api = RuntimeApi::start();
    let process = start("quick", &api);
    let [_held, poll] = registered(&api);
    assert_eq!(reply(&api, &poll, "7"), 7);
    let _poll = api.next();
    let log = terminated(process).log;
    let at = |text: &str| log.find(text).unwrap_or_else(|| panic!("{text}: {log}"));
    assert!(at("the sync function runs") < at("the async function runs"), "{log}");
    assert!(at("the async function runs") < at("hooks::c_failing failed"), "{log}");
    assert!(!log.contains("is flushed"), "its state was not built: {log}");
}

#[test]
fn a_panic_of_one_function_does_not_keep_the_next_from_running() {
    let api = RuntimeApi::start();
    let process = Process::of(&hooks()).handler("hooks::journaled").api(&api).env("BREAKS", "1").start();
    let _polls = registered(&api);
    process.terminate();
    // A debug binary takes long to find the names in the stack of the panic, so there is no limit here.
    let Exit { code, log, .. } = process.exit();
    let at = |text: &str| log.find(text).unwrap_or_else(|| panic!("{text}: {log}"));
    assert!(at("hooks::d_panicking failed: Runtime.HandlerPanic: the flush broke") < at("the journal is flushed"));
    assert_eq!(code, Some(0), "{log}");
}

#[test]
fn a_function_that_takes_a_state_runs_where_the_state_is_built() {
    let api = RuntimeApi::start();
    let process = start("journaled", &api);
    let [_held, poll] = registered(&api);
    assert_eq!(reply(&api, &poll, "null"), "the journal");
    let _poll = api.next();
    let log = terminated(process).log;
    assert!(log.contains("the journal is flushed"), "{log}");
}

#[test]
fn a_handler_that_waits_or_computes_does_not_delay_the_end() {
    for (handler, line) in [("waiting", "the handler waits"), ("computing", "the handler computes")] {
        let api = RuntimeApi::start();
        let process = start(handler, &api);
        let [_held, poll] = registered(&api);
        poll.hand_out(&Delivery::json("null"));
        let _ = process.wait_for_log(line);
        terminated(process);
    }
}

#[test]
fn a_stream_does_not_delay_the_end() {
    let api = RuntimeApi::start();
    let process = start("streaming", &api);
    let [_held, poll] = registered(&api);
    let delivery = Delivery::json("null");
    poll.hand_out(&delivery);
    let stream = Streamed::from(Request::from(api.posted_for(&delivery)));
    assert_eq!(stream.chunk(), "tick");
    terminated(process);
}

#[test]
fn on_managed_instances_no_extension_is_registered() {
    let api = RuntimeApi::start();
    let launch = Process::of(&hooks()).handler("hooks::waiting").api(&api).env("AWS_LAMBDA_MAX_CONCURRENCY", "4");
    let process = launch.start();
    let polls: Vec<_> = (0..4).map(|_| api.next()).collect();
    for poll in &polls {
        poll.hand_out(&Delivery::json("null"));
    }
    let _ = process.wait_for_log("the handler waits");
    terminated(process);
}

#[test]
fn a_refused_registration_is_a_warning() {
    let api = RuntimeApi::start();
    let process = start("quick", &api);
    let register = api.request();
    assert_eq!(register.path, REGISTER);
    register.respond(403, r#"{"errorType":"Extension.NotAllowed"}"#);
    let log = process.wait_for_log("Extension.NotAllowed");
    assert!(
        log.contains("WARN") && log.contains("the extension that asks for SIGTERM could not be registered"),
        "{log}"
    );
    assert_eq!(api.reply(&Delivery::json("7")).json(), 7);
    let _poll = api.next();
    terminated(process);
}

#[test]
fn a_registration_without_a_response_is_a_warning() {
    for part in ["", "HTTP/1.1 200 OK\r\nLambda-Extension-Identifier: an-id\r\n"] {
        let api = RuntimeApi::start();
        let process = start("quick", &api);
        let register = api.request();
        assert_eq!(register.path, REGISTER);
        register.send(part);
        let poll = api.next();
        let log = process.wait_for_log("the Runtime API did not answer in time (at most 2 s)");
        assert!(log.contains("WARN"), "{log}");
        assert_eq!(reply(&api, &poll, "7"), 7);
        let _poll = api.next();
        terminated(process);
    }
}

#[test]
fn a_connection_that_closes_after_the_registration_is_opened_again() {
    let api = RuntimeApi::start();
    let process = start("quick", &api);
    let register = api.request();
    register.send(
        "HTTP/1.1 200 OK\r\nLambda-Extension-Identifier: an-id\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    );
    let [of_extension, poll] = polls(&api);
    assert_ne!(of_extension.connection, register.connection);
    assert_eq!(reply(&api, &poll, "7"), 7);
    let _poll = api.next();
    terminated(process);
}

#[test]
fn without_a_shutdown_function_that_applies_no_extension_is_registered() {
    let api = RuntimeApi::start();
    let process = Process::of(&lone_hook()).handler("lone_hook::quick").api(&api).start();
    assert_eq!(api.reply(&Delivery::json("7")).json(), 7);
    let _poll = api.next();
    assert_eq!(process.threads(), 1);
    process.terminate();
    let exit = process.exit();
    assert_eq!(exit.signal, Some(15), "{}", exit.log);
}

#[test]
fn the_only_shutdown_function_is_counted_as_one() {
    let api = RuntimeApi::start();
    let process = Process::of(&lone_hook()).handler("lone_hook::journaled").api(&api).start();
    let _polls = registered(&api);
    process.terminate();
    let log = process.exit().log;
    assert!(log.contains("SIGTERM: running 1 shutdown function\n"), "{log}");
}
