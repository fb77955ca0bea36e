//! Each edge of the Runtime API, against real processes.
//!
//! The tests of a sync and of an async handler stand beside one another wherever the connection matters: one blocks on
//! its socket, the other waits for it inside its runtime.

mod bodies;
mod connections;
mod environment;
mod headers;
mod statuses;
mod tasks;

use mayfly_tests::{Api, Event, Function, Profile, greeter};

/// The same function, sync and async.
const BOTH: [&str; 2] = ["greeter::greet_sync", "greeter::greet"];

fn start(handler: &str, api: &Api) -> Function {
    Function::of(&greeter(Profile::Debug)).handler(handler).api(api).start()
}

fn ada() -> Event {
    Event::json(r#"{"name":"Ada"}"#)
}

/// Shows that the function still works.
fn assert_serves(api: &Api) {
    assert_eq!(api.reply(&ada()).json()["message"], "Hello, Ada!");
}
