//! A Runtime API that misbehaves in every way it can, by a seeded script: nothing that was handed out may be lost.
//!
//! A failure names its seed; `MAYFLY_FAULT_SEEDS=1000` runs that many, beyond the few of an ordinary run.

mod ends;
mod orders;
mod polls;
mod posts;
mod reports;
mod stalls;

use std::collections::HashSet;
use std::time::Duration;

use ends::ENDS;
use mayfly_tests::{Process, Profile, Request, RuntimeApi, odd};
use orders::Order;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

const STEPS: usize = 40;

/// The script that one process meets.
struct Script {
    api: RuntimeApi,
    random: SmallRng,
    /// Connections that have carried a request: a post that breaks on one of them is tried once more.
    used: HashSet<usize>,
    /// Connections that were closed; a request may still have come over one of them, which nobody waits for.
    closed: HashSet<usize>,
    /// Whether the next poll was lost once already, so that it must not be lost again.
    poll_was_lost: bool,
}

impl Script {
    /// Waits for a request, and says whether its connection had been in use before.
    fn request(&mut self) -> (Request, bool) {
        loop {
            let request = self.api.request();
            if !self.closed.contains(&request.connection) {
                let is_reused = !self.used.insert(request.connection);
                return (request, is_reused);
            }
        }
    }

    /// Loses a connection, in one way or the other.
    fn lose(&mut self, request: &Request) {
        self.closed.insert(request.connection);
        if self.random.random() { request.reset() } else { request.close() }
    }
}

/// Runs one process: a number of invocations with faults that they survive, and an end that they do not.
fn run(seed: u64, end: usize, handler: &str, profile: Profile) {
    let api = RuntimeApi::start();
    let process = Process::of(&odd(profile, "odd")).handler(handler).api(&api).start();
    let random = SmallRng::seed_from_u64(seed);
    let mut script = Script { api, random, used: HashSet::new(), closed: HashSet::new(), poll_was_lost: false };
    let mut held = Vec::new();
    let mut last = None;
    for number in 0..STEPS {
        let order = Order::new(&mut script.random, number, profile, last.as_ref());
        held.push(script.hand_out(&process, &order));
        let posted = script.take_post(&order);
        order.check(&posted, &format!("seed {seed}, step {number}"));
        last = Some(order.delivery);
    }
    // The first ones may have grown something that stays.
    assert_eq!(held.last(), held.get(STEPS / 4), "threads or descriptors leaked, seed {seed}");
    let expected = script.end(ENDS[end % ENDS.len()], profile);
    let exit = process.exit();
    assert_eq!(exit.code, Some(1), "seed {seed}: {}", exit.log);
    assert!(exit.log.contains(&expected), "seed {seed}: no `{expected}` in {}", exit.log);
    let more = script.api.request_within(Duration::from_millis(20));
    assert!(more.is_none_or(|more| script.closed.contains(&more.connection)), "seed {seed}");
}

/// Runs every seed, each with another end.
fn nothing_is_lost(handler: &str, profile: Profile, first_end: usize) {
    let seeds = std::env::var("MAYFLY_FAULT_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(4);
    for (seed, end) in (0..seeds).zip((first_end..).step_by(4)) {
        run(seed, end, handler, profile);
    }
}

#[test]
fn nothing_is_lost_by_an_async_handler() {
    nothing_is_lost("odd::crowd::asynchronous", Profile::Debug, 0);
}

#[test]
fn nothing_is_lost_by_a_sync_handler() {
    nothing_is_lost("odd::crowd::blocking", Profile::Debug, 1);
}

#[test]
fn nothing_is_lost_by_an_async_handler_in_release() {
    nothing_is_lost("odd::crowd::asynchronous", Profile::Release, 2);
}

#[test]
fn nothing_is_lost_by_a_sync_handler_in_release() {
    nothing_is_lost("odd::crowd::blocking", Profile::Release, 3);
}
