//! Many invocations in one process: its memory and its descriptors do not grow.
//!
//! `MAYFLY_SOAK=1000000 cargo test --workspace --test soak -- --nocapture` runs the long form with a release binary
//! and prints the measurements.

use mayfly_tests::{Delivery, Process, Profile, RuntimeApi, odd, odd_unwinding};
use serde_json::json;

/// Makes an event; sizes vary, one event in ten fails, one in ten panics, one in ten is not JSON.
fn delivery(number: usize) -> Delivery {
    let padding = " ".repeat([0, 100, 3_000, 70_000][number % 4] + if number % 1_000 == 999 { 3 << 20 } else { 0 });
    let order = json!({ "number": number, "fail": number % 10 == 7, "explode": number % 10 == 8 });
    let end = if number % 10 == 9 { "," } else { "" };
    Delivery::new(format!("{padding}{order}{end}"))
}

fn memory_and_descriptors_are_constant(handler: &str) {
    let long = std::env::var("MAYFLY_SOAK").ok().and_then(|count| count.parse().ok());
    let binary = if long.is_some() { odd_unwinding() } else { odd(Profile::Debug, "odd") };
    let count = long.unwrap_or(6_000);
    let settled = (count / 3).min(10_000);
    let api = RuntimeApi::start();
    let process = Process::of(&binary).handler(handler).api(&api).env("LOGLEVEL", "off").start();
    let mut before = None;
    for number in 0..count {
        let posted = api.invoke(&delivery(number));
        assert_eq!(posted.is_post_to("/response"), number % 10 < 7, "{number}: {posted:?}");
        if number == settled {
            before = Some((process.resident_kib(), process.descriptors().len(), process.threads()));
        }
    }
    let (resident, descriptors, threads) = before.expect("the process has settled");
    assert_eq!((process.descriptors().len(), process.threads()), (descriptors, threads));
    let now = process.resident_kib();
    let measured = format!(
        "{handler}: {resident} KiB after {settled} invocations, {now} KiB after {count}; \
         {descriptors} descriptors and {threads} threads after both"
    );
    assert!(now * 100 <= resident * 105, "{measured}");
    println!("{measured}");
}

#[test]
fn blocking() {
    memory_and_descriptors_are_constant("odd::crowd::blocking");
}

#[test]
fn asynchronous() {
    memory_and_descriptors_are_constant("odd::crowd::asynchronous");
}
