//! A Runtime API that misbehaves in every way it can, by a seeded script: nothing that was handed out may be lost.
//!
//! A failure names its seed; `MAYFLY_FAULT_SEEDS=1000` runs that many, beyond the few of an ordinary run.

use std::time::Duration;

use mayfly_tests::{Api, Event, Function, NEXT, Profile, Request, greeter};
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

const STEPS: usize = 40;

/// What can go wrong with a poll without an event being lost.
#[derive(Clone, Copy, Debug)]
enum PollFault {
    Nothing,
    NoContent,
    RequestTimeout,
    Close,
    Reset,
    Truncate,
    Nameless,
    Stall,
}

const POLL_FAULTS: [PollFault; 8] = [
    PollFault::Nothing,
    PollFault::NoContent,
    PollFault::RequestTimeout,
    PollFault::Close,
    PollFault::Reset,
    PollFault::Truncate,
    PollFault::Nameless,
    PollFault::Stall,
];

/// What can go wrong with an answer, after which the function must go on.
#[derive(Clone, Copy, Debug)]
enum PostFault {
    Nothing,
    EmptyOk,
    Rejected(u16),
    /// Lost before the answer; then the second try gets this status.
    Lost(u16),
    LastOfItsConnection,
    Split,
}

const POST_FAULTS: [PostFault; 12] = [
    PostFault::Nothing,
    PostFault::EmptyOk,
    PostFault::Rejected(400),
    PostFault::Rejected(403),
    PostFault::Rejected(404),
    PostFault::Rejected(410),
    PostFault::Rejected(413),
    PostFault::Lost(202),
    PostFault::Lost(400),
    PostFault::Lost(403),
    PostFault::LastOfItsConnection,
    PostFault::Split,
];

/// One process and the script that it meets.
struct Run {
    api: Api,
    random: SmallRng,
    /// The connection that was used before: one that is lost may be retried.
    known: usize,
}

impl Run {
    fn poll(&mut self) -> Request {
        let request = self.api.request();
        assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", NEXT), "{request:?}");
        request
    }

    /// Breaks polls until one is in order, hands that one an event, and returns the threads and descriptors that the
    /// function had while it polled.
    fn hand_out(&mut self, function: &Function, event: &Event) -> (usize, usize) {
        // A connection of its own that breaks ends the process; so at most one fault in a row that breaks it.
        let mut nameless = 0;
        loop {
            let poll = self.poll();
            let held = (function.threads(), function.descriptors().len());
            let is_reused = poll.connection == self.known;
            self.known = poll.connection;
            let fault = *POLL_FAULTS.choose(&mut self.random).expect("there are some");
            match fault {
                PollFault::NoContent => poll.answer(204, ""),
                PollFault::RequestTimeout => poll.answer(408, "nothing to do"),
                PollFault::Close if is_reused => poll.close(),
                PollFault::Reset if is_reused => poll.reset(),
                PollFault::Truncate if is_reused => {
                    let bytes = [event.head(), event.payload()].concat();
                    poll.send(&bytes[..self.random.random_range(0..bytes.len())]);
                    poll.reset();
                }
                PollFault::Nameless if nameless < 5 => {
                    nameless += 1;
                    poll.hand_out(&Event::json("{}").without(mayfly_tests::REQUEST_ID));
                }
                PollFault::Stall => {
                    self.deliver_in_pieces(&poll, event);
                    return held;
                }
                _ => {
                    poll.hand_out(event);
                    return held;
                }
            }
        }
    }

    fn deliver_in_pieces(&mut self, poll: &Request, event: &Event) {
        let bytes = [event.head(), event.payload()].concat();
        let size = self.random.random_range(1..bytes.len());
        poll.send_in_packets(bytes.chunks(size.max(40)));
    }

    /// Takes the answer to an event, with a fault, and returns it.
    fn answer(&mut self, event: &Event) -> Request {
        let answer = self.api.answer_to(event);
        let is_reused = answer.connection == self.known;
        match *POST_FAULTS.choose(&mut self.random).expect("there are some") {
            PostFault::EmptyOk => answer.answer(200, ""),
            PostFault::Rejected(status) => answer.answer(status, r#"{"errorType":"Rejected","errorMessage":"no"}"#),
            PostFault::Lost(status) if is_reused => {
                if self.random.random() {
                    answer.reset();
                } else {
                    answer.close();
                }
                let again = self.api.answer_to(event);
                assert_eq!((&again.path, &again.body), (&answer.path, &answer.body), "the second try");
                self.known = again.connection;
                again.answer(status, "{}");
            }
            PostFault::LastOfItsConnection => {
                answer.send("HTTP/1.1 202 Accepted\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}");
                answer.close();
            }
            PostFault::Split => answer.send_in_packets(
                b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n".chunks(9),
            ),
            _ => answer.accept(),
        }
        answer
    }
}

/// An event in one of many shapes, and whether the handler can read it.
fn event(random: &mut SmallRng, number: usize) -> (Event, bool) {
    let good = random.random_bool(0.8);
    let body = if good { format!(r#"{{"name":"{number}"}}"#) } else { "{\"name\":".to_owned() };
    let size = if random.random_bool(0.2) { random.random_range(0..200_000) } else { 0 };
    let mut event = Event::new(body + &" ".repeat(size));
    if random.random() {
        event = event.chunked();
    }
    for name in ["Lambda-Runtime-Client-Context", "Lambda-Runtime-Cognito-Identity", "X-Whatever"] {
        if random.random() {
            let value: Vec<u8> = (0..random.random_range(0..40)).map(|_| random.random_range(0x20..=0xff)).collect();
            event = event.header(name, value.into_iter().filter(|&byte| byte != 0x7f).collect::<Vec<_>>());
        }
    }
    if random.random_bool(0.3) {
        event = event.with("Lambda-Runtime-Deadline-Ms", ["", "soon", "600000", "-1"][random.random_range(0..4)]);
    }
    if random.random() {
        event = event.header("Lambda-Runtime-Invocation-Id", format!("try-{number}"));
    }
    (event, good)
}

fn run(seed: u64, handler: &str, profile: Profile) {
    let api = Api::start();
    let mut function = Function::of(&greeter(profile)).handler(handler).api(&api).start();
    let mut run = Run { api, random: SmallRng::seed_from_u64(seed), known: 0 };
    let mut held = Vec::new();
    for number in 0..STEPS {
        let (event, good) = event(&mut run.random, number);
        held.push(run.hand_out(&function, &event));
        let answer = run.answer(&event);
        let shown = || format!("seed {seed}, step {number}: {answer:?}\n{}", function.log());
        assert_eq!(answer.is_post_to("/response"), good, "{}", shown());
        if good {
            assert_eq!(answer.json()["message"], format!("Hello, {number}!"), "{}", shown());
        }
    }
    assert_eq!(held.last(), held.get(2), "leaked, seed {seed}");
    assert!(function.is_running(), "seed {seed}");
    // The one status after which the process must end.
    let (last, _) = event(&mut run.random, STEPS);
    let _ = run.hand_out(&function, &last);
    run.api.answer_to(&last).answer(500, "broken");
    let exit = function.exit();
    assert_eq!(exit.code, Some(1), "seed {seed}: {}", exit.log);
    assert!(exit.log.contains("500"), "seed {seed}: {}", exit.log);
}

#[test]
fn nothing_is_lost() {
    let seeds = std::env::var("MAYFLY_FAULT_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(6);
    for seed in 0..seeds {
        for handler in ["greeter::greet", "greeter::greet_sync"] {
            run(seed, handler, Profile::Release);
        }
    }
}

/// While the server stalls, whatever it has sent so far, the function sleeps.
#[test]
fn no_stall_is_a_hot_loop() {
    for handler in ["greeter::greet", "greeter::greet_sync"] {
        for part in ["", "HTTP/1.1 200 OK\r\nLambda-Run", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"name\""] {
            let api = Api::start();
            let function = Function::of(&greeter(Profile::Release)).handler(handler).api(&api).start();
            api.next().send(part);
            function.wait_until_idle();
            let settled = function.cpu_time();
            std::thread::sleep(Duration::from_secs(2));
            let spent = function.cpu_time().saturating_sub(settled);
            assert!(spent <= Duration::from_millis(10), "{handler}, {part:?}: {spent:?}");
        }
    }
}
