//! The selection of the handler: `_HANDLER` in every form, and the message if it names no handler.

use mayfly_tests::{Delivery, Exit, Launch, Posted, Process, Profile, RuntimeApi, greeter, line_of, odd};

const NAMES: &str = "tests/fixtures/odd/src/names.rs";

/// Prepares a binary of the fixture with these variables.
fn launch(binary: &str, variables: &[(&str, &str)]) -> Launch {
    let launch = Process::of(&odd(Profile::Debug, binary));
    variables.iter().fold(launch, |launch, (name, value)| launch.env(name, value))
}

/// Returns the reply of a handler of the fixture.
fn reply(binary: &str, variables: &[(&str, &str)]) -> String {
    let api = RuntimeApi::start();
    let _process = launch(binary, variables).api(&api).start();
    api.reply(&Delivery::json("{}")).json().as_str().expect("the reply is text").to_owned()
}

/// Returns the report and the exit of a process that cannot start.
fn refusal(binary: &str, variables: &[(&str, &str)]) -> (Posted, Exit) {
    let api = RuntimeApi::start();
    let process = launch(binary, variables).api(&api).start();
    let error = api.init_error();
    (error, process.exit())
}

fn handler_not_found(binary: &str, variables: &[(&str, &str)]) -> String {
    let (error, exit) = refusal(binary, variables);
    assert_eq!(error.text("errorType"), "Runtime.HandlerNotFound");
    assert_eq!(error.header("lambda-runtime-function-error-type"), Some("Runtime.HandlerNotFound"));
    let message = error.text("errorMessage");
    assert!(message.starts_with("Handler not found: "), "{message}");
    assert_eq!(exit.code, Some(1), "{}", exit.log);
    assert!(exit.log.contains(&message), "{}", exit.log);
    message
}

#[test]
fn a_handler_is_found_by_its_exact_path_or_name() {
    for (wanted, found) in [
        ("odd::names::named", "named"),
        ("orders", "named"),
        ("  odd::names::named\n", "named"),
        ("odd::names::type::fn", "raw"),
        ("odd::names::r#type::r#fn", "raw"),
        ("odd::names::fallback", "fallback"),
    ] {
        assert_eq!(reply("odd", &[("_HANDLER", wanted)]), found, "{wanted}");
    }
}

#[test]
fn a_handler_in_the_binary_is_found_under_its_packages_name_too() {
    for wanted in ["lone::only", "odd::only"] {
        assert_eq!(reply("lone", &[("_HANDLER", wanted)]), "lone");
    }
}

#[test]
fn an_unset_or_empty_handler_means_the_default() {
    for variables in [&[] as &[_], &[("_HANDLER", "")], &[("_HANDLER", " \t")]] {
        assert_eq!(reply("odd", variables), "fallback");
    }
}

#[test]
fn without_a_default_every_reply_says_what_to_do() {
    let api = RuntimeApi::start();
    let _process = Process::of(&greeter(Profile::Debug)).api(&api).start();
    for event in ["{}", "not JSON"] {
        let text = api.reply(&Delivery::json(event)).json();
        let text = text.as_str().expect("the reply is text");
        let (advice, list) = text.split_once(" This binary has: ").expect("the handlers are listed");
        assert_eq!(advice, "Please set _HANDLER to the path of the function to run, e.g. greeter::api::hello.");
        let list: Vec<_> = list.split(", ").collect();
        assert!(list.is_sorted() && list.contains(&"greeter::greet"), "{list:?}");
    }
}

#[test]
fn an_unknown_name_is_answered_with_the_closest_and_all_names() {
    for (wanted, closest) in [
        ("greeter::gret", "greeter::greet"),
        ("greeter::Greet", "greeter::greet"),
        ("GREETER::FAIL::EXPLODE", "greeter::fail::explode"),
        ("explode", "greeter::fail::explode"),
        ("greeter.greet_sync", "greeter::greet_sync"),
    ] {
        let api = RuntimeApi::start();
        let process = Process::of(&greeter(Profile::Debug)).handler(wanted).api(&api).start();
        let error = api.init_error();
        assert_eq!(error.text("errorType"), "Runtime.HandlerNotFound");
        assert_eq!(error.header("lambda-runtime-function-error-type"), Some("Runtime.HandlerNotFound"));
        let message = error.text("errorMessage");
        assert!(message.starts_with("Handler not found: ") && message.contains(&format!("`{wanted}`")), "{message}");
        assert!(message.contains("closest: ") && message.contains(&format!("`{closest}`")), "{message}");
        let (_, list) = message.split_once("this binary has: ").expect("the handlers are listed");
        let list: Vec<_> = list.split(", ").collect();
        assert!(list.is_sorted() && list.len() > 15 && list.contains(&"greeter::counter::next"), "{list:?}");
        let exit = process.exit();
        assert_eq!(exit.code, Some(1));
        assert!(exit.log.contains("Handler not found"), "{}", exit.log);
        assert!(api.request_within(std::time::Duration::ZERO).is_none(), "no request follows init/error");
    }
}

#[test]
fn names_with_line_breaks_and_quotes_are_shown_in_the_message() {
    let long = "x".repeat(4000);
    for wanted in ["\u{fc}ber::gr\u{f6}\u{df}e", "two\nlines", "\"quoted\"", long.as_str()] {
        let message = handler_not_found("odd", &[("_HANDLER", wanted)]);
        assert!(message.contains(&format!("`{wanted}`")), "{message}");
    }
}

#[test]
fn a_handler_that_is_compiled_out_is_not_registered() {
    for gone in ["odd::names::gone_above", "odd::names::gone_below"] {
        let message = handler_not_found("odd", &[("_HANDLER", gone)]);
        let (_, list) = message.split_once("this binary has: ").expect("the handlers are listed");
        assert!(!list.contains(gone), "{list}");
    }
}

#[test]
fn a_binary_without_handlers_explains_why() {
    for wanted in ["odd::names::named", "bootstrap"] {
        let message = handler_not_found("empty", &[("_HANDLER", wanted)]);
        assert!(message.contains("mayfly::main!(my_app)"), "{message}");
    }
    assert!(reply("empty", &[]).contains("mayfly::main!(my_app)"));
}

#[test]
fn the_name_of_the_binary_counts_as_unset() {
    for own in ["bootstrap", "odd"] {
        assert_eq!(reply("odd", &[("_HANDLER", own), ("MAYFLY_HANDLER", "odd::names::named")]), "named");
        assert_eq!(reply("odd", &[("_HANDLER", own), ("MAYFLY_HANDLER", " orders ")]), "named");
        assert_eq!(reply("odd", &[("_HANDLER", own)]), "fallback", "the one marked default");
        let message = handler_not_found("odd", &[("_HANDLER", own), ("MAYFLY_HANDLER", "odd::names::name")]);
        assert!(message.contains("MAYFLY_HANDLER is `odd::names::name`"), "{message}");
    }
    for own in ["bootstrap", "lone"] {
        assert_eq!(reply("lone", &[("_HANDLER", own)]), "lone", "the only one");
    }
    assert_eq!(reply("lone", &[("_HANDLER", "lone"), ("MAYFLY_HANDLER", "odd::only")]), "lone");

    let api = RuntimeApi::start();
    let _process = Process::of(&greeter(Profile::Debug)).handler("bootstrap").api(&api).start();
    let message = api.init_error().text("errorMessage");
    assert!(message.starts_with("Handler not found: "), "{message}");
    for way_out in ["MAYFLY_HANDLER", "#[mayfly::handler(default)]"] {
        assert!(message.contains(way_out), "{message}");
    }
}

#[test]
fn mayfly_handler_counts_where_handler_is_not_set() {
    for unset in [&[][..], &[("_HANDLER", " ")]] {
        let with = |handler| [unset, &[("MAYFLY_HANDLER", handler)]].concat();
        assert_eq!(reply("odd", &with("odd::names::named")), "named");
        assert_eq!(reply("odd", &with("orders")), "named", "by its name");
        let message = handler_not_found("odd", &with("odd::names::name"));
        assert!(message.contains("MAYFLY_HANDLER is `odd::names::name`"), "{message}");
    }
    assert_eq!(reply("odd", &[("MAYFLY_HANDLER", " ")]), "fallback", "the one marked default");
}

#[test]
fn mayfly_handler_counts_for_no_other_name() {
    let message = handler_not_found("odd", &[("_HANDLER", "nothing"), ("MAYFLY_HANDLER", "odd::names::named")]);
    assert!(message.contains("_HANDLER is `nothing`"), "{message}");
    let wanted = [("_HANDLER", "odd::names::type::fn"), ("MAYFLY_HANDLER", "odd::names::named")];
    assert_eq!(reply("odd", &wanted), "raw");
}

#[test]
fn two_handlers_of_one_name_are_named_by_their_places() {
    for (wanted, places) in [
        ("twice", [line_of(NAMES, "fn first("), line_of(NAMES, "fn second(")]),
        ("odd::names::same::path", [line_of(NAMES, "same_path!(\"one\")"), line_of(NAMES, "same_path!(\"another\")")]),
    ] {
        let (error, exit) = refusal("odd", &[("_HANDLER", wanted)]);
        assert_eq!(error.text("errorType"), "Runtime.DuplicateHandler");
        assert_eq!(error.header("lambda-runtime-function-error-type"), Some("Runtime.DuplicateHandler"));
        let message = error.text("errorMessage");
        assert!(message.contains(&places.join(" and ")), "{message}");
        assert_eq!(exit.code, Some(1), "{}", exit.log);
    }
    // Each still has its own path.
    let api = RuntimeApi::start();
    let _process = launch("odd", &[("_HANDLER", "odd::names::first")]).api(&api).start();
    assert!(api.reply(&Delivery::json("{}")).json().is_null());
}

#[test]
fn the_registry_is_printed_for_the_tools() {
    let exit = launch("odd", &[("MAYFLY_LIST", "json")]).start().exit();
    assert_eq!(exit.code, Some(0), "{}", exit.log);
    assert_eq!(exit.log, "");
    assert!(exit.out.ends_with("}\n") && exit.out.lines().count() == 1);
    let list: serde_json::Value = serde_json::from_str(&exit.out).expect("the list is JSON");
    let find = |kind: &str, path: &str| {
        let entries = list[kind].as_array().expect("there is a list");
        entries.iter().find(|entry| entry["path"] == path).unwrap_or_else(|| panic!("{path}")).clone()
    };
    let named = find("handlers", "odd::names::named");
    assert_eq!((&named["name"], &named["default"], &named["async"]), (&"orders".into(), &false.into(), &false.into()));
    assert_eq!((&named["alias"], &named["event"]), (&().into(), &().into()));
    assert_eq!(format!("{}:{}", named["file"].as_str().unwrap(), named["line"]), line_of(NAMES, "fn named("));
    assert_eq!(find("handlers", "odd::names::fallback")["default"], true);
    assert_eq!(find("handlers", "odd::background::ticks")["async"], true);
    let everything = find("handlers", "odd::arguments::everything");
    assert_eq!(everything["needs"], serde_json::json!(["odd::arguments::Limits"]));
    assert_eq!((&everything["event"], &everything["reply"]), (&"Value".into(), &"Value".into()));
    assert_eq!(find("handlers", "odd::background::trace_id")["reply"], "Option<String>");
    assert_eq!(find("handlers", "odd::logs::levels")["reply"], "()");
    let middle = find("inits", "odd::states::middle");
    assert_eq!((&middle["async"], &middle["provides"]), (&true.into(), &"odd::states::Middle".into()));
    assert_eq!(middle["needs"], serde_json::json!(["odd::states::Bottom"]));

    let exit = launch("lone", &[("MAYFLY_LIST", "json")]).start().exit();
    let list: serde_json::Value = serde_json::from_str(&exit.out).expect("the list is JSON");
    assert_eq!(list["handlers"][0]["path"], "lone::only");
    assert_eq!(list["handlers"][0]["alias"], "odd::only");
}
