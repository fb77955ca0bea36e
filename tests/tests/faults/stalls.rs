//! A server that stalls at any point of any response: the function sleeps meanwhile.

use std::thread;
use std::time::Duration;

use mayfly_tests::{Delivery, Process, Profile, Request, RuntimeApi, greeter, odd};

/// The part of the response that the server has sent when it stalls.
pub(crate) const PARTS: [&str; 5] = [
    "",
    "HTTP/1.1 2",
    "HTTP/1.1 200 OK\r\nLambda-Run",
    "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"name\"",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"name\"",
];
const STALL: Duration = Duration::from_secs(5);
const MOST: Duration = Duration::from_millis(10);

/// A process that waits for a server.
struct Waiting {
    /// The request and the part of the response, for the message of a failure.
    place: String,
    process: Process,
    /// Kept, since dropping them would close the connection.
    _server: (RuntimeApi, Vec<Request>),
}

fn in_next(handler: &str, part: &str) -> Waiting {
    let api = RuntimeApi::start();
    let process = Process::of(&greeter(Profile::Release)).handler(handler).api(&api).start();
    let next = api.next();
    next.send(part);
    Waiting { place: format!("{handler}, /next, {part:?}"), process, _server: (api, vec![next]) }
}

fn in_post(handler: &str, event: &str, part: &str) -> Waiting {
    let api = RuntimeApi::start();
    let process = Process::of(&greeter(Profile::Release)).handler(handler).api(&api).start();
    let posted = api.deliver(&Delivery::json(event));
    posted.send(part);
    Waiting { place: format!("{handler}, {}, {part:?}", posted.path), process, _server: (api, vec![posted.into()]) }
}

/// Starts a process that waits in the middle of a reply that the server does not read.
fn in_sending(handler: &str) -> Waiting {
    let api = RuntimeApi::start();
    let process = Process::of(&greeter(Profile::Release)).handler(handler).api(&api).start();
    api.leave_unread_above(1 << 20);
    let name = "x".repeat(20 << 20);
    let posted = api.deliver(&Delivery::json(&format!(r#"{{"name":"{name}"}}"#)));
    Waiting { place: format!("{handler}, an answer that is not read"), process, _server: (api, vec![posted.into()]) }
}

fn with_pollers(handler: &str) -> Waiting {
    let api = RuntimeApi::start();
    let launch = Process::of(&odd(Profile::Release, "odd")).handler(handler).api(&api);
    let process = launch.env("AWS_LAMBDA_MAX_CONCURRENCY", "8").start();
    let polls = (0..8).map(|_| api.next()).collect();
    Waiting { place: format!("{handler}, eight polls"), process, _server: (api, polls) }
}

#[test]
fn no_stall_is_a_hot_loop() {
    let mut waiting = Vec::new();
    for handler in ["greeter::greet", "greeter::greet_sync"] {
        waiting.push(in_sending(handler));
        for part in PARTS {
            waiting.push(in_next(handler, part));
            waiting.push(in_post(handler, r#"{"name":"Ada"}"#, part));
            waiting.push(in_post(handler, "7", part));
        }
    }
    waiting.extend(["odd::crowd::asynchronous", "odd::crowd::blocking"].map(with_pollers));
    for Waiting { process, .. } in &waiting {
        process.wait_until_idle();
    }
    let settled: Vec<_> = waiting.iter().map(|waiting| waiting.process.cpu_time()).collect();
    thread::sleep(STALL);
    for (Waiting { place, process, .. }, settled) in waiting.iter_mut().zip(settled) {
        assert!(process.is_running(), "{place}");
        let spent = process.cpu_time().saturating_sub(settled);
        assert!(spent <= MOST, "{place}: {spent:?}");
    }
}
