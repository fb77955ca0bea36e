//! Functions under `#[mayfly::before_snapshot]` and `#[mayfly::after_restore]`: the order of the requests, the
//! connections, and failures.

use std::collections::BTreeSet;
use std::time::Duration;

use mayfly_tests::{
    Delivery, Exit, INIT_ERROR, Launch, Posted, Process, Profile, Request, RuntimeApi, hooks, line_of, snapshots,
};
use serde_json::{Value, json};

const RESTORE: &str = "/2018-06-01/runtime/restore/next";
const RESTORE_ERROR: &str = "/2018-06-01/runtime/restore/error";
const SOURCE: &str = "tests/fixtures/hooks/src/snapshots.rs";

fn launch(profile: Profile, handler: &str, api: &RuntimeApi) -> Launch {
    let launch = Process::of(&snapshots(profile)).handler(&format!("snapshots::{handler}")).api(api);
    launch.env("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start")
}

/// Takes the request that waits for the restore.
#[track_caller]
fn waiting(api: &RuntimeApi) -> Request {
    let request = api.request();
    assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", RESTORE), "{request:?}");
    assert_eq!(request.body, b"");
    request
}

/// Restores the process, without a body as Lambda does.
fn restore(request: &Request) {
    request.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

/// Answers a poll with an event, and returns the reply.
#[track_caller]
fn reply(api: &RuntimeApi, poll: &Request) -> Value {
    let delivery = Delivery::json("7");
    poll.hand_out(&delivery);
    let posted = api.posted_for(&delivery);
    posted.accept();
    posted.json()
}

/// Takes the report of a stage that failed, and asserts that the process ends after it.
#[track_caller]
fn failure(api: &RuntimeApi, process: Process, path: &str) -> (Posted, Exit) {
    let report = api.posted();
    assert_eq!(report.path, path, "{report:?}");
    report.accept();
    let exit = process.exit();
    assert_eq!(exit.code, Some(1), "{}", exit.log);
    assert!(api.request_within(Duration::ZERO).is_none(), "no request follows {path}");
    (report, exit)
}

#[test]
fn functions_run_around_the_snapshot_in_the_order_of_their_states() {
    for handler in ["told", "told_later"] {
        let api = RuntimeApi::start();
        let process = launch(Profile::Debug, handler, &api).start();
        let snapshot = waiting(&api);
        let log = process.log();
        assert!(log.contains("before, without a state") && !log.contains("after, without a state"), "{log}");
        restore(&snapshot);
        let poll = api.next();
        assert!(process.log().contains("after, without a state"), "{}", process.log());
        assert_ne!(poll.connection, snapshot.connection, "a connection of before the snapshot may be dead");
        let ran = ["init", "before, with the cache", "before, with the pool"];
        let ran = [&ran[..], &["after, with the pool", "after, with the cache"]].concat();
        assert_eq!(reply(&api, &poll), json!(ran), "{handler}");
    }
}

#[test]
fn a_restore_may_take_as_long_as_it_likes() {
    let api = RuntimeApi::start();
    let process = launch(Profile::Debug, "told_later", &api).start();
    let snapshot = waiting(&api);
    process.wait_until_idle();
    process.freeze();
    assert!(api.request_within(Duration::from_secs(3)).is_none());
    process.thaw();
    restore(&snapshot);
    let _ = api.next();
}

#[test]
fn without_a_snapshot_no_function_runs() {
    for kind in ["on-demand", "provisioned-concurrency", "SNAP-START", ""] {
        let api = RuntimeApi::start();
        let process = launch(Profile::Debug, "told", &api).env("AWS_LAMBDA_INITIALIZATION_TYPE", kind).start();
        assert_eq!(reply(&api, &api.next()), json!(["init"]), "{kind}");
        assert!(!process.log().contains("without a state"), "{}", process.log());
    }
}

#[test]
fn only_functions_whose_states_are_built_run() {
    let api = RuntimeApi::start();
    let process = launch(Profile::Debug, "alone", &api).start();
    restore(&waiting(&api));
    assert_eq!(reply(&api, &api.next()), 7);
    let log = process.log();
    assert!(log.contains("before, without a state") && log.contains("after, without a state"), "{log}");
    assert!(log.contains("running 1 before-snapshot function\n"), "{log}");
    // No async function applies, so there is no runtime.
    assert_eq!(process.descriptors().iter().filter(|target| target.contains("eventpoll")).count(), 0);
}

#[test]
fn a_binary_without_such_functions_asks_for_no_restore() {
    let api = RuntimeApi::start();
    let launch = Process::of(&hooks()).handler("hooks::quick").api(&api);
    let _process = launch.env("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start").start();
    let _polls = crate::registered(&api);
}

#[test]
fn the_extension_is_registered_before_the_snapshot() {
    let api = RuntimeApi::start();
    let process = launch(Profile::Debug, "journaled", &api).start();
    let register = api.request();
    assert_eq!(register.path, crate::REGISTER);
    register.send("HTTP/1.1 200 OK\r\nLambda-Extension-Identifier: an-id\r\nContent-Length: 2\r\n\r\n{}");
    let mut waiting = [api.request(), api.request()];
    waiting.sort_by_key(|request| request.path == RESTORE);
    assert_eq!([&*waiting[0].path, &*waiting[1].path], ["/2020-01-01/extension/event/next", RESTORE]);
    restore(&waiting[1]);
    let _poll = api.next();
    process.terminate();
    let exit = process.exit();
    assert!(exit.code == Some(0) && exit.log.contains("the journal is flushed"), "{exit:?}");
}

#[test]
fn a_task_that_an_after_restore_function_spawns_lives_on() {
    // The handler is sync: only the hooks need the runtime.
    for pollers in ["", "2"] {
        let api = RuntimeApi::start();
        let launch = launch(Profile::Debug, "ticks", &api).env("AWS_LAMBDA_MAX_CONCURRENCY", pollers);
        let _process = launch.start();
        restore(&waiting(&api));
        let _held = (pollers == "2").then(|| api.next());
        let ticks = || reply(&api, &api.next()).as_u64().expect("the ticks are a number");
        let first = ticks();
        mayfly_tests::until("another tick", || (ticks() > first).then_some(()));
    }
}

#[test]
fn each_of_several_pollers_opens_a_connection_after_one_restore() {
    let api = RuntimeApi::start();
    let _process = launch(Profile::Debug, "told_later", &api).env("AWS_LAMBDA_MAX_CONCURRENCY", "4").start();
    let snapshot = waiting(&api);
    restore(&snapshot);
    let polls: Vec<_> = (0..4).map(|_| api.next()).collect();
    let connections: BTreeSet<_> = polls.iter().map(|poll| poll.connection).collect();
    assert!(connections.len() == 4 && !connections.contains(&snapshot.connection), "{connections:?}");
}

#[test]
fn a_failure_before_the_snapshot_is_an_init_error() {
    for profile in [Profile::Debug, Profile::Abort] {
        for (breaks, error_type, message) in [
            ("before", "PoolBusy", "the pool is busy"),
            ("panic before", "Runtime.BeforeSnapshotError", "the pool burst"),
        ] {
            let api = RuntimeApi::start();
            let process = launch(profile, "told", &api).env("BREAKS", breaks).start();
            let (report, exit) = failure(&api, process, INIT_ERROR);
            assert_reported(&report, profile, error_type, "Snapshot error", "b_before_with_pool", message);
            assert!(exit.log.contains(message) && !exit.log.contains("before, without a state"), "{}", exit.log);
        }
    }
}

#[test]
fn a_failure_after_the_restore_is_a_restore_error() {
    for profile in [Profile::Debug, Profile::Abort] {
        for (breaks, message) in [("after", "the database is gone"), ("panic after", "the database burst")] {
            let api = RuntimeApi::start();
            let process = launch(profile, "told", &api).env("BREAKS", breaks).start();
            let snapshot = waiting(&api);
            restore(&snapshot);
            let (report, exit) = failure(&api, process, RESTORE_ERROR);
            assert_ne!(report.connection, snapshot.connection);
            let error_type = "Runtime.AfterRestoreError";
            assert_reported(&report, profile, error_type, "Restore error", "b_after_with_pool", message);
            assert!(exit.log.contains(message), "{}", exit.log);
        }
    }
}

#[test]
fn a_report_of_a_snapshot_stage_without_a_response_does_not_hold_up_the_end() {
    for (breaks, path) in [("before", INIT_ERROR), ("after", RESTORE_ERROR)] {
        let api = RuntimeApi::start();
        let process = launch(Profile::Debug, "told", &api).env("BREAKS", breaks).start();
        if breaks == "after" {
            restore(&waiting(&api));
        }
        let report = api.posted();
        assert_eq!(report.path, path, "{report:?}");
        let exit = process.exit();
        assert_eq!(exit.code, Some(1), "{}", exit.log);
        for line in [&report.text("errorMessage"), "/error: the Runtime API did not answer in time (at most 2 s)"] {
            assert!(exit.log.contains(line), "{line}: {}", exit.log);
        }
    }
}

/// Asserts what a report says. Under `panic = "abort"`, the report of a panic does not name the function in its message.
#[track_caller]
fn assert_reported(report: &Posted, profile: Profile, error_type: &str, title: &str, function: &str, message: &str) {
    let header = report.header("lambda-runtime-function-error-type");
    assert_eq!(report.text("errorType"), error_type);
    assert_eq!(header, Some(if error_type.contains('.') { error_type } else { "Function.PoolBusy" }));
    let place = format!("`snapshots::{function}` ({})", line_of(SOURCE, &format!("fn {function}(")));
    let text = report.text("errorMessage");
    if message.contains("burst") && profile == Profile::Abort {
        assert!(text.starts_with(&format!("{title}: {message}")), "{text}");
        let trace = report.stack_trace();
        assert!(trace[0].contains(SOURCE) && trace[1].starts_with(&format!("snapshots::{function} (")), "{trace:?}");
    } else {
        assert!(text.starts_with(&format!("{title}: {place}: {message}")), "{text}");
    }
}

#[test]
fn a_panic_is_reported_after_an_after_restore_function_has_set_a_panic_hook() {
    for profile in [Profile::Debug, Profile::Abort] {
        let api = RuntimeApi::start();
        let process = launch(profile, "bursts", &api).env("BREAKS", "panic hook").start();
        restore(&waiting(&api));
        let delivery = Delivery::json("7");
        api.next().hand_out(&delivery);
        let report = api.posted_for(&delivery);
        report.accept();
        assert_eq!(report.text("errorType"), "Runtime.HandlerPanic");
        assert_eq!(report.text("errorMessage"), "the handler bursts");
        assert!(report.stack_trace()[0].contains(SOURCE), "{report:?}");
        let _ = process.wait_for_log("the hook of the function");
    }
}

#[test]
fn a_panic_is_reported_after_another_function_has_set_a_panic_hook() {
    for profile in [Profile::Debug, Profile::Abort] {
        for (breaks, path, message) in [
            ("hook, then an init", INIT_ERROR, "the cache burst"),
            ("hook, then before", INIT_ERROR, "the pool burst"),
            ("hook, then after", RESTORE_ERROR, "the database burst"),
        ] {
            let api = RuntimeApi::start();
            let process = launch(profile, "told", &api).env("BREAKS", breaks).start();
            if path == RESTORE_ERROR {
                restore(&waiting(&api));
            }
            let (report, exit) = failure(&api, process, path);
            let text = report.text("errorMessage");
            assert!(text.ends_with(message), "{profile:?}, {breaks}: {text}");
            assert!(report.stack_trace()[0].contains(SOURCE), "{profile:?}, {breaks}: {report:?}");
            assert_eq!(exit.log.matches("the hook of the function").count(), 1, "{}", exit.log);
        }
    }
}

#[test]
fn a_restore_that_is_rejected_or_lost_is_an_init_error() {
    for (status, response) in [
        ("404", "HTTP/1.1 404 Not Found\r\nContent-Length: 11\r\n\r\nno snapshot"),
        ("500", "HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\n{}"),
        ("", ""),
    ] {
        let api = RuntimeApi::start();
        let process = launch(Profile::Debug, "told_later", &api).start();
        let snapshot = waiting(&api);
        if response.is_empty() {
            snapshot.close();
        } else {
            snapshot.send(response);
        }
        let (report, exit) = failure(&api, process, INIT_ERROR);
        assert_eq!(report.text("errorType"), "Runtime.BeforeSnapshotError");
        let message = report.text("errorMessage");
        let expected = format!("Snapshot error: failed to GET http://{}{RESTORE}: ", api.address());
        assert!(message.starts_with(&expected) && message.contains(status), "{message}");
        assert!(exit.log.contains(&message) && !exit.log.contains("after, without a state"), "{}", exit.log);
    }
}

#[test]
fn the_registry_lists_the_functions() {
    let exit = Process::of(&snapshots(Profile::Debug)).env("MAYFLY_LIST", "json").start().exit();
    let registry: Value = serde_json::from_str(&exit.out).expect("the registry is JSON");
    let hooks = registry["hooks"].as_array().expect("there are hooks");
    let of = |hook: &Value| format!("{} {}", hook["attribute"].as_str().unwrap(), hook["path"].as_str().unwrap());
    let listed: Vec<_> = hooks.iter().map(of).collect();
    let before = ["a_before_with_cache", "b_before_with_pool", "c_before"].map(|name| ("before_snapshot", name));
    let after = ["a_after_with_cache", "b_after_with_pool", "c_after"].map(|name| ("after_restore", name));
    let all = [&before[..], &after[..], &[("shutdown", "flush")]].concat();
    let all: Vec<_> = all.into_iter().map(|(attribute, name)| format!("{attribute} snapshots::{name}")).collect();
    assert_eq!(listed, all);
    let place = line_of(SOURCE, "fn a_before_with_cache(");
    assert_eq!(format!("{}:{}", hooks[0]["file"].as_str().unwrap(), hooks[0]["line"]), place);
    assert_eq!((&hooks[0]["async"], &hooks[1]["async"]), (&json!(true), &json!(false)));
    assert_eq!(hooks[0]["needs"], json!(["snapshots::Cache"]));
}
