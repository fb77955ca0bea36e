//! Tests `cargo mayfly list` and `cargo mayfly invoke` on the examples of this repository.

#[path = "common/cargo.rs"]
mod cargo;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use cargo::CARGO;
use serde_json::{Value, json};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in the workspace").to_owned()
}

fn command(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mayfly"));
    command.current_dir(directory).args(arguments).env("CARGO", CARGO).env_remove("LOGLEVEL").stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    command(&workspace(), arguments).output().expect("the command can be run")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Returns the error, without cargo's messages.
fn sentence(output: &Output) -> String {
    let err = err(output);
    err.lines().find(|line| line.starts_with("error: ")).unwrap_or_else(|| panic!("no sentence in {err}")).to_owned()
}

#[test]
fn standard_output_has_only_the_reply() {
    let output = run(&["invoke", "greeter::greet", "--data", r#"{"name":"Ada"}"#]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(out(&output), "{\"message\":\"Hello, Ada!\"}\n");
    let err = err(&output);
    assert!(err.contains("started with the handler greeter::greet"), "{err}");
    let report = err.lines().find(|line| line.starts_with("REPORT RequestId: ")).expect("there is a report");
    for part in ["Duration: ", "Init Duration: ", "Memory Size: 128 MB", "Max Memory Used: "] {
        assert!(report.contains(part), "{report}");
    }
}

/// The fixture whose responses show the request.
const ECHO: [&str; 6] = ["invoke", "echo::api", "--package", "routes", "--bin", "echo"];

#[test]
fn a_request_is_sent_as_any_source_does_and_its_response_printed() {
    for source in ["http-api", "rest", "url", "alb", "alb-multi", "lattice"] {
        let (head, body) = requested(source, "GET /missing?page=1", &[]);
        assert!(head.starts_with("HTTP/1.1 404 Not Found\n"), "{source}: {head}");
        assert!(head.lines().any(|line| line == "content-type: text/plain; charset=utf-8"), "{source}: {head}");
        assert_eq!(body, b"the application does not have it\n", "{source}");
    }
    let data = ["--header", "content-type: application/json", "--data", r#"{"name":"ada"}"#];
    let (head, body) = requested("url", "POST /mirror", &data);
    assert!(head.starts_with("HTTP/1.1 200 OK\n"), "{head}");
    assert!(head.lines().any(|line| line == "content-type: application/json"), "{head}");
    assert_eq!(body, b"{\"name\":\"ada\"}\n");
    let json = run(&[&ECHO[..], &["--request", "/missing", "--json"]].concat());
    let json: Value = serde_json::from_str(&out(&json)).expect("the result is JSON");
    assert_eq!(json["reply"]["statusCode"], 404, "with --json it is the reply itself");
}

/// The sources of `--as`, each with the name that a service knows it by, the method of a PUT request, the query and the
/// values of a header that was sent twice.
const SOURCES: [(&str, &str, &str, &str, &[&str]); 7] = [
    ("http-api", "HttpApi", "PUT", "page=3&page=4", &["one,two"]),
    ("rest", "RestApi", "PUT", "page=3&page=4", &["one", "two"]),
    ("url", "FunctionUrl", "PUT", "page=3&page=4", &["one,two"]),
    ("alb", "Alb", "PUT", "page=4", &["two"]),
    ("alb-multi", "Alb", "PUT", "page=3&page=4", &["one", "two"]),
    ("lattice", "Lattice", "PUT", "page=3&page=4", &["one", "two"]),
    ("websocket", "WebSocket", "POST", "page=3&page=4", &["one", "two"]),
];

/// Sends a request to the fixture `echo`; returns the head and the body of the response.
fn requested(source: &str, request: &str, more: &[&str]) -> (String, Vec<u8>) {
    let output = run(&[&ECHO[..], &["--as", source, "--request", request], more].concat());
    assert_eq!(output.status.code(), Some(0), "{source}: {}", err(&output));
    let end = output.stdout.windows(2).position(|bytes| bytes == b"\n\n").expect("an empty line is before the body");
    (String::from_utf8_lossy(&output.stdout[..end]).into_owned(), output.stdout[end + 2..].to_vec())
}

#[test]
fn every_source_carries_a_request_and_its_response() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bytes");
    let bytes: Vec<u8> = (0..=255).collect();
    std::fs::write(&file, &bytes).expect("the file can be written");
    let file = file.to_string_lossy();
    for (source, kind, method, query, values) in SOURCES {
        let more =
            ["--header", "x-many: one", "--header", "x-many: two", "--header", "cookie: a=1; b=2", "-d", "caf\u{e9}"];
        let (head, body) = requested(source, "PUT /orders?page=3&page=4", &more);
        assert!(head.starts_with("HTTP/1.1 200 OK\n"), "{source}: {head}");
        let request: Value = serde_json::from_slice(&body).expect("it is JSON");
        assert_eq!((&request["source"], &request["method"]), (&kind.into(), &method.into()), "{source}");
        assert_eq!(request["target"], format!("/orders?{query}"), "{source}");
        assert_eq!(request["body"], json!("caf\u{e9}".as_bytes()), "{source}");
        let header = |name: &str| {
            let headers = request["headers"].as_array().expect("there are headers");
            headers.iter().filter(|header| header[0] == name).map(|header| header[1].clone()).collect::<Vec<_>>()
        };
        assert_eq!(header("x-many"), values, "{source}");
        assert_eq!(header("cookie"), ["a=1; b=2"], "{source}");

        let (head, body) = requested(source, "GET /cookies", &[]);
        assert!(head.starts_with("HTTP/1.1 201 Created\n"), "{source}: {head}");
        let cookies = head.lines().filter(|line| line.starts_with("set-cookie: ")).count();
        assert_eq!(cookies, if matches!(source, "lattice" | "websocket") { 1 } else { 2 }, "{source}: {head}");
        assert_eq!(body, b"baked\n", "{source}");

        let (head, body) = requested(source, "POST /mirror", &["--data-file", &file]);
        assert!(head.starts_with("HTTP/1.1 200 OK"), "{source}: {head}");
        assert_eq!(body, bytes, "{source}");
    }
    let (head, body) = requested("url", "HEAD /missing", &[]);
    assert!(head.starts_with("HTTP/1.1 404 Not Found\n"), "{head}");
    assert_eq!(String::from_utf8_lossy(&body).trim_end(), "");
}

#[test]
fn a_request_that_is_none_is_refused_with_an_example() {
    for (arguments, words) in [
        (
            &["--request", "orders"][..],
            "--request is `orders`: write a method and a path, such as 'POST /orders?page=3'",
        ),
        (&["--request", "GET example.com"], "--request is `GET example.com`: write a method"),
        (&["--request", "GET /a b"], "--request: `/a b` is not a path that HTTP allows"),
        (&["--request", "G@T /"], "--request: `G@T` is not a method"),
        (&["--request", "/", "--header", "x"], "--header is `x`: write `NAME: VALUE`"),
        (&["--request", "/", "--header", "a b: x"], "--header `a b: x` is not one that HTTP allows"),
    ] {
        let output = run(&[&["invoke", "greeter::greet"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(sentence(&output).contains(words), "{arguments:?}: {}", err(&output));
    }
    let alone = run(&["invoke", "greeter::greet", "--header", "x: y"]);
    assert!(err(&alone).contains("--request <REQUEST>"), "{}", err(&alone));
}

#[test]
fn a_handler_has_the_configuration_of_the_manifest() {
    let output = run(&["invoke", "greeter::echo"]);
    let err = err(&output);
    assert!(err.contains("Memory Size: 512 MB") && err.contains(" DEBUG "), "{err}");
}

#[test]
fn the_word_mayfly_from_cargo_is_accepted() {
    let output = run(&["mayfly", "invoke", "greeter::greet_sync"]);
    assert_eq!(out(&output), "{\"message\":\"Hello, World!\"}\n", "{}", err(&output));
}

#[test]
fn the_event_comes_from_a_file_or_from_standard_input() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("event.json");
    std::fs::write(&file, "[1, 2]").expect("the file can be written");
    let output = run(&["invoke", "greeter::echo", "--data-file", &file.to_string_lossy()]);
    assert_eq!(out(&output), "[1,2]\n", "{}", err(&output));

    let mut child = command(&workspace(), &["invoke", "greeter::echo", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command can be run");
    child.stdin.take().expect("it is piped").write_all(b"{\"a\":null}").expect("the command reads it");
    let output = child.wait_with_output().expect("the command ends");
    assert_eq!(out(&output), "{\"a\":null}\n", "{}", err(&output));
}

#[test]
fn an_event_that_lambda_would_refuse_is_refused_with_the_reason() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("refused.json");
    let name = file.to_string_lossy();
    let large = format!("\"{}\"", "x".repeat(6 << 20));
    for (event, expected) in [
        (large.as_bytes(), "has 6291458 bytes, and Lambda takes at most 6291456: send a reference, such as an S3 key"),
        (b"\"\xff\"", "is not JSON: invalid utf-8 sequence of 1 bytes from index 1"),
        (b"\xef\xbb\xbf{}", "begins with a byte order mark of UTF-8: save it as UTF-8 without one"),
    ] {
        std::fs::write(&file, event).expect("the file can be written");
        let output = run(&["invoke", "greeter::echo", "--data-file", &name]);
        let expected = format!("error: `{name}` {expected}");
        assert_eq!((output.status.code(), sentence(&output)), (Some(2), expected));
    }
}

#[test]
fn a_value_may_begin_with_a_dash() {
    for data in [&["--data", "-1"], &["-d", "-1"]] {
        let output = run(&[&["invoke", "greeter::echo"], &data[..]].concat());
        assert_eq!(out(&output), "-1\n", "{}", err(&output));
    }
    let output = run(&["invoke", "greeter::inspect", "--tenant-id", "-acme"]);
    assert!(out(&output).contains(r#""tenantId":"-acme""#), "{}", err(&output));
}

#[test]
fn function_errors_are_readable_and_exit_with_1() {
    let output = run(&["invoke", "greeter::fail::question_mark"]);
    assert_eq!((output.status.code(), out(&output)), (Some(1), String::new()));
    let err = err(&output);
    let shown = err.split_once(
        "error: core::num::error::ParseIntError: the quantity of an order\n    at examples/greeter/src/fail.rs:",
    );
    let (_, rest) = shown.unwrap_or_else(|| panic!("{err}"));
    assert!(rest.ends_with("\ncaused by: core::num::error::ParseIntError: invalid digit found in string\n"), "{err}");
    for (handler, error) in [
        ("greeter::fail::explode", "error: Runtime.HandlerPanic: the kettle exploded"),
        ("greeter::fail::init", "error: greeter::fail::Refused: Initialization error: `greeter::fail::kettle` "),
        ("greeter::missing", "error: Runtime.HandlerNotFound: Handler not found: "),
    ] {
        let output = run(&["invoke", handler]);
        assert_eq!(output.status.code(), Some(1), "{handler}");
        assert!(sentence(&output).starts_with(error), "{handler}: {}", sentence(&output));
    }
}

#[test]
fn an_invocation_ends_after_the_timeout() {
    let output = run(&[
        "invoke",
        "odd::crowd::blocking",
        "--bin",
        "odd",
        "--timeout",
        "0.3",
        "--data",
        r#"{"number":1,"pause_ms":60000}"#,
    ]);
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    assert_eq!(sentence(&output), "error: Sandbox.Timedout: Task timed out after 0.30 seconds");
}

#[test]
fn an_interrupt_ends_the_function_too() {
    let event = r#"{"number":1,"pause_ms":600000}"#;
    let mut child = command(&workspace(), &["invoke", "odd::crowd::blocking", "--bin", "odd", "--data", event])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command can be run");
    let mut lines = BufReader::new(child.stderr.take().expect("it is piped")).lines();
    let is_started = |line: std::io::Result<String>| line.is_ok_and(|line| line.contains("started with the handler"));
    assert!(lines.any(is_started), "the function starts");
    let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", child.id()));
    let threads = std::fs::read_dir(format!("/proc/{}/task", child.id())).expect("the command is running");
    let of_threads = threads.filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("children")).ok());
    let functions: Vec<_> =
        of_threads.chain(children.ok()).collect::<Vec<_>>().join(" ").split_whitespace().map(str::to_owned).collect();
    assert!(!functions.is_empty(), "the function has a process");
    let killed = Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status();
    assert!(killed.is_ok_and(|status| status.success()));
    assert_eq!(child.wait().expect("it ends").code(), Some(2));
    assert!(lines.map_while(Result::ok).any(|line| line == "error: interrupted"));
    let until = Instant::now() + Duration::from_secs(20);
    while functions.iter().any(|function| Path::new(&format!("/proc/{function}/exe")).exists()) {
        assert!(Instant::now() < until, "the function is still running");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn the_result_can_be_one_json_object() {
    let output = run(&[
        "invoke",
        "greeter::inspect",
        "--json",
        "--tenant-id",
        "acme",
        "--client-context",
        r#"{"custom":{"n":1}}"#,
    ]);
    let outcome: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!(outcome["reply"]["tenantId"], "acme");
    assert_eq!(outcome["reply"]["clientContext"], json!({ "custom": { "n": 1 } }));
    assert_eq!(outcome["error"], Value::Null);
    assert!(outcome["durationMs"].is_f64() && outcome["initDurationMs"].is_f64(), "{outcome}");
    assert!(outcome["logs"][0].as_str().is_some_and(|line| line.contains("started")), "{outcome}");

    let output = run(&["invoke", "greeter::fail::named", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let outcome: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!(outcome["error"]["errorType"], "OrderRejected");
}

#[test]
fn the_list_shows_each_handler_with_its_place() {
    let output = run(&["list", "--package", "greeter"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let list = out(&output);
    let line = |start: &str| {
        let line =
            list.lines().find(|line| line.trim().starts_with(start)).unwrap_or_else(|| panic!("{start}: {list}"));
        line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(line("greeter::greet ")[1..4], ["async", "Greeting", "Greeted"]);
    let next = line("greeter::counter::next");
    assert_eq!(next[1..5], ["sync", "IgnoredAny", "Count", "greeter::counter::Counter"]);
    assert!(next[5].starts_with("examples/greeter/src/counter.rs:"), "{next:?}");
}

#[test]
fn the_list_as_json_names_binary_and_package() {
    let output = run(&["list", "--package", "greeter", "--json"]);
    let list: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!((list[0]["package"].as_str(), list[0]["bin"].as_str()), (Some("greeter"), Some("bootstrap")));
    assert_eq!(list[0]["handlers"].as_array().map(Vec::len), Some(19));
    assert_eq!(list[0]["inits"][0]["provides"], "greeter::counter::Counter");
}

#[test]
fn a_command_that_cannot_run_prints_one_sentence_and_exits_with_2() {
    for (arguments, expected) in [
        (
            &["invoke", "greeter::greet", "--data", "{x"][..],
            "error: --data is not JSON: key must be a string at line 1 column 2",
        ),
        (
            &["invoke", "greeter::greet", "--data-file", "no-such-file"],
            "error: the event file `no-such-file` could not be read: No such file or directory (os error 2)",
        ),
        (
            &["invoke", "greeter::greet", "--client-context", "["],
            "error: --client-context is not JSON: EOF while parsing a list at line 1 column 1",
        ),
        (
            &["invoke", "greeter::greet", "--client-context", "-1"],
            "error: --client-context is not a JSON object, such as {\"custom\":{}}",
        ),
        (
            &["invoke", "greeter::greet", "--tenant-id", "-größe"],
            "error: --tenant-id must be 1 to 256 letters, digits, spaces or the characters . _ : / = + - @",
        ),
        (
            &["invoke", "greeter::greet", "--timeout", "-1"],
            "error: invalid value '-1' for '--timeout <SECONDS>': expected a number of seconds above 0 and at most a \
             year",
        ),
        (&["dev", "--port", "-1"], "error: invalid value '-1' for '--port <NUMBER>': -1 is not in 0..=65535"),
        (
            &["dev", "--concurrency", "-1"],
            "error: invalid value '-1' for '--concurrency <NUMBER>': expected a number above 0",
        ),
        (
            &["template", "--format", "sam", "--memory", "-1"],
            "error: invalid value '-1' for '--memory <MB>': -1 is not in 128..=10240",
        ),
        (
            &["invoke", "greeter::greet", "--timeout", "never"],
            "error: invalid value 'never' for '--timeout <SECONDS>': expected a number of seconds above 0 and at most \
             a year",
        ),
        (&["invoke", "greeter::greet", "--bogus"], "error: unexpected argument '--bogus' found"),
        (
            &["list", "--package", "greeter", "--bin", "nope"],
            "error: there is no binary `nope`; there are: --package greeter --bin bootstrap",
        ),
    ] {
        let output = run(arguments);
        assert_eq!((output.status.code(), sentence(&output).as_str()), (Some(2), expected), "{arguments:?}");
        assert_eq!(out(&output), "", "{arguments:?}");
    }
    let output = run(&["invoke", "nobody::here"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(sentence(&output).contains("several binaries could hold `nobody::here`; choose with one of: --package "));
    let output = run(&["list", "--package", "nope"]);
    assert!(sentence(&output).starts_with("error: there is no package `nope` in this workspace; there are: mayfly"));
}

#[test]
fn the_list_warns_about_handlers_that_would_not_start() {
    let output = run(&["list", "--package", "odd", "--bin", "odd"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let err = err(&output);
    let warnings: Vec<_> = err.lines().filter(|line| line.starts_with("warning: ")).collect();
    assert!(warnings.iter().any(|line| line.contains(" is registered at ") && line.contains(".rs:")), "{err}");
    assert!(warnings.iter().any(|line| line.ends_with("but no `#[mayfly::init]` function returns it")), "{err}");
    assert!(warnings.iter().any(|line| line.contains("and two inits return it: at ")), "{err}");
}
