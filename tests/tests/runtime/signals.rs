//! SIGTERM, SIGSTOP and SIGKILL in every state of a function and its server.
//!
//! `MAYFLY_FREEZE=60 cargo test --workspace --test runtime frozen` freezes for 60 seconds instead of a moment.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use mayfly_tests::{Delivery, Process, Profile, Request, RuntimeApi, greeter, odd};
use serde_json::json;

const SIGTERM: i32 = 15;
const CROWD: [&str; 2] = ["odd::crowd::asynchronous", "odd::crowd::blocking"];

/// The activity of a function when the signal arrives.
#[derive(Clone, Copy, Debug)]
enum State {
    Waiting,
    Receiving,
    Handling,
    Responding,
    Failing,
    /// In the middle of a reply that the server does not read.
    Sending,
}

impl State {
    const ALL: [Self; 6] =
        [Self::Waiting, Self::Receiving, Self::Handling, Self::Responding, Self::Failing, Self::Sending];

    fn handler(self, is_async: bool) -> &'static str {
        match (self, is_async) {
            (Self::Sending, true) => "greeter::greet",
            (Self::Sending, false) => "greeter::greet_sync",
            _ => CROWD[usize::from(!is_async)],
        }
    }

    /// Brings a function into this state by one of its polls; it stays there while the returned request is kept.
    fn reach(self, api: &RuntimeApi, poll: Request) -> Request {
        let body = match self {
            // Longer than the signal takes, shorter than a test waits.
            Self::Handling => json!({ "number": 1, "pause_ms": 3_000 }),
            Self::Failing => json!({ "number": 1, "fail": true }),
            Self::Sending => json!({ "name": "x".repeat(20 << 20) }),
            _ => json!({ "number": 1 }),
        };
        let delivery = Delivery::new(body.to_string());
        match self {
            Self::Waiting => poll,
            Self::Receiving => {
                poll.send(delivery.head());
                poll.send(&delivery.payload()[..5]);
                poll
            }
            Self::Handling => {
                poll.hand_out(&delivery);
                poll
            }
            Self::Responding | Self::Failing | Self::Sending => {
                api.leave_unread_above(1 << 20);
                poll.hand_out(&delivery);
                api.posted_for(&delivery).into()
            }
        }
    }
}

fn start(handler: &str, profile: Profile, pollers: usize, api: &RuntimeApi) -> Process {
    start_at(&api.address().to_string(), handler, profile, pollers)
}

fn start_at(address: &str, handler: &str, profile: Profile, pollers: usize) -> Process {
    let binary = if handler.starts_with("greeter::") { greeter(profile) } else { odd(profile, "odd") };
    let launch = Process::of(&binary).handler(handler).env("AWS_LAMBDA_RUNTIME_API", address);
    launch.env("AWS_LAMBDA_MAX_CONCURRENCY", &pollers.to_string()).start()
}

#[test]
fn sigterm_ends_the_process_in_every_state() {
    for is_async in [true, false] {
        for state in State::ALL {
            let api = RuntimeApi::start();
            let process = start(state.handler(is_async), Profile::Release, 1, &api);
            let _kept = state.reach(&api, api.next());
            process.wait_until_idle();
            process.terminate();
            assert_eq!(process.exit().signal, Some(SIGTERM), "{is_async} while {state:?}");
        }
    }
}

#[test]
fn sigterm_ends_many_pollers_in_every_state() {
    for is_async in [true, false] {
        for state in State::ALL {
            let api = RuntimeApi::start();
            let process = start(state.handler(is_async), Profile::Debug, 4, &api);
            let mut polls: Vec<_> = (0..4).map(|_| api.next()).collect();
            // One poller is in that state; the others wait.
            let _kept = state.reach(&api, polls.remove(0));
            process.wait_until_idle();
            process.terminate();
            assert_eq!(process.exit().signal, Some(SIGTERM), "{is_async} while {state:?}");
        }
    }
}

#[test]
fn sigterm_ends_the_process_in_its_init() {
    for handler in ["odd::states::sleeps", "odd::states::sleeps_later"] {
        for profile in [Profile::Debug, Profile::Release] {
            let api = RuntimeApi::start();
            let process = start(handler, profile, 1, &api);
            let _log = process.wait_for_log("the database is asleep");
            process.wait_until_idle();
            process.terminate();
            assert_eq!(process.exit().signal, Some(SIGTERM), "{handler}");
            assert!(api.request_within(Duration::from_millis(20)).is_none(), "{handler}");
        }
    }
}

#[test]
fn sigterm_ends_the_process_while_it_reports_why_it_cannot_start() {
    let api = RuntimeApi::start();
    let process = start("odd::states::fails", Profile::Release, 1, &api);
    let report = api.posted();
    assert!(report.is_post_to("/init/error"), "{report:?}");
    process.wait_until_idle();
    process.terminate();
    assert_eq!(process.exit().signal, Some(SIGTERM));
}

/// Returns the time for which a process is frozen.
fn frozen_for() -> Duration {
    let seconds = std::env::var("MAYFLY_FREEZE").ok().and_then(|seconds| seconds.parse().ok());
    seconds.map_or(Duration::from_millis(300), Duration::from_secs)
}

/// Lambda freezes a process between invocations for any length of time.
#[test]
fn a_frozen_process_continues_when_it_is_resumed() {
    let held = ["greeter::greet", "greeter::greet_sync"].map(|handler| {
        let api = RuntimeApi::start();
        let process = start(handler, Profile::Release, 1, &api);
        let _first = api.reply(&Delivery::json("{}"));
        let poll = api.next();
        process.wait_until_idle();
        process.freeze();
        let delivery = Delivery::json(r#"{"name":"Ada"}"#);
        poll.hand_out(&delivery);
        (api, process, poll, delivery)
    });
    std::thread::sleep(frozen_for());
    for (api, process, _, delivery) in held {
        assert!(api.request_within(Duration::ZERO).is_none(), "a frozen process sends nothing");
        process.thaw();
        let posted = api.posted_for(&delivery);
        assert_eq!(posted.json()["message"], "Hello, Ada!");
        posted.accept();
        assert_eq!(api.next().connection, 1, "the same connection");
    }
}

/// The process is frozen while it works and while it waits for the response to its reply.
#[test]
fn a_frozen_process_loses_nothing_in_any_state() {
    for handler in CROWD {
        let api = RuntimeApi::start();
        let process = start(handler, Profile::Release, 1, &api);
        let delivery = Delivery::new(json!({ "number": 1, "pause_ms": 200 }).to_string());
        let poll = api.next();
        let payload = delivery.payload();
        poll.send(delivery.head());
        poll.send(&payload[..5]);
        frozen_and_thawed(&process);
        poll.send(&payload[5..]);
        frozen_and_thawed(&process);
        let posted = api.posted_for(&delivery);
        assert_eq!(posted.json(), json!({ "number": 1, "id": delivery.id() }));
        process.freeze();
        posted.accept();
        std::thread::sleep(frozen_for());
        process.thaw();
        assert!(api.reply(&Delivery::new(json!({ "number": 2 }).to_string())).connection == 1, "the same connection");
    }
}

fn frozen_and_thawed(process: &Process) {
    process.freeze();
    std::thread::sleep(frozen_for());
    process.thaw();
}

/// A process between a function and its server; to the function, killing it kills the server.
struct Relay {
    process: Child,
    address: String,
}

impl Relay {
    fn to(api: &RuntimeApi) -> Self {
        let mut relay = Command::new(env!("CARGO_BIN_EXE_relay"));
        let mut process = relay.arg(api.address().to_string()).stdout(Stdio::piped()).spawn().expect("it can be run");
        let mut address = String::new();
        let mut out = BufReader::new(process.stdout.take().expect("stdout is piped"));
        out.read_line(&mut address).expect("it prints its address");
        Self { process, address: address.trim().to_owned() }
    }

    /// Sends it SIGKILL.
    fn kill(&mut self) {
        self.process.kill().expect("the process is running");
        self.process.wait().expect("it is a child");
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_server_that_is_killed_ends_the_process_from_every_state() {
    for is_async in [true, false] {
        for (pollers, profile) in [(1, Profile::Release), (4, Profile::Debug)] {
            for state in State::ALL {
                let api = RuntimeApi::start();
                let mut relay = Relay::to(&api);
                let process = start_at(&relay.address, state.handler(is_async), profile, pollers);
                let mut polls: Vec<_> = (0..pollers).map(|_| api.next()).collect();
                let _kept = state.reach(&api, polls.remove(0));
                process.wait_until_idle();
                relay.kill();
                let exit = process.exit();
                let shown = format!("{state:?} with {pollers} pollers: {}", exit.log);
                assert_eq!(exit.code, Some(1), "{shown}");
                assert!(exit.log.contains("the Runtime API is gone: failed to GET"), "{shown}");
            }
        }
    }
}

#[test]
fn a_process_that_cannot_start_ends_when_its_server_is_killed() {
    let api = RuntimeApi::start();
    let mut relay = Relay::to(&api);
    let process = start_at(&relay.address, "odd::states::fails", Profile::Release, 1);
    assert!(api.posted().is_post_to("/init/error"));
    relay.kill();
    let exit = process.exit();
    assert_eq!(exit.code, Some(1), "{}", exit.log);
    assert!(exit.log.contains("the database is closed"), "{}", exit.log);
}
