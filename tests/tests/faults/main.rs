//! A Runtime API that misbehaves in every possible way, by a seeded script: no event may be lost.
//!
//! A failure names its seed; `MAYFLY_FAULT_SEEDS=1000` runs 1000 seeds instead of a few.

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

/// The script for one process.
struct Script {
    api: RuntimeApi,
    random: SmallRng,
    /// Connections that have carried a request; a post that is lost on one of them is repeated once.
    used: HashSet<usize>,
    /// Connections that were closed; a request that came over one of them before is ignored.
    closed: HashSet<usize>,
    /// Whether the next poll was already lost once and must not be lost again.
    poll_was_lost: bool,
}

impl Script {
    /// Waits for a request and returns it with whether its connection was in use before.
    fn request(&mut self) -> (Request, bool) {
        loop {
            let request = self.api.request();
            if !self.closed.contains(&request.connection) {
                let is_reused = !self.used.insert(request.connection);
                return (request, is_reused);
            }
        }
    }

    /// Closes or resets a connection.
    fn lose(&mut self, request: &Request) {
        self.closed.insert(request.connection);
        if self.random.random() { request.reset() } else { request.close() }
    }
}

/// Runs one process through invocations with faults that it survives, and a fault that ends it.
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
    // The first invocations may still open descriptors that stay open.
    assert_eq!(held.last(), held.get(STEPS / 4), "threads or descriptors leaked, seed {seed}");
    let expected = script.end(ENDS[end % ENDS.len()], profile);
    let exit = process.exit();
    assert_eq!(exit.code, Some(1), "seed {seed}: {}", exit.log);
    assert!(exit.log.contains(&expected), "seed {seed}: no `{expected}` in {}", exit.log);
    let more = script.api.request_within(Duration::from_millis(20));
    assert!(more.is_none_or(|more| script.closed.contains(&more.connection)), "seed {seed}");
}

/// Runs every seed, each with a different end.
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
