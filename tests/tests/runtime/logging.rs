//! Log lines: their levels, their format and their content.

use mayfly_tests::{Delivery, Posted, Process, Profile, RuntimeApi, greeter, line_of, odd, place};
use serde_json::Value;

/// Runs a handler of `odd` for one event and returns that event and the log.
fn log_of(handler: &str, variables: &[(&str, &str)]) -> (Delivery, String) {
    let (delivery, _, log) = run(&format!("odd::{handler}"), variables, Delivery::json("{}"));
    (delivery, log)
}

fn run(handler: &str, variables: &[(&str, &str)], delivery: Delivery) -> (Delivery, Posted, String) {
    let binary = if handler.starts_with("odd::") { odd(Profile::Debug, "odd") } else { greeter(Profile::Debug) };
    let api = RuntimeApi::start();
    let launch = Process::of(&binary).handler(handler).api(&api);
    let process = variables.iter().fold(launch, |launch, (name, value)| launch.env(name, value)).start();
    let posted = api.invoke(&delivery);
    // After the next poll all lines of this invocation are written; the end of the process adds only its own.
    api.next().respond(500, "");
    (delivery, posted, process.exit().log)
}

/// Returns the levels of the lines that `odd::logs::levels` writes.
fn levels(variables: &[(&str, &str)]) -> Vec<&'static str> {
    let (_, log) = log_of("logs::levels", variables);
    let all = ["an error", "a warning", "an info", "a debug", "a trace"];
    all.into_iter().filter(|message| log.contains(message)).collect()
}

const UP_TO_INFO: [&str; 3] = ["an error", "a warning", "an info"];

#[test]
fn the_level_is_info_unless_a_variable_says_otherwise() {
    assert_eq!(levels(&[]), UP_TO_INFO);
    for name in ["LOGLEVEL", "AWS_LAMBDA_LOG_LEVEL", "RUST_LOG"] {
        assert_eq!(levels(&[(name, "warn")]), ["an error", "a warning"], "{name}");
        assert_eq!(levels(&[(name, "")]), UP_TO_INFO, "{name}");
    }
    for (value, count) in [
        ("ERROR", 1),
        ("FATAL", 1),
        ("WARN", 2),
        ("Warning", 2),
        ("INFO", 3),
        ("info", 3),
        ("DEBUG", 4),
        ("TRACE", 5),
        (" trace ", 5),
        ("off", 0),
    ] {
        assert_eq!(levels(&[("AWS_LAMBDA_LOG_LEVEL", value)]).len(), count, "{value}");
    }
}

#[test]
fn loglevel_beats_lambdas_variable_and_that_beats_rust_log() {
    let three = |a, b, c| levels(&[("LOGLEVEL", a), ("AWS_LAMBDA_LOG_LEVEL", b), ("RUST_LOG", c)]).len();
    assert_eq!(three("error", "debug", "trace"), 1);
    assert_eq!(three("", "warn", "trace"), 2);
    assert_eq!(three("", "", "debug"), 4);
}

#[test]
fn a_module_can_have_its_own_level() {
    assert_eq!(levels(&[("RUST_LOG", "error,odd::logs=debug")]).len(), 4);
    assert_eq!(levels(&[("RUST_LOG", "odd=off")]).len(), 0);
    assert_eq!(levels(&[("RUST_LOG", "error,odd::logs")]).len(), 5, "a module alone enables all its levels");
    let (_, log) = log_of("logs::levels", &[("RUST_LOG", "warn,mayfly=info")]);
    assert!(log.contains("started with the handler") && !log.contains("an info"), "{log}");
}

#[test]
fn a_directive_that_is_ignored_is_named_in_a_warning_and_the_level_stays_info() {
    for (name, value) in [("LOGLEVEL", "my_app=loud"), ("AWS_LAMBDA_LOG_LEVEL", "7"), ("RUST_LOG", "=debug")] {
        let (_, log) = log_of("logs::levels", &[(name, value)]);
        let warnings: Vec<_> =
            log.lines().filter(|line| line.contains(&format!("{name}: `{value}` is ignored"))).collect();
        assert_eq!(warnings.len(), 1, "{log}");
        assert!(warnings[0].contains("WARN"), "{log}");
        assert!(log.contains("an info") && !log.contains("a debug"), "{log}");
    }
}

/// Reads the lines of a JSON log, each a flat object.
fn objects(log: &str) -> Vec<Value> {
    let line = |line: &str| {
        let object: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let members = object.as_object().expect("a line is an object");
        let is_flat =
            |(name, member): (&String, &Value)| !member.is_object() && (!member.is_array() || name == "stackTrace");
        assert!(members.iter().all(is_flat), "not flat: {line}");
        assert!(members["level"].is_string() && members["message"].is_string() && members["target"].is_string());
        assert_is_rfc_3339(members["timestamp"].as_str().expect("a timestamp is text"));
        object
    };
    log.lines().map(line).collect()
}

fn assert_is_rfc_3339(timestamp: &str) {
    let shape: String = timestamp.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert_eq!(shape, "0000-00-00T00:00:00.000Z", "{timestamp}");
    assert!(("2026".."2100").contains(&&timestamp[..4]), "{timestamp}");
}

fn find<'a>(objects: &'a [Value], message: &str) -> &'a Value {
    let has_it = |object: &&Value| object["message"].as_str().is_some_and(|text| text.contains(message));
    objects.iter().find(has_it).unwrap_or_else(|| panic!("no `{message}` in {objects:?}"))
}

#[test]
fn json_lines_are_flat_objects_in_every_spelling_of_the_format() {
    for format in ["JSON", "json", "Json", " JSON "] {
        let variables = [("AWS_LAMBDA_LOG_FORMAT", format), ("AWS_LAMBDA_LOG_LEVEL", "TRACE")];
        let (delivery, log) = log_of("logs::levels", &variables);
        let objects = objects(&log);
        for (message, level) in [
            ("an error", "ERROR"),
            ("a warning", "WARN"),
            ("an info", "INFO"),
            ("a debug", "DEBUG"),
            ("a trace", "TRACE"),
        ] {
            let line = find(&objects, message);
            assert_eq!((&line["level"], &line["target"]), (&level.into(), &"odd::logs".into()));
            assert_eq!(line["requestId"], delivery.id());
        }
        assert!(find(&objects, "started with the handler")["requestId"].is_null(), "no request is open then");
    }
}

#[test]
fn any_other_format_is_text() {
    for format in ["Text", "text", "TEXT", "", "yaml"] {
        let (delivery, log) = log_of("logs::levels", &[("AWS_LAMBDA_LOG_FORMAT", format)]);
        let line = log.lines().find(|line| line.contains("a warning")).expect("there is a warning");
        let words: Vec<_> = line.split_whitespace().collect();
        let [timestamp, level, id, target, rest @ ..] = &words[..] else { panic!("{line}") };
        assert_is_rfc_3339(timestamp);
        assert_eq!((*level, *id, *target), ("WARN", &*delivery.id(), "odd::logs:"), "{line}");
        assert_eq!(rest, ["a", "warning"]);
        assert!(!log.contains('\u{1b}'), "no colours in CloudWatch");
    }
}

#[test]
fn a_message_with_line_breaks_and_quotes_stays_one_line_of_json() {
    let (delivery, log) = log_of("logs::hard", &[("AWS_LAMBDA_LOG_FORMAT", "JSON")]);
    let objects = objects(&log);
    let line = find(&objects, "line one");
    assert_eq!(
        line["message"], "line one\nline \"two\"\t\u{fc}\u{1b}",
        "a key-value named `message` is not the message"
    );
    assert_eq!((&line["pieces"], &line["price"], &line["rush"]), (&3.into(), &1.5.into(), &true.into()));
    assert_eq!(line["note"], "two\nlines");
    assert_eq!(line["requestId"], delivery.id());
}

#[test]
fn key_values_follow_the_message_in_text() {
    let (_, log) = log_of("logs::hard", &[]);
    assert!(log.contains("pieces=3 price=1.5 rush=true"), "{log}");
}

#[test]
fn the_runtimes_own_errors_stay_one_line_of_json_too() {
    for (handler, part) in [("replies::any_text", "two"), ("replies::anyhow", "the number of pieces")] {
        let delivery = Delivery::json("\"two\\nlines\"");
        let (delivery, _, log) = run(&format!("odd::{handler}"), &[("AWS_LAMBDA_LOG_FORMAT", "JSON")], delivery);
        let objects = objects(&log);
        let line = find(&objects, part);
        assert_eq!((&line["level"], &line["requestId"]), (&"ERROR".into(), &delivery.id().into()));
    }
}

#[test]
fn no_line_has_a_wrong_request_id() {
    let (delivery, log) = log_of("logs::elsewhere", &[("AWS_LAMBDA_LOG_FORMAT", "JSON")]);
    let objects = objects(&log);
    assert_eq!(find(&objects, "from the handler")["requestId"], delivery.id());
    assert!(find(&objects, "from a task")["requestId"].is_null());
    assert!(find(&objects, "from a thread")["requestId"].is_null());
}

#[test]
fn info_only_says_what_was_started() {
    let (_, _, log) = run("greeter::greet_sync", &[], Delivery::json(r#"{"name":"Ada"}"#));
    let mine: Vec<_> = log.lines().filter(|line| line.contains("INFO")).collect();
    assert_eq!(mine.len(), 1, "{log}");
    assert!(mine[0].contains("started with the handler greeter::greet_sync"), "{log}");
}

#[test]
fn debug_follows_an_invocation() {
    let delivery = Delivery::json(r#"{"name":"Ada"}"#);
    let size = delivery.payload().len();
    for handler in ["greeter::greet_sync", "greeter::greet"] {
        let (delivery, _, log) = run(handler, &[("LOGLEVEL", "debug")], delivery.clone());
        assert!(log.contains("polling"), "{log}");
        let stages = log.lines().find(|line| line.contains("decode")).expect("the stages are logged");
        assert!(stages.contains("DEBUG") && stages.contains(&delivery.id()) && stages.contains(handler), "{stages}");
        assert!(stages.contains(&format!("{size} bytes")), "{stages}");
        for stage in ["decode ", "call ", "encode "] {
            let (_, rest) = stages.split_once(stage).expect("each stage is there");
            let (millis, _) = rest.split_once(" ms").expect("in milliseconds");
            assert!(millis.parse::<f64>().is_ok_and(|millis| (0.0..30_000.0).contains(&millis)), "{stages}");
        }
        let posted = log.lines().find(|line| line.contains("/response")).expect("the answer is logged");
        assert!(posted.contains("202") && posted.contains(&delivery.id()), "{posted}");
    }
}

#[test]
fn a_single_byte_is_logged_in_the_singular() {
    for (handler, event, line) in [
        ("replies::sized", "0", "took an event of 1 byte: "),
        ("logs::instrumented", "\"\"", "/response with 1 byte was rejected: 413"),
    ] {
        let api = RuntimeApi::start();
        let launch = Process::of(&odd(Profile::Debug, "odd")).handler(&format!("odd::{handler}")).api(&api);
        let process = launch.env("LOGLEVEL", "debug").start();
        api.deliver(&Delivery::json(event)).respond(413, "{}");
        let _ = process.wait_for_log(line);
    }
}

#[test]
fn payloads_are_never_logged() {
    for format in ["JSON", "Text"] {
        for (handler, body) in [
            ("greeter::greet_sync", r#"{"name":"s3cret"}"#),
            ("greeter::echo", r#"{"password":"s3cret"}"#),
            ("greeter::greet_sync", r#"{"name":7,"password":"s3cret"}"#),
            ("greeter::greet_sync", r#"{"password":"s3cret"#),
        ] {
            let variables = [("LOGLEVEL", "trace"), ("AWS_LAMBDA_LOG_FORMAT", format)];
            let (_, _, log) = run(handler, &variables, Delivery::json(body));
            assert!(!log.contains("s3cret"), "{handler}: {log}");
        }
    }
}

#[test]
fn a_logger_of_the_user_is_kept() {
    let api = RuntimeApi::start();
    let process = Process::of(&odd(Profile::Debug, "hooked")).handler("odd::logs::levels").api(&api);
    let process = process.env("LOGLEVEL", "trace").start();
    let _ = api.reply(&Delivery::json("{}"));
    api.next().respond(500, "");
    let exit = process.exit();
    assert!(exit.out.contains("own logger: started with the handler") && exit.out.contains("own logger: an info"));
    assert!(!exit.out.contains("a debug"), "the level is the user's, too: {}", exit.out);
    assert!(!exit.log.contains("an info"), "{}", exit.log);
}

#[test]
fn standard_output_belongs_to_the_user() {
    let api = RuntimeApi::start();
    let process = Process::of(&greeter(Profile::Debug)).handler("greeter::fail::refuse").api(&api);
    let process = process.env("LOGLEVEL", "trace").start();
    let _ = api.error(&Delivery::json("{}"));
    api.next().respond(500, "");
    assert_eq!(process.exit().out, "");
}

/// The sources of the fixture's panics, inits and logs.
const PANICS: &str = "tests/fixtures/odd/src/panics.rs";
const STATES: &str = "tests/fixtures/odd/src/states.rs";
const LOGS: &str = "tests/fixtures/odd/src/logs.rs";

/// Returns the only object about a panic; every line of the log must be JSON.
fn panic_in(log: &str, message: &str) -> Value {
    let objects = objects(log);
    let has_it = |object: &&Value| object["message"].as_str().is_some_and(|text| text.contains(message));
    let mut found = objects.iter().filter(has_it);
    let panic = found.next().unwrap_or_else(|| panic!("no `{message}` in {log}"));
    assert!(found.next().is_none(), "more than one line has `{message}`: {log}");
    assert_eq!((&panic["level"], &panic["target"]), (&"ERROR".into(), &"mayfly::panic".into()));
    assert_eq!(panic["message"], message);
    assert_eq!(panic["location"], panic["stackTrace"][0]);
    panic.clone()
}

/// Starts a handler of `odd` with a JSON log.
fn start_json(profile: Profile, handler: &str, backtrace: &str, api: &RuntimeApi) -> Process {
    let launch = Process::of(&odd(profile, "odd")).handler(&format!("odd::{handler}")).api(api);
    launch.env("AWS_LAMBDA_LOG_FORMAT", "JSON").env("RUST_BACKTRACE", backtrace).start()
}

#[test]
fn every_panic_is_one_object_with_its_request_id() {
    for (handler, delivery, message, at) in [
        ("panics::sync", "true", "the sync kettle exploded", "assert!(!explode, \"the sync kettle exploded\")"),
        (
            "panics::asynchronous",
            "true",
            "the async kettle exploded",
            "assert!(!explode, \"the async kettle exploded\")",
        ),
        ("panics::payload", "true", "the code panicked with a value that is not text", "panic_any(7_u32)"),
        (
            "panics::late_hook",
            "true",
            "exploded under a late hook",
            "assert!(!explode, \"exploded under a late hook\")",
        ),
        ("panics::elsewhere", "\"thread\"", "exploded in a thread", "panic!(\"exploded in a thread\")"),
        ("panics::elsewhere", "\"task\"", "exploded in a task", "panic!(\"exploded in a task\")"),
        ("panics::elsewhere", "\"blocking\"", "exploded in a blocking task", "panic!(\"exploded in a blocking task\")"),
        ("panics::elsewhere", "\"carried\"", "exploded and carried over", "panic!(\"exploded and carried over\")"),
        ("panics::elsewhere", "\"lines\"", "exploded\non two \"lines\"", "panic!(\"exploded\\non two \\\"lines\\\"\")"),
    ] {
        for (profile, backtrace) in
            [(Profile::Debug, "0"), (Profile::Debug, "1"), (Profile::Release, "full"), (Profile::Stripped, "1")]
        {
            let api = RuntimeApi::start();
            let process = start_json(profile, handler, backtrace, &api);
            let delivery = Delivery::json(delivery);
            let _ = api.invoke(&delivery);
            if profile == Profile::Debug {
                api.next().respond(500, "");
            }
            let log = process.exit().log;
            let panic = panic_in(&log, message);
            assert_eq!(panic["requestId"], delivery.id(), "{handler} {profile:?}");
            assert_eq!(panic["errorType"], "Runtime.HandlerPanic");
            assert_eq!(panic["location"], place(PANICS, at), "{handler} {profile:?}");
        }
    }
}

#[test]
fn a_panic_in_a_scope_is_an_object_with_its_place_and_the_panic_of_the_scope_is_another() {
    let api = RuntimeApi::start();
    let process = start_json(Profile::Debug, "panics::elsewhere", "1", &api);
    let delivery = Delivery::json("\"scoped\"");
    let _ = api.error(&delivery);
    api.next().respond(500, "");
    let log = process.exit().log;
    for message in ["exploded in a scope", "a scoped thread panicked"] {
        assert_eq!(panic_in(&log, message)["requestId"], delivery.id());
    }
    let inner = panic_in(&log, "exploded in a scope");
    assert_eq!(inner["location"], place(PANICS, "panic!(\"exploded in a scope\")"));
}

#[test]
fn a_panic_in_an_init_is_one_object() {
    for profile in Profile::ALL {
        for (handler, message) in
            [("states::panics", "the database exploded"), ("states::panics_later", "the database exploded later")]
        {
            let api = RuntimeApi::start();
            let process = start_json(profile, handler, "1", &api);
            let _ = api.init_error();
            let panic = panic_in(&process.exit().log, message);
            assert_eq!(panic["errorType"], "Runtime.InitError");
            assert_eq!(panic["location"], place(STATES, &format!("panic!(\"{message}\")")));
            assert!(panic["requestId"].is_null());
        }
    }
}

#[test]
fn a_panic_that_may_belong_to_two_invocations_has_no_request_id() {
    for profile in [Profile::Debug, Profile::Release] {
        let api = RuntimeApi::start();
        let launch = Process::of(&odd(profile, "odd")).handler("odd::panics::elsewhere").api(&api);
        let launch = launch.env("AWS_LAMBDA_LOG_FORMAT", "JSON").env("AWS_LAMBDA_MAX_CONCURRENCY", "2");
        let process = launch.start();
        let (waits, panics) = (api.next(), api.next());
        waits.hand_out(&Delivery::json("\"wait\""));
        panics.hand_out(&Delivery::json("\"thread\""));
        let log = process.wait_for_log("exploded in a thread");
        let line = log.lines().find(|line| line.contains("exploded in a thread")).expect("it is there");
        let panic: Value = serde_json::from_str(line).expect("a line is JSON");
        assert!(panic["requestId"].is_null(), "{panic}");
    }
}

#[test]
fn a_panic_is_logged_at_every_level() {
    let api = RuntimeApi::start();
    let launch = Process::of(&odd(Profile::Debug, "odd")).handler("odd::panics::sync").api(&api);
    let process = launch.env("AWS_LAMBDA_LOG_FORMAT", "JSON").env("LOGLEVEL", "off").start();
    let _ = api.error(&Delivery::json("true"));
    api.next().respond(500, "");
    let _ = panic_in(&process.exit().log, "the sync kettle exploded");
}

#[test]
fn the_users_hook_and_logger_receive_a_panic_too() {
    let api = RuntimeApi::start();
    let launch = Process::of(&odd(Profile::Debug, "hooked")).handler("odd::panics::sync").api(&api);
    let process = launch.env("AWS_LAMBDA_LOG_FORMAT", "JSON").start();
    let delivery = Delivery::json("true");
    let _ = api.error(&delivery);
    api.next().respond(500, "");
    let exit = process.exit();
    assert_eq!(panic_in(&exit.log, "the sync kettle exploded")["requestId"], delivery.id());
    assert_eq!(exit.out.matches("own hook: panicked at").count(), 1, "{}", exit.out);
    assert_eq!(
        exit.out.matches("own logger: Runtime.HandlerPanic: the sync kettle exploded").count(),
        1,
        "{}",
        exit.out
    );
}

#[test]
fn a_span_logs_its_arguments_unless_it_skips_them() {
    for (handler, is_logged) in
        [("instrumented", true), ("instrumented_without", false), ("instrumented_without_later", false)]
    {
        let (_, posted, log) = run(&format!("odd::logs::{handler}"), &[], Delivery::json("\"s3cret\""));
        assert!(posted.is_post_to("/response"), "{posted:?}");
        assert!(log.contains(handler), "the span itself is logged: {log}");
        assert_eq!(log.contains("s3cret"), is_logged, "{handler}: {log}");
    }
}

#[test]
fn a_logger_that_is_installed_too_late_gets_the_advice_to_use_main() {
    let advice = "mayfly has installed its own by now: install yours in `main`, before `mayfly::run()`";
    for format in ["JSON", "Text"] {
        for (handler, init) in [("subscribes", "subscribed"), ("installs_logger", "logging")] {
            let api = RuntimeApi::start();
            let launch = Process::of(&odd(Profile::Debug, "odd")).handler(&format!("odd::logs::{handler}")).api(&api);
            let process = launch.env("AWS_LAMBDA_LOG_FORMAT", format).start();
            let message = api.init_error().text("errorMessage");
            let named = format!("`odd::logs::{init}` ({})", line_of(LOGS, &format!("fn {init}(")));
            assert!(message.contains(&named) && message.ends_with(advice), "{message}");
            assert!(process.exit().log.contains(advice));
        }
    }
    let api = RuntimeApi::start();
    let process = start_json(Profile::Release, "logs::subscribes", "0", &api);
    assert!(api.init_error().text("errorMessage").ends_with(advice));
    assert!(process.exit().log.contains(advice));
    let (_, posted, _) = run("odd::logs::subscribes_itself", &[], Delivery::json("{}"));
    assert!(posted.text("errorMessage").ends_with(advice), "{}", posted.json());
}

#[test]
fn a_subscriber_that_main_installs_receives_the_lines_of_mayfly_and_of_the_handler() {
    let api = RuntimeApi::start();
    let process = Process::of(&odd(Profile::Debug, "subscribed")).handler("odd::logs::levels").api(&api).start();
    let _ = api.reply(&Delivery::json("{}"));
    api.next().respond(500, "");
    let log = process.exit().log;
    assert!(log.contains("INFO mayfly::run: started with the handler odd::logs::levels"), "{log}");
    assert!(log.contains("INFO odd::logs: an info"), "{log}");
}
