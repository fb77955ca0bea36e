//! Which routes a process serves, by `_HANDLER`: all, one, or none because they are in conflict.

use std::process::Command;

use mayfly_tests::{Delivery, Posted, Process, RuntimeApi, line_of, routes};
use serde_json::{Value, json};

use crate::events::function_url;

/// Starts a binary of the fixture with that handler.
fn start(binary: &str, handler: &str, api: &RuntimeApi) -> Process {
    Process::of(&routes(binary)).handler(handler).api(api).start()
}

/// Sends `GET` requests for these paths to one process; returns the status and the body of each response, and the log.
fn answers(binary: &str, handler: &str, paths: &[&str]) -> (Vec<String>, String) {
    let api = RuntimeApi::start();
    let process = start(binary, handler, &api);
    let answer = |path: &&str| {
        let reply = api.reply(&Delivery::json(&function_url(path).to_string())).json();
        let service = reply["headers"]["x-service"].as_str().unwrap_or("bare");
        format!("{} {} {service}", reply["statusCode"], reply["body"].as_str().unwrap_or_default())
    };
    let answers = paths.iter().map(answer).collect();
    (answers, process.log())
}

/// Returns the message of a process that cannot start.
fn refusal(binary: &str, handler: &str) -> String {
    let api = RuntimeApi::start();
    let process = start(binary, handler, &api);
    let error: Posted = api.init_error();
    assert_eq!(process.exit().code, Some(1));
    error.text("errorMessage")
}

#[test]
fn a_route_alone_runs_behind_the_layers_of_its_service_with_the_states_of_both() {
    for handler in ["layered::order", "routes::order"] {
        let (answers, log) = answers("layered", handler, &["/orders/7", "/health"]);
        assert_eq!(answers, ["200 order 7 layered", "404  layered"]);
        assert!(!log.contains("WARN"), "{log}");
    }
    let (answers, _) = answers("layered", "health", &["/orders/7", "/health"]);
    assert_eq!(answers, ["404  layered", "200 healthy layered"]);
}

#[test]
fn a_service_needs_the_states_of_all_its_routes() {
    for handler in ["layered::api", "bootstrap"] {
        let message = refusal("layered", handler);
        assert!(message.ends_with("): the mail server is not there"), "{message}");
    }
    let message = refusal("layered", "layered::mail");
    assert!(message.ends_with("): the mail server is not there"), "{message}");
    let message = refusal("layered", "mayfly::routes");
    assert!(message.starts_with("Handler not found: "), "a service takes the routes: {message}");
}

#[test]
fn without_a_service_all_routes_are_a_handler_of_their_own() {
    for handler in ["mayfly::routes", "bootstrap"] {
        let (answers, log) = answers("bare", handler, &["/one", "/two/x", "/three"]);
        assert_eq!(answers, ["200 one bare", "200 two x bare", "404  bare"]);
        assert!(!log.contains("WARN"), "{log}");
    }
    let (answers, log) = answers("bare", "second", &["/one", "/two/x"]);
    assert_eq!(answers, ["404  bare", "200 two x bare"]);
    assert!(!log.contains("WARN"), "{log}");
}

#[test]
fn a_route_that_no_service_takes_warns_that_it_runs_without_layers() {
    let (alone, log) = answers("unlayered", "unlayered::alone", &["/alone", "/own"]);
    assert_eq!(alone, ["200 alone bare", "404  bare"]);
    assert!(log.contains("WARN") && log.contains("runs without the layers of any service"), "{log}");
    let (own, log) = answers("unlayered", "bootstrap", &["/alone", "/own"]);
    assert_eq!(own, ["404  bare", "200 own bare"], "a route does not count as a handler");
    assert!(!log.contains("WARN"), "{log}");
}

#[test]
fn routes_in_conflict_keep_a_process_from_starting_unless_it_serves_one_alone() {
    const FILE: &str = "tests/fixtures/routes/src/conflict.rs";
    let (first, second) = (line_of(FILE, "fn first("), line_of(FILE, "fn second("));
    assert_eq!(
        refusal("conflict", "mayfly::routes"),
        format!(
            "Initialization error: two routes answer `GET /same`: `conflict::first` ({first}) and `conflict::second` \
             ({second}); remove one, or change its method or pattern"
        )
    );
    assert_eq!(answers("conflict", "conflict::first", &["/same"]).0, ["200  bare"]);
}

#[test]
fn two_services_that_take_the_routes_keep_a_process_from_starting() {
    const FILE: &str = "tests/fixtures/routes/src/two_services.rs";
    let (first, second) = (line_of(FILE, "fn first("), line_of(FILE, "fn second("));
    for handler in ["two_services::one", "two_services::first", "two_services::second"] {
        assert_eq!(
            refusal("two-services", handler),
            format!(
                "Initialization error: two services take `Routes`: `two_services::first` ({first}) and \
                 `two_services::second` ({second}); let one of them take the routes of the binary"
            )
        );
    }
}

/// Returns the handlers that a binary lists.
fn listed(binary: &str) -> Vec<Value> {
    let output = Command::new(routes(binary)).env("MAYFLY_LIST", "json").output().expect("the binary runs");
    let registry: Value = serde_json::from_slice(&output.stdout).expect("the registry is JSON");
    registry["handlers"].as_array().expect("a list").clone()
}

#[test]
fn the_list_shows_methods_patterns_and_the_service_that_takes_the_routes() {
    let members = |handlers: Vec<Value>| -> Vec<Value> {
        let of = |handler: &Value| {
            ["path", "methods", "pattern", "service", "routes", "needs"].map(|name| handler[name].clone())
        };
        handlers.iter().map(|handler| json!(of(handler))).collect()
    };
    assert_eq!(
        members(listed("layered")),
        [
            json!(["layered::api", null, null, true, true, ["layered::Name"]]),
            json!(["layered::health", ["GET"], "/health", null, null, []]),
            json!(["layered::mail", ["POST"], "/mails", null, null, ["layered::Mails"]]),
            json!(["layered::order", ["GET"], "/orders/{id}", null, null, ["layered::Orders"]]),
        ]
    );
    assert_eq!(
        members(listed("bare")),
        [
            json!(["bare::one", ["GET"], "/one", null, null, []]),
            json!(["bare::two", ["GET", "POST"], "/two/{id}", null, null, []]),
            json!(["mayfly::routes", null, null, true, true, []]),
        ]
    );
}

#[test]
fn the_list_tells_which_functions_are_async() {
    let handlers = listed("streamed");
    for (path, expected) in [("streamed::api", false), ("streamed::fail", false), ("streamed::empty", true)] {
        let found = handlers.iter().find(|handler| handler["path"] == path).expect("it is in the list");
        assert_eq!(found["async"], expected, "{path}");
    }
}
