//! The edges of the Runtime API, tested on real processes.
//!
//! Wherever the connection matters, a test runs a sync and an async handler: one blocks on its socket, the other waits
//! for it inside its runtime.

mod bodies;
mod connections;
mod environment;
mod headers;
mod statuses;
mod tasks;

use mayfly_tests::{Delivery, Process, Profile, RuntimeApi, greeter};

/// The same function as a sync and as an async handler.
const BOTH: [&str; 2] = ["greeter::greet_sync", "greeter::greet"];

fn start(handler: &str, api: &RuntimeApi) -> Process {
    Process::of(&greeter(Profile::Debug)).handler(handler).api(api).start()
}

fn ada() -> Delivery {
    Delivery::json(r#"{"name":"Ada"}"#)
}

/// Checks that the function still works.
fn assert_serves(api: &RuntimeApi) {
    assert_eq!(api.reply(&ada()).json()["message"], "Hello, Ada!");
}
