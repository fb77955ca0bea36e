//! Several invocations at a time, as on Lambda Managed Instances.
//!
//! `MAYFLY_CONCURRENT=100000 cargo test --workspace --test runtime shuffle -- --nocapture` runs the long form with
//! a release binary.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use mayfly_tests::{Delivery, Launch, Posted, Process, Profile, Request, RuntimeApi, odd, odd_unwinding};
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::json;

const POLLERS: usize = 8;
const SIGABRT: i32 = 6;

fn launch(profile: Profile, handler: &str, api: &RuntimeApi) -> Launch {
    Process::of(&odd(profile, "odd")).handler(&format!("odd::crowd::{handler}")).api(api)
}

fn start(profile: Profile, handler: &str, api: &RuntimeApi) -> Process {
    launch(profile, handler, api).env("AWS_LAMBDA_MAX_CONCURRENCY", &POLLERS.to_string()).start()
}

/// The open invocations, by id.
#[derive(Default)]
struct Open(HashMap<String, u64>);

impl Open {
    fn hand_out(&mut self, poll: &Request, number: u64, order: &serde_json::Value) {
        let delivery = Delivery::new(order.to_string());
        self.0.insert(delivery.id(), number);
        poll.hand_out(&delivery);
    }

    /// Closes the invocation of a post, which must carry the id and the payload of the same invocation.
    fn close(&mut self, posted: &Posted) -> u64 {
        let id = id_of(posted);
        let number = self.0.remove(&id).unwrap_or_else(|| panic!("{id} is not open: {posted:?}"));
        if posted.is_post_to("/response") {
            assert_eq!(posted.json(), json!({ "number": number, "id": id }));
        } else {
            let message = posted.text("errorMessage");
            assert!(message == number.to_string() || message == format!("number {number} exploded"), "{message}");
        }
        number
    }
}

fn id_of(posted: &Request) -> String {
    posted.path.split('/').nth_back(1).expect("the path has an id").to_owned()
}

/// A request that the server has yet to respond to.
struct Held {
    request: Request,
    /// Whether its connection was in use before: if that breaks, the function repeats the request.
    is_reused: bool,
    /// The number of the order, if the request is its post.
    number: Option<u64>,
}

/// Checks that every order gets its own post.
///
/// The server holds polls and posts and responds to them in random order; it refuses some posts and closes some
/// connections.
fn every_post_carries_its_invocation(handler: &str) {
    let long = std::env::var("MAYFLY_CONCURRENT").ok().and_then(|count| count.parse().ok());
    let binary = if long.is_some() { odd_unwinding() } else { odd(Profile::Debug, "odd") };
    let count: u64 = long.unwrap_or(3_000);
    let api = RuntimeApi::start();
    let launch = Process::of(&binary).handler(&format!("odd::crowd::{handler}")).api(&api).env("LOGLEVEL", "off");
    let mut process = launch.env("AWS_LAMBDA_MAX_CONCURRENCY", &POLLERS.to_string()).start();
    let (mut open, mut waiting, mut idle) = (Open::default(), Vec::new(), Vec::new());
    let (mut handed_out, mut answered) = (0, 0);
    let mut used = HashSet::new();
    let mut random = SmallRng::seed_from_u64(1);
    let start = Instant::now();
    while answered < count {
        let request = api.request();
        let is_reused = !used.insert(request.connection);
        waiting.push(if request.method == "POST" {
            let posted = Posted::from(request);
            Held { is_reused, number: Some(open.close(&posted)), request: posted.into() }
        } else {
            Held { is_reused, number: None, request }
        });
        // The function must have at least one, or no further request would come.
        let most = if handed_out < count { random.random_range(0..POLLERS) } else { 0 };
        while waiting.len() > most {
            let Held { request, is_reused, number } = waiting.swap_remove(random.random_range(0..waiting.len()));
            if is_reused && random.random_ratio(1, 20) {
                request.reset();
                open.0.extend(number.map(|number| (id_of(&request), number)));
            } else if number.is_some() {
                request.respond(
                    *[202, 202, 200, 400, 403, 410, 413].choose(&mut random).expect("the list is not empty"),
                    "{}",
                );
                answered += 1;
            } else if handed_out < count {
                let (pause, fate) = (random.random_range(0..4), random.random_range(0..16));
                let order = json!({
                    "number": handed_out, "pause_ms": pause, "explode": fate == 0, "fail": fate == 1,
                });
                open.hand_out(&request, handed_out, &order);
                handed_out += 1;
            } else {
                idle.push(request);
            }
        }
    }
    assert!(process.is_running());
    assert!(open.0.is_empty());
    println!("{handler}: {count} invocations by {POLLERS} pollers in {:?}", start.elapsed());
}

#[test]
fn async_replies_carry_their_ids_under_shuffle() {
    every_post_carries_its_invocation("asynchronous");
}

#[test]
fn blocking_replies_carry_their_ids_under_shuffle() {
    every_post_carries_its_invocation("blocking");
}

#[test]
fn eight_invocations_are_served_at_the_same_time() {
    for handler in ["asynchronous", "blocking"] {
        let api = RuntimeApi::start();
        let _process = start(Profile::Debug, handler, &api);
        let polls: Vec<_> = (0..POLLERS).map(|_| api.next()).collect();
        assert!(api.request_within(Duration::from_millis(200)).is_none(), "a ninth poll");
        let mut open = Open::default();
        for (number, poll) in (0..).zip(&polls) {
            // The first takes longest: if they were served one by one, its reply would come first.
            let pause = (POLLERS as u64 - number) * 100;
            open.hand_out(poll, number, &json!({ "number": number, "pause_ms": pause }));
        }
        let posts: Vec<_> = (0..POLLERS).map(|_| api.posted()).collect();
        let order: Vec<_> = posts.iter().map(|posted| open.close(posted)).collect();
        assert_eq!(order.last(), Some(&0), "{order:?}");
    }
}

#[test]
fn a_handler_that_computes_does_not_hold_up_the_others() {
    let api = RuntimeApi::start();
    let _process = start(Profile::Debug, "asynchronous", &api);
    let polls: Vec<_> = (0..POLLERS).map(|_| api.next()).collect();
    let mut open = Open::default();
    for (number, poll) in (0..).zip(&polls) {
        let (compute, pause) = if number < 7 { (3_000, 0) } else { (0, 100) };
        let order = json!({ "number": number, "compute_ms": compute, "pause_ms": pause });
        open.hand_out(poll, number, &order);
    }
    assert_eq!(open.close(&api.posted()), 7, "the invocation with the timer ends first");
}

#[test]
fn a_panic_that_aborts_is_reported_for_every_open_invocation() {
    for handler in ["asynchronous", "blocking"] {
        let api = RuntimeApi::start();
        let process = start(Profile::Release, handler, &api);
        let polls: Vec<_> = (0..POLLERS).map(|_| api.next()).collect();
        let mut deliveries = HashMap::new();
        for (number, poll) in polls.iter().enumerate() {
            let explode = number == POLLERS - 1;
            let pause = if explode { 50 } else { 60_000 };
            let order = json!({ "number": number, "pause_ms": pause, "explode": explode });
            let delivery = Delivery::new(order.to_string());
            deliveries.insert(delivery.id(), explode);
            poll.hand_out(&delivery);
        }
        for number in 0..POLLERS {
            let error = api.posted();
            // The next report is sent, however the service responds to this one.
            match number % 4 {
                0 => error.accept(),
                1 => error.respond(410, r#"{"errorType":"InvocationTimedOut"}"#),
                2 => error.close(),
                _ => error.reset(),
            }
            let message = error.text("errorMessage");
            match deliveries.remove(&id_of(&error)) {
                Some(true) => assert_eq!(message, "number 7 exploded"),
                Some(false) => assert!(
                    message.starts_with("aborted by a panic outside this invocation") && message.contains("crowd.rs:"),
                    "{message}"
                ),
                None => panic!("reported twice: {error:?}"),
            }
            assert_eq!(error.text("errorType"), "Runtime.HandlerPanic");
        }
        assert_eq!(process.exit().signal, Some(SIGABRT));
    }
}

#[test]
fn an_invalid_number_of_pollers_means_one_poller_and_a_warning() {
    for (value, warning) in [("1", None), ("0", Some("`0`")), ("many", Some("`many`"))] {
        let api = RuntimeApi::start();
        let process = launch(Profile::Debug, "asynchronous", &api).env("AWS_LAMBDA_MAX_CONCURRENCY", value).start();
        let poll = api.next();
        assert!(api.request_within(Duration::from_millis(200)).is_none(), "a second poll");
        let mut open = Open::default();
        open.hand_out(&poll, 5, &json!({ "number": 5 }));
        let posted = api.posted();
        open.close(&posted);
        posted.accept();
        let log = process.log();
        let warnings = log.lines().filter(|line| line.contains("AWS_LAMBDA_MAX_CONCURRENCY")).collect::<Vec<_>>();
        assert_eq!(warnings.len(), usize::from(warning.is_some()), "{log}");
        assert!(warning.is_none_or(|warning| warnings[0].contains(warning)), "{log}");
    }
}

#[test]
fn a_server_that_goes_away_ends_all_pollers() {
    let api = RuntimeApi::start();
    let process = start(Profile::Debug, "asynchronous", &api);
    let polls: Vec<_> = (0..POLLERS).map(|_| api.next()).collect();
    drop((api, polls));
    let exit = process.exit();
    assert_eq!(exit.code, Some(1), "{}", exit.log);
    assert!(exit.log.contains("the Runtime API is gone"), "{}", exit.log);
}
