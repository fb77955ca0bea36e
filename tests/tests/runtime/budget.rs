//! The cost of a function: dependencies, threads, descriptors, CPU time while idle, one process for many events.

use std::collections::BTreeSet;
use std::thread::sleep;
use std::time::Duration;

use mayfly_tests::{Delivery, Process, Profile, RuntimeApi, cargo, greeter, odd, plain};
use serde_json::Value;

/// Lists the crates that `mayfly` is compiled from, itself included.
fn dependencies(features: &[&str]) -> BTreeSet<String> {
    let tree =
        cargo("tree").args(["--locked", "-e", "normal", "--prefix", "none", "-p", "mayfly"]).args(features).output();
    let tree = tree.expect("cargo can be run");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let lines = String::from_utf8(tree.stdout).expect("a tree is text");
    lines.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).filter(|line| !line.is_empty()).collect()
}

#[test]
fn dependencies_stay_within_their_budget() {
    let default = dependencies(&[]);
    assert!(default.len() <= 23, "{} crates: {default:#?}", default.len());
    assert!(default.iter().any(|line| line.starts_with("tokio v")), "{default:#?}");
    let least = dependencies(&["--no-default-features"]);
    assert!(least.len() <= 18, "{} crates: {least:#?}", least.len());
    assert!(!least.iter().any(|line| line.starts_with("tokio")), "{least:#?}");
    let http = dependencies(&["--features", "http"]);
    assert!(http.len() <= default.len() + 4, "{} crates: {http:#?}", http.len());
    let axum = dependencies(&["--features", "axum"]);
    assert!(axum.len() <= 40, "{} crates: {axum:#?}", axum.len());
}

#[test]
fn without_the_feature_async_tokio_is_not_compiled() {
    let messages = cargo("build").args(["-p", "plain", "--message-format", "json"]).output().expect("cargo can be run");
    assert!(messages.status.success(), "{}", String::from_utf8_lossy(&messages.stderr));
    let compiled: BTreeSet<String> = messages
        .stdout
        .split(|&byte| byte == b'\n')
        .filter_map(|line| serde_json::from_slice::<Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact")
        .map(|message| message["target"]["name"].as_str().expect("a target has a name").to_owned())
        .collect();
    assert!(compiled.contains("mayfly") && compiled.contains("httparse"), "{compiled:?}");
    for absent in ["tokio", "mio", "socket2"] {
        assert!(!compiled.contains(absent), "{compiled:?}");
    }
}

#[test]
fn without_the_feature_async_a_function_still_works() {
    let api = RuntimeApi::start();
    let process = Process::of(&plain()).handler("plain::length").api(&api).start();
    assert_eq!(api.reply(&Delivery::json("\"four\"")).json(), 4);
    assert_eq!(api.error(&Delivery::json("4")).text("errorType"), "Runtime.InvalidEvent");
    let _held = api.next();
    assert_eq!(process.threads(), 1);
    assert!(!has_epoll(&process), "{:?}", process.descriptors());
    drop(api);
    assert_eq!(process.exit().code, Some(1));
}

fn has_epoll(process: &Process) -> bool {
    process.descriptors().iter().any(|descriptor| descriptor.contains("eventpoll"))
}

#[test]
fn a_sync_handler_opens_no_epoll_descriptor_and_no_thread() {
    for profile in Profile::ALL {
        for (handler, is_async) in
            [("greeter::greet_sync", false), ("greeter::counter::next", false), ("greeter::greet", true)]
        {
            let api = RuntimeApi::start();
            let process = Process::of(&greeter(profile)).handler(handler).api(&api).start();
            let _ = api.reply(&Delivery::json("{}"));
            let _held = api.next();
            assert_eq!(process.threads(), 1, "{profile:?}, {handler}");
            // The async handler shows that the test would see the descriptor.
            assert_eq!(has_epoll(&process), is_async, "{profile:?}, {handler}: {:?}", process.descriptors());
        }
    }
}

#[test]
fn background_tasks_run_in_one_thread_while_the_next_event_is_awaited() {
    for profile in [Profile::Debug, Profile::Release] {
        let api = RuntimeApi::start();
        let process = Process::of(&odd(profile, "odd")).handler("odd::background::ticks").api(&api).start();
        let ticks = |next: mayfly_tests::Request| {
            let delivery = Delivery::json("{}");
            next.hand_out(&delivery);
            let reply = api.posted_for(&delivery);
            reply.accept();
            reply.json().as_u64().expect("a count")
        };
        let before = ticks(api.next());
        for _ in 0..2 {
            let held = api.next();
            // The test is about the time for which the poll is held.
            sleep(Duration::from_millis(500));
            assert_eq!(process.threads(), 1, "{profile:?}");
            let after = ticks(held);
            assert!(after >= before + 20, "{profile:?}: from {before} to {after}");
        }
    }
}

#[test]
fn one_process_serves_ten_thousand_events_and_reports_that_the_service_is_gone() {
    for handler in ["greeter::greet", "greeter::greet_sync"] {
        let api = RuntimeApi::start();
        let process = Process::of(&greeter(Profile::Release)).handler(handler).api(&api).start();
        for number in 0..10_000 {
            let reply = api.reply(&Delivery::json(&format!(r#"{{"name":"{number}"}}"#)));
            assert_eq!(reply.json()["message"], format!("Hello, {number}!"));
            assert_eq!(reply.connection, 1);
        }
        drop(api);
        let exit = process.exit();
        assert_eq!(exit.code, Some(1), "{handler}: {}", exit.log);
        let last = exit.log.lines().last().expect("there is a message");
        assert!(last.contains("the Runtime API is gone"), "{last}");
    }
}

#[test]
fn waiting_costs_no_cpu_time() {
    for handler in ["greeter::greet", "greeter::greet_sync"] {
        let api = RuntimeApi::start();
        let process = Process::of(&greeter(Profile::Release)).handler(handler).api(&api).start();
        let _ = api.reply(&Delivery::json("{}"));
        let _held = api.next();
        process.wait_until_idle();
        let before = process.cpu_time();
        sleep(Duration::from_millis(500));
        assert_eq!(process.cpu_time(), before, "{handler} is not asleep");
    }
}
