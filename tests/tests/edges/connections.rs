//! Connections: their reuse, loss, silence and framing.

use std::thread;
use std::time::Duration;

use mayfly_tests::{Delivery, REQUEST_ID, Request, RuntimeApi, chunk};

use super::{BOTH, ada, assert_serves, start};

#[test]
fn one_connection_serves_many_invocations() {
    for handler in BOTH {
        let api = RuntimeApi::start();
        let _process = start(handler, &api);
        for _ in 0..20 {
            assert_eq!(api.reply(&ada()).connection, 1);
        }
    }
}

/// Returns how long the server is silent: longer than the 15 s after which HTTP clients usually drop an idle connection.
///
/// `MAYFLY_SILENCE=32` is the long form, longer than 30 s as well.
fn silence() -> Duration {
    let seconds = std::env::var("MAYFLY_SILENCE").ok().and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(seconds.unwrap_or(16))
}

#[test]
fn a_silent_poll_never_times_out() {
    let held: Vec<_> = BOTH
        .iter()
        .map(|handler| {
            let api = RuntimeApi::start();
            let process = start(handler, &api);
            assert_serves(&api);
            let next = api.next();
            (api, process, next)
        })
        .collect();
    thread::sleep(silence());
    for (api, mut process, next) in held {
        assert!(api.request_within(Duration::ZERO).is_none(), "it polled again");
        assert!(process.is_running());
        assert!(process.cpu_time() < Duration::from_secs(1), "it used CPU time while waiting");
        let delivery = ada();
        next.hand_out(&delivery);
        let reply = api.posted_for(&delivery);
        assert!(reply.is_post_to("/response"));
        assert_eq!(reply.connection, 1, "the same connection");
    }
}

#[test]
fn a_connection_that_was_closed_while_idle_is_replaced() {
    for handler in BOTH {
        for reset in [false, true] {
            let api = RuntimeApi::start();
            let _process = start(handler, &api);
            assert_serves(&api);
            for number in 1..=3 {
                let held = api.next();
                assert_eq!(held.connection, number);
                if reset {
                    held.reset();
                } else {
                    held.close();
                }
                assert_serves(&api);
            }
        }
    }
}

#[test]
fn a_process_that_was_frozen_reconnects() {
    for handler in BOTH {
        let api = RuntimeApi::start();
        let process = start(handler, &api);
        assert_serves(&api);
        let held = api.next();
        process.freeze();
        held.close();
        process.thaw();
        assert_serves(&api);
    }
}

#[test]
fn a_process_that_was_frozen_finds_the_event_that_arrived_meanwhile() {
    for handler in BOTH {
        let api = RuntimeApi::start();
        let process = start(handler, &api);
        assert_serves(&api);
        let held = api.next();
        process.freeze();
        let delivery = ada();
        held.hand_out(&delivery);
        process.thaw();
        assert!(api.posted_for(&delivery).is_post_to("/response"));
    }
}

#[test]
fn a_post_that_was_lost_with_its_connection_is_repeated_once() {
    for handler in BOTH {
        for status in [202, 400, 403] {
            let api = RuntimeApi::start();
            let process = start(handler, &api);
            assert_serves(&api);
            let delivery = ada();
            let lost = api.deliver(&delivery);
            lost.reset();
            let again = api.posted_for(&delivery);
            assert_eq!((&again.path, &again.body), (&lost.path, &lost.body));
            assert_ne!(again.connection, lost.connection);
            again.respond(status, r#"{"errorType":"AlreadyThere"}"#);
            assert_serves(&api);
            // A refusal may mean that the first post arrived; the log must say so in case it did not.
            let log = if status == 202 { process.log() } else { process.wait_for_log("AlreadyThere") };
            let refused: Vec<_> = log.lines().filter(|line| line.contains("AlreadyThere")).collect();
            assert_eq!(refused.len(), usize::from(status != 202), "{log}");
            for line in refused {
                assert!(
                    line.contains("WARN") && line.contains(&delivery.id()) && line.contains(&status.to_string()),
                    "{log}"
                );
                assert!(line.contains("was sent twice") && line.contains("the first had been delivered"), "{log}");
            }
        }
    }
}

#[test]
fn a_post_is_sent_at_most_twice() {
    for handler in BOTH {
        let api = RuntimeApi::start();
        let process = start(handler, &api);
        assert_serves(&api);
        let delivery = ada();
        api.deliver(&delivery).reset();
        api.posted_for(&delivery).reset();
        // The invocation is lost; the process is not.
        assert_serves(&api);
        let _log = process.wait_for_log(&delivery.id());
    }
}

#[test]
fn a_poll_that_is_lost_is_repeated_once_over_a_fresh_connection() {
    for handler in BOTH {
        for lose in LOSSES {
            for is_reused in [false, true] {
                let api = RuntimeApi::start();
                let process = start(handler, &api);
                if is_reused {
                    assert_serves(&api);
                }
                // Polls may be lost any number of times if each loss is followed by a poll that works.
                for _ in 0..3 {
                    let lost = api.next();
                    lose(&lost);
                    let delivery = ada();
                    let again = api.next();
                    assert_ne!(again.connection, lost.connection);
                    again.hand_out(&delivery);
                    let reply = api.posted_for(&delivery);
                    assert!(reply.is_post_to("/response"));
                    reply.accept();
                }
                lose(&api.next());
                lose(&api.next());
                let exit = process.exit();
                assert_eq!(exit.code, Some(1), "{}", exit.log);
                assert!(exit.log.contains("the Runtime API is gone: failed to GET"), "{}", exit.log);
                assert!(api.request_within(Duration::ZERO).is_none(), "no further request");
            }
        }
    }
}

/// The ways to lose a poll before its event is complete.
const LOSSES: [fn(&Request); 5] = [
    Request::close,
    Request::reset,
    |poll| poll.send("SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    |poll| {
        poll.send("HTTP/1.1 2");
        poll.close();
    },
    |poll| {
        let delivery = ada();
        poll.send(delivery.head());
        poll.send(&delivery.payload()[..5]);
        poll.reset();
    },
];

#[test]
fn a_refused_connection_ends_the_process() {
    for handler in BOTH {
        let api = RuntimeApi::start();
        api.stop_listening();
        let exit = start(handler, &api).exit();
        assert_eq!(exit.code, Some(1), "{}", exit.log);
        assert!(exit.log.contains("the Runtime API is gone") && exit.log.contains("/invocation/next"), "{}", exit.log);
    }
}

/// AWS's Runtime Interface Emulator starts a function before it listens.
#[test]
fn a_server_that_does_not_listen_yet_is_waited_for() {
    for handler in BOTH {
        let early = RuntimeApi::start();
        early.stop_listening();
        let _process = start(handler, &early);
        thread::sleep(Duration::from_millis(200));
        assert_serves(&RuntimeApi::start_on(&early.address().to_string()));
    }
}

#[test]
fn every_response_may_close_its_connection() {
    for handler in BOTH {
        let api = RuntimeApi::start();
        let _process = start(handler, &api);
        for round in 0..5 {
            let delivery = ada().header("Connection", "close");
            let next = api.next();
            next.hand_out(&delivery);
            next.close();
            let reply = api.posted_for(&delivery);
            assert!(reply.is_post_to("/response") && reply.connection == 2 * round + 2, "{reply:?}");
            reply.send("HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
            reply.close();
        }
    }
}

#[test]
fn an_event_may_end_with_its_connection() {
    for handler in BOTH {
        let api = RuntimeApi::start();
        let _process = start(handler, &api);
        let delivery = ada();
        let head = format!("HTTP/1.1 200 OK\r\n{REQUEST_ID}: {}\r\nConnection: close\r\n\r\n", delivery.id());
        let next = api.next();
        next.send([head.as_bytes(), &delivery.payload()].concat());
        next.close();
        assert_eq!(api.posted_for(&delivery).json()["message"], "Hello, Ada!");
    }
}

#[test]
fn an_event_may_come_in_chunks() {
    for handler in BOTH {
        let api = RuntimeApi::start();
        let _process = start(handler, &api);
        for _ in 0..3 {
            assert_eq!(api.reply(&ada().chunked()).json()["message"], "Hello, Ada!");
        }
        let delivery = ada().chunked();
        let next = api.next();
        next.send(delivery.head());
        next.send_in_packets(
            [chunk(b"{\"name\""), chunk(b":\"Ada\"}"), b"0\r\n\r\n".to_vec()].iter().map(Vec::as_slice),
        );
        let reply = api.posted_for(&delivery);
        reply.accept();
        assert_eq!(reply.json()["message"], "Hello, Ada!");
        assert_serves(&api);
    }
}

#[test]
fn a_head_may_come_in_pieces() {
    for handler in BOTH {
        let api = RuntimeApi::start();
        let _process = start(handler, &api);
        for size in [1, 2, 50] {
            let delivery = ada();
            let bytes = [delivery.head(), delivery.payload()].concat();
            api.next().send_in_packets(bytes.chunks(size));
            let reply = api.posted_for(&delivery);
            reply.send_in_packets("HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}".as_bytes().chunks(size));
            assert_eq!(reply.connection, 1);
        }
        assert_serves(&api);
    }
}

#[test]
fn an_event_may_stall_halfway() {
    for handler in BOTH {
        for chunked in [false, true] {
            let api = RuntimeApi::start();
            let mut process = start(handler, &api);
            let delivery = if chunked { ada().chunked() } else { ada() };
            let (next, payload) = (api.next(), delivery.payload());
            let (first, rest) = payload.split_at(payload.len() / 2);
            next.send(delivery.head());
            next.send(first);
            process.wait_until_idle();
            assert!(
                api.request_within(Duration::from_millis(1500)).is_none(),
                "it did not wait for the rest of the event"
            );
            assert!(process.is_running());
            next.send(rest);
            let reply = api.posted_for(&delivery);
            reply.accept();
            assert_eq!(reply.json()["message"], "Hello, Ada!");
            assert_serves(&api);
        }
    }
}

#[test]
fn an_event_that_breaks_off_is_polled_again() {
    for handler in BOTH {
        let api = RuntimeApi::start();
        let _process = start(handler, &api);
        assert_serves(&api);
        let delivery = ada();
        let next = api.next();
        next.send(delivery.head());
        next.send(&delivery.payload()[..5]);
        next.close();
        // The service hands out a running invocation again.
        assert_eq!(api.reply(&delivery).json()["message"], "Hello, Ada!");
    }
}

#[test]
fn a_long_reply_may_be_refused_before_it_is_read() {
    for (handler, size) in [("greeter::echo", 7 << 20), ("greeter::greet", 7 << 20), ("greeter::greet_sync", 30 << 20)]
    {
        for close in [false, true] {
            let api = RuntimeApi::start();
            let mut process = start(handler, &api);
            assert_serves_json(&api);
            api.leave_unread_above(6_291_556);
            let name = "x".repeat(size);
            let delivery = Delivery::json(&format!("{{\"name\":\"{name}\"}}"));
            let refused = api.deliver(&delivery);
            refused.respond(413, r#"{"errorMessage":"too large","errorType":"RequestEntityTooLarge"}"#);
            if close {
                refused.close();
            }
            assert_serves_json(&api);
            let _ = process.wait_for_log("413");
            assert!(process.is_running());
        }
    }
}

/// Checks that the function still works, as `assert_serves` does; works for `echo` too.
fn assert_serves_json(api: &RuntimeApi) {
    assert!(api.reply(&ada()).is_post_to("/response"));
}
