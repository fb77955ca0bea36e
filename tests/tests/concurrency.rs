//! Several invocations at once, as Lambda Managed Instances hand them out.

use std::collections::HashMap;
use std::time::Duration;

use mayfly_tests::{Api, Event, Function, Launch, Profile, Request, odd};
use serde_json::json;

const POLLERS: usize = 8;
const SIGABRT: i32 = 6;

fn launch(profile: Profile, handler: &str, api: &Api) -> Launch {
    Function::of(&odd(profile, "odd")).handler(&format!("odd::crowd::{handler}")).api(api)
}

fn start(profile: Profile, handler: &str, api: &Api) -> Function {
    launch(profile, handler, api).env("AWS_LAMBDA_MAX_CONCURRENCY", &POLLERS.to_string()).start()
}

/// The invocations that are open, by their ids.
#[derive(Default)]
struct Open(HashMap<String, u64>);

impl Open {
    fn hand_out(&mut self, poll: &Request, number: u64, order: &serde_json::Value) {
        let event = Event::new(order.to_string());
        self.0.insert(event.id(), number);
        poll.hand_out(&event);
    }

    /// Takes an answer off, which must carry the id and the payload of the same invocation.
    fn close(&mut self, answer: &Request) -> u64 {
        let id = answer.path.split('/').nth_back(1).expect("the path has an id").to_owned();
        let number = self.0.remove(&id).unwrap_or_else(|| panic!("{id} is not open: {answer:?}"));
        if answer.is_post_to("/response") {
            assert_eq!(answer.json(), json!({ "number": number, "id": id }));
        } else {
            let message = answer.text("errorMessage");
            assert!(message == number.to_string() || message == format!("number {number} exploded"), "{message}");
        }
        answer.accept();
        number
    }
}

/// Every order gets its own answer, whatever the others do meanwhile; a small generator shuffles what they do.
fn every_answer_finds_its_invocation(handler: &str, count: u64) {
    let api = Api::start();
    let mut function = start(Profile::Debug, handler, &api);
    let (mut open, mut polls, mut handed_out, mut answered) = (Open::default(), Vec::new(), 0, 0);
    let mut random = 1_u64;
    while answered < count {
        let request = api.request();
        if request.method == "POST" {
            open.close(&request);
            answered += 1;
            continue;
        }
        polls.push(request);
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let most = (random >> 33) as usize % POLLERS;
        // Some wait, and then all are served at once, the last first.
        while handed_out < count && (polls.len() > most || open.0.is_empty()) {
            let Some(poll) = polls.pop() else { break };
            let what = (random >> 40) % 16;
            let order = json!({
                "number": handed_out, "pause_ms": what % 4, "explode": what == 15, "fail": what == 14,
            });
            open.hand_out(&poll, handed_out, &order);
            handed_out += 1;
        }
    }
    assert!(function.is_running());
    assert!(open.0.is_empty());
}

#[test]
fn async_answers_carry_their_ids_under_shuffle() {
    every_answer_finds_its_invocation("asynchronous", 3_000);
}

#[test]
fn blocking_answers_carry_their_ids_under_shuffle() {
    every_answer_finds_its_invocation("blocking", 3_000);
}

#[test]
fn eight_are_served_at_the_same_time() {
    for handler in ["asynchronous", "blocking"] {
        let api = Api::start();
        let _function = start(Profile::Debug, handler, &api);
        let polls: Vec<_> = (0..POLLERS).map(|_| api.next()).collect();
        assert!(api.request_within(Duration::from_millis(200)).is_none(), "a ninth poll");
        let mut open = Open::default();
        for (number, poll) in (0..).zip(&polls) {
            // The first takes longest: were they served one by one, it would be answered first.
            let pause = (POLLERS as u64 - number) * 100;
            open.hand_out(poll, number, &json!({ "number": number, "pause_ms": pause }));
        }
        let answers: Vec<_> = (0..POLLERS).map(|_| api.request()).collect();
        assert!(answers.iter().all(|answer| answer.method == "POST"));
        assert_eq!(open.close(answers.last().expect("eight have answered")), 0);
    }
}

#[test]
fn a_panic_that_aborts_is_reported_to_all_that_are_open() {
    for handler in ["asynchronous", "blocking"] {
        let api = Api::start();
        let function = start(Profile::Release, handler, &api);
        let polls: Vec<_> = (0..POLLERS).map(|_| api.next()).collect();
        let mut events = HashMap::new();
        for (number, poll) in polls.iter().enumerate() {
            let explode = number == POLLERS - 1;
            let pause = if explode { 50 } else { 60_000 };
            let order = json!({ "number": number, "pause_ms": pause, "explode": explode });
            let event = Event::new(order.to_string());
            events.insert(event.id(), explode);
            poll.hand_out(&event);
        }
        for _ in 0..POLLERS {
            let error = api.request();
            error.accept();
            let id = error.path.split('/').nth_back(1).expect("the path has an id");
            let message = error.text("errorMessage");
            match events.remove(id) {
                Some(true) => assert_eq!(message, "number 7 exploded"),
                Some(false) => assert!(
                    message.starts_with("aborted by a panic outside this invocation") && message.contains("crowd.rs:"),
                    "{message}"
                ),
                None => panic!("{id} was reported twice"),
            }
            assert_eq!(error.text("errorType"), "Runtime.HandlerPanic");
        }
        assert_eq!(function.exit().signal, Some(SIGABRT));
    }
}

#[test]
fn numbers_that_make_no_sense_mean_one_and_a_warning() {
    for (value, warning) in [("1", None), ("0", Some("`0`")), ("many", Some("`many`"))] {
        let api = Api::start();
        let function = launch(Profile::Debug, "asynchronous", &api).env("AWS_LAMBDA_MAX_CONCURRENCY", value).start();
        let poll = api.next();
        assert!(api.request_within(Duration::from_millis(200)).is_none(), "a second poll");
        let mut open = Open::default();
        open.hand_out(&poll, 5, &json!({ "number": 5 }));
        open.close(&api.request());
        let log = function.log();
        let warnings = log.lines().filter(|line| line.contains("AWS_LAMBDA_MAX_CONCURRENCY")).collect::<Vec<_>>();
        assert_eq!(warnings.len(), usize::from(warning.is_some()), "{log}");
        assert!(warning.is_none_or(|warning| warnings[0].contains(warning)), "{log}");
    }
}

#[test]
fn the_server_that_goes_away_ends_all_of_them() {
    let api = Api::start();
    let function = start(Profile::Debug, "asynchronous", &api);
    let polls: Vec<_> = (0..POLLERS).map(|_| api.next()).collect();
    drop((api, polls));
    let exit = function.exit();
    assert_eq!(exit.code, Some(1), "{}", exit.log);
    assert!(exit.log.contains("the Runtime API is gone"), "{}", exit.log);
}
