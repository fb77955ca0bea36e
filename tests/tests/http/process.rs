//! The cases that need a process: its environment and its log.

use mayfly_tests::{Delivery, Process, RuntimeApi, routes};
use serde_json::{Value, json};

use crate::events::{http_api, of_every_source, websocket};

fn invoke(api: &RuntimeApi, event: &Value) -> Value {
    api.reply(&Delivery::json(&event.to_string())).json()
}

/// Case 10.
#[test]
fn the_base_path_of_a_custom_domain_is_no_part_of_the_path() {
    let api = RuntimeApi::start();
    let process = Process::of(&routes("echo")).handler("echo::api").api(&api).env("MAYFLY_BASE_PATH", "/v1").start();
    let seen = |event: &Value| -> Value {
        serde_json::from_str(invoke(&api, event)["body"].as_str().expect("it has a body")).expect("it is JSON")
    };
    for (path, target) in [("/v1/orders", "/orders"), ("/v1", "/"), ("/v10", "/v10"), ("/orders", "/orders")] {
        for (source, event) in of_every_source(path) {
            let request = seen(&event);
            assert_eq!(request["target"], target, "{source} {path}");
            let full = if source == "RestApi" { format!("/prod{path}") } else { path.to_owned() };
            assert_eq!(request["full_path"], full, "{source} {path}");
        }
    }
    let mut staged = http_api("/prod/v1/orders");
    staged["requestContext"]["stage"] = "prod".into();
    assert_eq!(seen(&staged)["target"], "/orders");
    assert_eq!(seen(&websocket("v1/orders", "MESSAGE"))["target"], "/v1/orders", "a route key is no path");
    drop(process);
}

/// Case 14.
#[test]
fn a_cookie_that_a_source_cannot_carry_is_a_warning() {
    for (source, event) in
        of_every_source("/cookies").into_iter().chain([("WebSocket", websocket("cookies", "MESSAGE"))])
    {
        let api = RuntimeApi::start();
        let process = Process::of(&routes("echo")).handler("echo::api").api(&api).start();
        assert_eq!(invoke(&api, &event)["statusCode"], 201, "{source}");
        let log = process.log();
        let warning = log.lines().find(|line| line.contains(" WARN "));
        if matches!(source, "Lattice" | "WebSocket") {
            assert!(
                warning.is_some_and(|line| line.contains("takes one `set-cookie` header; the response loses 1 more")),
                "{source}: {log}"
            );
        } else {
            assert_eq!(warning, None, "{source}");
        }
    }
}

/// Case 23.
#[test]
fn a_reply_over_the_limit_is_logged_with_both_sizes_and_the_process_goes_on() {
    let api = RuntimeApi::start();
    let process = Process::of(&routes("echo")).handler("echo::api").api(&api).start();
    let mut lines = 0;
    for (source, event) in of_every_source("/large").into_iter().chain([("WebSocket", websocket("large", "MESSAGE"))]) {
        let reply = invoke(&api, &event);
        assert_eq!(
            (&reply["statusCode"], &reply["body"]),
            (&json!(500), &json!("the response is too large")),
            "{source}"
        );
        let limit = if source == "Alb" { 1_048_576 } else { 6_291_556 };
        lines += 1;
        let log = process.log();
        let errors: Vec<_> = log.lines().filter(|line| line.contains(" ERROR ")).collect();
        assert_eq!(errors.len(), lines, "{source}: {log}");
        let last = errors[lines - 1];
        assert!(last.contains("the reply has 7340") && last.contains(&format!("more than the {limit} that")), "{last}");
        assert_eq!(invoke(&api, &http_api("/next"))["statusCode"], 200, "{source}");
    }
}
