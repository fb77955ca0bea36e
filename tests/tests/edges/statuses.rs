//! The status codes of the Runtime API and their consequences for the process.

use std::time::Duration;

use mayfly_tests::{Delivery, Process, Profile, REQUEST_ID, RuntimeApi, odd, until};

use super::{BOTH, ada, assert_serves, start};

#[test]
fn an_empty_poll_is_repeated_after_a_pause() {
    for handler in BOTH {
        let api = RuntimeApi::start();
        let process = start(handler, &api);
        for _ in 0..10 {
            api.next().send("HTTP/1.1 204 No Content\r\n\r\n");
            api.next().respond(408, "timed out");
        }
        assert_serves(&api);
        assert!(process.cpu_time() < Duration::from_secs(1), "polling spins");
    }
}

/// The consequence of a response to a poll.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Delivered,
    /// The event has no id to report to.
    Dropped,
    PolledAgain,
    End,
}

fn fate(status: u16, has_id: bool) -> Fate {
    match status {
        408 => Fate::PolledAgain,
        204 if !has_id => Fate::PolledAgain,
        200..300 if has_id => Fate::Delivered,
        200..300 => Fate::Dropped,
        _ => Fate::End,
    }
}

#[test]
fn every_status_of_a_poll_has_its_consequence() {
    let statuses: Vec<_> = (200..600).collect();
    std::thread::scope(|scope| {
        for (statuses, handler) in statuses.chunks(50).zip(BOTH.into_iter().cycle()) {
            scope.spawn(move || {
                let (mut api, mut process) = (RuntimeApi::start(), None);
                for (status, has_id) in statuses.iter().flat_map(|&status| [(status, true), (status, false)]) {
                    let running = process.get_or_insert_with(|| start(handler, &api));
                    meets(&api, running, status, has_id);
                    if fate(status, has_id) == Fate::End {
                        let exit = process.take().expect("it was started").exit();
                        assert_eq!(exit.code, Some(1), "{status}: {}", exit.log);
                        assert!(exit.log.contains(&format!("/next: {status} Whatever")), "{status}: {}", exit.log);
                        api = RuntimeApi::start();
                    }
                }
            });
        }
    });
}

/// Responds to a poll with that status and checks the consequence.
fn meets(api: &RuntimeApi, process: &Process, status: u16, has_id: bool) {
    let dropped = || process.log().matches("cannot be answered").count();
    let before = dropped();
    let delivery = if has_id { ada() } else { ada().without(REQUEST_ID) };
    let head =
        String::from_utf8(delivery.head()).expect("it is text").replacen("200 OK", &format!("{status} Whatever"), 1);
    // HTTP allows no body with this status.
    let body = if status == 204 { Vec::new() } else { delivery.payload() };
    api.next().send([head.as_bytes(), &body].concat());
    match fate(status, has_id) {
        Fate::Delivered => {
            let posted = api.posted_for(&delivery);
            assert!(posted.is_post_to(if status == 204 { "/error" } else { "/response" }), "{status}: {posted:?}");
            posted.accept();
        }
        Fate::Dropped => {
            assert_serves(api);
            // Of this one: the log has those of earlier statuses, too.
            until("the dropped invocation is logged", || (dropped() > before).then_some(()));
        }
        Fate::PolledAgain => {
            assert_serves(api);
            assert_eq!(dropped(), before, "{status}: {}", process.log());
        }
        Fate::End => {}
    }
}

#[test]
fn any_success_is_acceptance() {
    for handler in BOTH {
        let api = RuntimeApi::start();
        let _process = start(handler, &api);
        for status in [200, 201, 202] {
            // cargo-lambda's emulator sends an empty body.
            api.deliver(&ada()).respond(status, "");
        }
        api.deliver(&ada()).send("HTTP/1.1 204 No Content\r\n\r\n");
        assert_serves(&api);
    }
}

#[test]
fn a_refused_reply_is_logged_and_never_repeated() {
    for handler in BOTH {
        let api = RuntimeApi::start();
        let process = start(handler, &api);
        for status in [400, 403, 404, 410, 413] {
            let delivery = ada();
            api.deliver(&delivery).respond(status, &format!(r#"{{"errorType":"Refused{status}"}}"#));
            let log = process.wait_for_log(&format!("Refused{status}"));
            assert!(log.contains(&delivery.id()) && log.contains(&status.to_string()), "{log}");
            // Neither the same reply again nor an error for it.
            assert_serves(&api);
        }
    }
}

#[test]
fn a_refused_error_is_logged_and_never_repeated() {
    let api = RuntimeApi::start();
    let process = start("greeter::fail::refuse", &api);
    for status in [400, 403, 410, 413] {
        api.deliver(&Delivery::json("{}")).respond(status, &format!(r#"{{"errorType":"Refused{status}"}}"#));
        let _ = process.wait_for_log(&format!("Refused{status}"));
        let _ = api.error(&Delivery::json("{}"));
    }
}

#[test]
fn a_server_error_ends_the_process_at_once() {
    for handler in BOTH {
        for on_next in [true, false] {
            let api = RuntimeApi::start();
            let process = start(handler, &api);
            assert_serves(&api);
            let request = if on_next { api.next() } else { api.deliver(&ada()).into() };
            request.respond(500, r#"{"errorMessage":"container error"}"#);
            let exit = process.exit();
            assert_eq!(exit.code, Some(1), "{}", exit.log);
            assert!(exit.log.contains("500") && exit.log.contains("container error"), "{}", exit.log);
            assert!(api.request_within(Duration::ZERO).is_none(), "no request follows a 500");
        }
    }
}

#[test]
fn a_refused_poll_ends_the_process() {
    for status in [400, 403, 404, 410] {
        let api = RuntimeApi::start();
        let process = start("greeter::greet", &api);
        api.next().respond(status, r#"{"errorMessage":"not now"}"#);
        let exit = process.exit();
        assert_eq!(exit.code, Some(1), "{}", exit.log);
        assert!(exit.log.contains(&status.to_string()) && exit.log.contains("not now"), "{}", exit.log);
    }
}

#[test]
fn an_event_without_an_id_is_dropped_a_limited_number_of_times() {
    let api = RuntimeApi::start();
    let process = start("greeter::greet", &api);
    api.next().hand_out(&ada().without(REQUEST_ID));
    api.next().hand_out(&ada().with(REQUEST_ID, ""));
    assert_serves(&api);
    let log = process.wait_for_log("lambda-runtime-aws-request-id");
    assert!(!log.contains("Ada\""), "no payload in the log: {log}");
    let mut dropped = 0;
    while let Some(next) = api.request_within(Duration::from_secs(2)) {
        next.hand_out(&ada().without(REQUEST_ID));
        dropped += 1;
        assert!(dropped < 100, "it goes on for ever");
    }
    let exit = process.exit();
    assert_eq!(exit.code, Some(1), "{}", exit.log);
    assert!(exit.log.contains("without a request id"), "{}", exit.log);
}

#[test]
fn a_late_reply_and_a_second_attempt_are_told_apart() {
    let api = RuntimeApi::start();
    let process = start("greeter::greet", &api);
    let attempt = |number: &str| {
        ada().with(REQUEST_ID, "the-same").header("Lambda-Runtime-Invocation-Id", format!("attempt-{number}"))
    };
    let late = api.deliver(&attempt("1"));
    assert_eq!(late.header("lambda-runtime-invocation-id"), Some("attempt-1"));
    late.respond(410, r#"{"errorType":"InvocationTimedOut"}"#);
    let second = api.invoke(&attempt("2"));
    assert_eq!(second.header("lambda-runtime-invocation-id"), Some("attempt-2"));
    assert!(second.is_post_to("/the-same/response"));
    let plain = api.reply(&ada());
    assert_eq!(plain.header("lambda-runtime-invocation-id"), None, "only if it was given");
    let _ = process.wait_for_log("InvocationTimedOut");

    let api = RuntimeApi::start();
    let _process = start("greeter::fail::refuse", &api);
    let error = api.error(&attempt("3"));
    assert_eq!(error.header("lambda-runtime-invocation-id"), Some("attempt-3"));
}

#[test]
fn a_service_that_is_gone_ends_the_process_with_a_message() {
    for handler in BOTH {
        let api = RuntimeApi::start();
        let process = start(handler, &api);
        assert_serves(&api);
        drop(api);
        let exit = process.exit();
        assert_eq!(exit.code, Some(1), "{}", exit.log);
        assert!(exit.log.contains("the Runtime API is gone"), "{}", exit.log);
    }
}

#[test]
fn a_task_that_never_ends_does_not_keep_the_process_from_ending() {
    let api = RuntimeApi::start();
    let process = Process::of(&odd(Profile::Debug, "odd")).handler("odd::background::stuck").api(&api).start();
    let _reply = api.reply(&Delivery::json("{}"));
    let _poll = api.next();
    drop(api);
    assert_eq!(process.exit().code, Some(1));
}
