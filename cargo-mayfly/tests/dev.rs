//! Tests `cargo mayfly dev` as AWS clients use it, on the examples of this repository.

#[path = "common/cargo.rs"]
mod cargo;
#[path = "common/dev_server.rs"]
mod dev_server;
#[path = "common/http.rs"]
mod http;
#[path = "common/outside.rs"]
mod outside;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cargo::CARGO;
use dev_server::{DevServer, is_function, path, signal, wait_for};
use http::Response;
use serde_json::{Value, json};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in the workspace").to_owned()
}

fn greeter() -> DevServer {
    DevServer::start(&workspace(), &["--package", "greeter"], &[])
}

fn odd(arguments: &[&str]) -> DevServer {
    DevServer::start(&workspace(), &[&["--package", "odd", "--bin", "odd"], arguments].concat(), &[])
}

fn body(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or_else(|_| panic!("not JSON: {response}"))
}

/// Returns the status, exception and message of a refusal.
fn refusal(response: &Response) -> (u16, &str, String) {
    let exception = response.header("x-amzn-errortype").unwrap_or_default();
    (response.status, exception, body(response)["Message"].as_str().unwrap_or_default().to_owned())
}

fn logs(response: &Response) -> String {
    let logs = STANDARD.decode(response.header("x-amz-log-result").expect("there are logs")).expect("base64");
    String::from_utf8(logs).expect("text")
}

#[test]
fn a_function_has_many_names_and_one_process() {
    let server = greeter();
    assert_eq!(server.functions(), [0; 0]);
    for name in [
        "greeter::greet",
        "greeter%3A%3Agreet",
        "greeter::greet:$LATEST",
        "arn:aws:lambda:us-east-1:012345678912:function:greeter::greet",
    ] {
        let reply = server.invoke(name, r#"{"name":"Ada"}"#);
        assert_eq!((reply.status, reply.text().as_str()), (200, r#"{"message":"Hello, Ada!"}"#), "{name}");
        assert_eq!(reply.header("x-amz-executed-version"), Some("$LATEST"));
        assert_eq!(reply.header("x-amz-function-error"), None);
        assert_eq!(reply.header("x-amz-log-result"), None);
        assert_eq!(reply.request_id().len(), 36);
        wait_for("one process", || (server.functions().len() == 1).then_some(()));
    }
    // For the binary's name, the runtime selects a handler, or explains why it cannot.
    for name in ["bootstrap", "greeter"] {
        let reply = server.invoke(name, "{}");
        assert_eq!(body(&reply)["errorType"], "Runtime.HandlerNotFound", "{reply}");
        assert!(reply.text().contains("set the variable MAYFLY_HANDLER"), "{reply}");
    }
}

#[test]
fn errors_and_logs_are_returned_as_by_lambda() {
    let server = greeter();
    let tail = [("x-amz-log-type", "Tail")];
    let reply = server.call("greeter::fail::question_mark", &tail, b"{}");
    assert_eq!((reply.status, reply.header("x-amz-function-error")), (200, Some("Unhandled")));
    assert_eq!(body(&reply)["errorType"], "core::num::error::ParseIntError");
    let id = reply.request_id();
    let logs = logs(&reply);
    let lines: Vec<_> = logs.lines().collect();
    assert_eq!(lines.first(), Some(&&*format!("START RequestId: {id} Version: $LATEST")));
    assert!(lines.iter().any(|line| line.contains("started with the handler")), "{logs}");
    assert!(lines.iter().any(|line| line.contains(&id) && line.contains("the quantity of an order")), "{logs}");
    assert_eq!(lines.get(lines.len() - 2), Some(&&*format!("END RequestId: {id}")));
    assert!(lines.last().is_some_and(|line| line.starts_with(&format!("REPORT RequestId: {id}\tDuration: "))));

    // The next invocation of the same process has only its own lines.
    let logs = self::logs(&server.call("greeter::fail::question_mark", &tail, b"{}"));
    assert!(!logs.contains("started with the handler") && logs.contains("the quantity of an order"), "{logs}");

    // A failed init is reported by each invocation and tried again.
    for _ in 0..2 {
        let reply = server.invoke("greeter::fail::init", "{}");
        assert_eq!((reply.status, reply.header("x-amz-function-error")), (200, Some("Unhandled")));
        assert!(reply.text().contains("Initialization error: `greeter::fail::kettle`"), "{reply}");
    }
}

#[test]
fn a_function_has_the_configuration_of_the_manifest() {
    let server = greeter();
    let tail = [("x-amz-log-type", "Tail")];
    for (handler, memory, is_at_debug) in [("greeter::echo", "512 MB", true), ("greeter::greet", "128 MB", false)] {
        let logs = logs(&server.call(handler, &tail, b"{}"));
        assert!(logs.contains(&format!("Memory Size: {memory}")), "{logs}");
        assert_eq!(logs.contains(" DEBUG "), is_at_debug, "{logs}");
    }
    // The environment takes precedence.
    let server = DevServer::start(&workspace(), &["--package", "greeter"], &[("LOGLEVEL", "warn")]);
    let logs = logs(&server.call("greeter::echo", &tail, b"{}"));
    assert!(!logs.contains(" DEBUG ") && !logs.contains(" INFO "), "{logs}");
}

#[test]
fn the_event_comes_with_its_context() {
    let server = greeter();
    let context = STANDARD.encode("{\n  \"custom\": {\n    \"n\": 1, \"del\": \"\u{7f}é\"\n  }\r\n}\n");
    let headers =
        [("x-amz-client-context", &*context), ("x-amz-tenant-id", "acme"), ("x-amzn-trace-id", "Root=1-a-b;Sampled=1")];
    let seen = body(&server.call("greeter::inspect", &headers, b"{}"));
    assert_eq!(seen["clientContext"], json!({ "custom": { "n": 1, "del": "\u{7f}é" } }));
    assert_eq!((&seen["tenantId"], &seen["traceId"]), (&json!("acme"), &json!("Root=1-a-b;Sampled=1")));
    let seen = body(&server.call("greeter::inspect", &[], b"{}"));
    assert!(seen["traceId"].as_str().is_some_and(|id| id.starts_with("Root=1-") && id.ends_with(";Sampled=0")));
    // An empty body is an empty event.
    assert_eq!(server.invoke("greeter::echo", "").text(), "{}");
}

#[test]
fn requests_that_lambda_refuses_get_its_exceptions() {
    let server = greeter();
    let reply = server.invoke("nobody::here", "{}");
    let (status, exception, message) = refusal(&reply);
    assert_eq!((status, exception), (404, "ResourceNotFoundException"));
    assert!(message.starts_with("Function not found: nobody::here; there are: greeter::api::hello, "), "{message}");
    let (_, _, message) = refusal(&server.invoke("greeter::gret", "{}"));
    assert!(message.starts_with("Function not found: greeter::gret; closest: `greeter::greet`"), "{message}");

    let reply = server.invoke("greeter::echo", "{x");
    let expected = "Could not parse request body into json: key must be a string at line 1 column 2";
    assert_eq!(refusal(&reply), (400, "InvalidRequestContentException", expected.to_owned()));
    assert_eq!(reply.request_id().len(), 36, "a refusal has an id, too");
    let reply = server.call("greeter::echo", &[], b"\"\xff\"");
    assert_eq!(refusal(&reply).1, "InvalidRequestContentException", "{reply}");

    let long = STANDARD.encode(format!("{{\"a\":\"{}\"}}", "x".repeat(2680)));
    for (header, value, exception, message) in [
        (
            "x-amz-invocation-type",
            "Later",
            "InvalidParameterValueException",
            "the header x-amz-invocation-type is `Later`, but must be RequestResponse, Event or DryRun",
        ),
        (
            "x-amz-log-type",
            "Head",
            "InvalidParameterValueException",
            "the header x-amz-log-type is `Head`, but must be None or Tail",
        ),
        (
            "x-amz-client-context",
            "e30",
            "InvalidRequestContentException",
            "Client context must be a valid Base64-encoded JSON object.",
        ),
        (
            "x-amz-client-context",
            "W10=",
            "InvalidRequestContentException",
            "Client context must be a valid Base64-encoded JSON object.",
        ),
        (
            "x-amz-client-context",
            &long,
            "InvalidRequestContentException",
            "Client context has 3584 bytes as base64, and Lambda takes at most 3583",
        ),
        (
            "x-amz-tenant-id",
            "a?b",
            "InvalidParameterValueException",
            "the header x-amz-tenant-id must be 1 to 256 letters, digits, spaces or the characters . _ : / = + - @",
        ),
    ] {
        let reply = server.call("greeter::echo", &[(header, value)], b"{}");
        assert_eq!(refusal(&reply), (400, exception, message.to_owned()));
    }

    let reply =
        server.call("greeter::echo", &[("origin", "http://evil.example"), ("content-type", "text/plain")], b"{}");
    assert_eq!((refusal(&reply).0, refusal(&reply).1), (403, "AccessDeniedException"));
    let reply = http::send(&server.address, "GET", &path("greeter::echo"), &[], b"");
    assert_eq!((refusal(&reply).0, reply.header("allow")), (405, Some("POST")));
    let reply = http::send(&server.address, "POST", "/2015-03-31/functions", &[], b"");
    assert_eq!(refusal(&reply).1, "UnknownOperationException");
    assert_eq!(server.functions(), [0; 0], "nothing was started for them");
}

#[test]
fn asynchronous_invocations_and_dry_runs_return_at_once() {
    let server = odd(&[]);
    let begin = Instant::now();
    let event = br#"{"number":1,"pause_ms":1500}"#;
    let reply = server.call("odd::crowd::blocking", &[("x-amz-invocation-type", "Event")], event);
    assert_eq!((reply.status, reply.text().as_str()), (202, ""));
    assert!(begin.elapsed() < Duration::from_millis(1500), "the response waited for the reply");
    assert_eq!(reply.header("x-amz-executed-version"), Some("$LATEST"));
    let id = reply.request_id();
    server.says(&format!("odd::crowd::blocking | REPORT RequestId: {id}\tDuration: 15"));

    let reply = server.call("odd::crowd::asynchronous", &[("x-amz-invocation-type", "DryRun")], b"{}");
    assert_eq!((reply.status, reply.text().as_str()), (204, ""));
    wait_for("one process: a dry run starts none", || (server.functions().len() == 1).then_some(()));
}

#[test]
fn events_have_at_most_6_mb() {
    let server = greeter();
    let text = |megabytes: usize| format!("\"{}\"", "x".repeat((megabytes << 20) - 2));
    let reply = server.invoke("greeter::echo", &text(6));
    assert_eq!((reply.status, reply.body.len()), (200, 6 << 20));
    let expected = "Request must be smaller than 6291456 bytes for the InvokeFunction operation";
    assert_eq!(
        refusal(&server.invoke("greeter::echo", &text(7))),
        (413, "RequestTooLargeException", expected.to_owned())
    );
    let event = [("x-amz-invocation-type", "Event")];
    assert_eq!(server.call("greeter::echo", &event, text(1).as_bytes()).status, 202);
    assert_eq!(server.call("greeter::echo", &event, text(2).as_bytes()).status, 413);
    let (name, origin) = (path("greeter::echo"), ("origin", "http://evil.example"));
    for (path, headers, status) in [("/", &[][..], 404), (&name, &[origin], 403), (&name, &[(event[0].0, "x")], 400)] {
        let refused = http::send(&server.address, "POST", path, headers, text(5).as_bytes());
        assert_eq!(refused.status, status, "it is read before it is refused");
    }
}

#[test]
fn a_timeout_kills_the_process_and_the_next_event_has_a_new_one() {
    let server = odd(&["--timeout", "1.5"]);
    assert_eq!(server.invoke("odd::crowd::blocking", r#"{"number":1}"#).status, 200);
    let before = server.functions();
    let reply = server.invoke("odd::crowd::blocking", r#"{"number":2,"pause_ms":600000}"#);
    assert_eq!((reply.status, reply.header("x-amz-function-error")), (200, Some("Unhandled")));
    assert_eq!(body(&reply)["errorType"], "Sandbox.Timedout");
    assert!(reply.text().contains("Task timed out after 1.50 seconds"), "{reply}");
    server.says("odd::crowd::blocking | error: Sandbox.Timedout: Task timed out after 1.50 seconds");
    assert!(!is_function(before[0]), "the process is still running");
    assert_eq!(body(&server.invoke("odd::crowd::blocking", r#"{"number":3}"#))["number"], 3);
}

#[test]
fn a_process_that_dies_is_reported_and_replaced() {
    let server = odd(&[]);
    for state in ["idle", "at work"] {
        // An event that was delivered to a dying process is lost with it; the next one has a new process.
        let [process] = wait_for("one process", || {
            assert_eq!(server.invoke("odd::crowd::blocking", r#"{"number":1}"#).status, 200);
            server.functions().try_into().ok()
        });
        if state == "idle" {
            signal(process, "KILL");
            // Until then, the next event may be delivered to it and lost.
            wait_for("its end", || (!is_function(process)).then_some(()));
            continue;
        }
        thread::scope(|scope| {
            let call = || server.invoke("odd::crowd::blocking", r#"{"number":2,"pause_ms":600000}"#);
            let called = scope.spawn(call);
            thread::sleep(Duration::from_millis(300));
            signal(process, "KILL");
            let reply = called.join().expect("it is answered");
            assert_eq!(body(&reply)["errorType"], "Runtime.ExitError", "{reply}");
            assert!(reply.text().contains("Runtime exited with error: signal: killed"), "{reply}");
        });
    }
    wait_for("one process", || {
        assert_eq!(server.invoke("odd::crowd::blocking", r#"{"number":3}"#).status, 200);
        (server.functions().len() == 1).then_some(())
    });
}

#[test]
fn overlapping_invocations_have_their_own_processes_up_to_the_limit() {
    let server = odd(&["--concurrency", "3"]);
    thread::scope(|scope| {
        let call = |number: u32| {
            let event = json!({ "number": number, "pause_ms": 700 }).to_string();
            body(&server.invoke("odd::crowd::blocking", &event))["number"].as_u64()
        };
        let calls: Vec<_> = (0..7).map(|number| (number, scope.spawn(move || call(number)))).collect();
        wait_for("three processes", || (server.functions().len() == 3).then_some(()));
        for (number, called) in calls {
            assert_eq!(called.join().expect("it is answered"), Some(number.into()));
        }
    });
    wait_for("three processes", || (server.functions().len() == 3).then_some(()));
}

#[test]
fn misbehaving_clients_do_not_affect_others() {
    let server = odd(&[]);
    let head = |length: usize| {
        let path = path("odd::crowd::blocking");
        format!("POST {path} HTTP/1.1\r\nhost: here\r\ncontent-length: {length}\r\n\r\n")
    };
    let send = |text: String| {
        let mut stream = TcpStream::connect(&server.address).expect("it listens");
        stream.write_all(text.as_bytes()).expect("it is sent");
        stream
    };
    // A client disconnects during its invocation, which finishes; the process then serves the next event.
    let event = r#"{"number":77,"pause_ms":400}"#;
    drop(send(head(event.len()) + event));
    let halves: Vec<_> = (0..20).map(|_| send(head(1000) + r#"{"number""#)).collect();
    let silent: Vec<_> = (0..20).map(|_| send(String::new())).collect();
    let junk = send("\0\x01\x02 no HTTP at all\r\n\r\n".to_owned());

    let all: Vec<_> = (0..200).map(|_| send(head(12) + r#"{"number":5}"#)).collect();
    for mut stream in all {
        stream.shutdown(std::net::Shutdown::Write).ok();
        let mut answer = String::new();
        stream.set_read_timeout(Some(dev_server::LONG)).expect("it can be set");
        let mut bytes = [0; 2048];
        while !answer.contains(r#"{"number":5,"#) {
            let length = stream.read(&mut bytes).expect("it answers");
            assert_ne!(length, 0, "the response is incomplete: {answer}");
            answer.push_str(&String::from_utf8_lossy(&bytes[..length]));
        }
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    }
    wait_for("as many processes as may be", || (server.functions().len() == 10).then_some(()));
    wait_for("the end of the abandoned invocation", || (server.count("| REPORT ") == 201).then_some(()));
    for streams in [halves, silent, vec![junk]] {
        drop(streams);
    }
    assert_eq!(server.invoke("odd::crowd::blocking", r#"{"number":6}"#).status, 200);
}

#[test]
fn every_signal_stops_the_server_and_its_functions() {
    for signal in ["INT", "HUP", "QUIT", "TERM"] {
        signal_stops_everything(signal);
    }
}

fn signal_stops_everything(signal: &str) {
    let mut server = odd(&[]);
    assert_eq!(server.invoke("odd::crowd::asynchronous", r#"{"number":1}"#).status, 200);
    let event = [("x-amz-invocation-type", "Event")];
    server.call("odd::crowd::blocking", &event, br#"{"number":2,"pause_ms":600000}"#);
    let functions = wait_for("two processes", || Some(server.functions()).filter(|functions| functions.len() == 2));
    let folders: Vec<_> = functions
        .iter()
        .map(|id| fs::read_link(format!("/proc/{id}/exe")).expect("it runs").parent().expect("a folder").to_owned())
        .collect();
    assert_eq!(server.end(signal), Some(0), "{signal}");
    server.says("aborting 1 invocation");
    for (function, folder) in functions.into_iter().zip(folders) {
        assert!(!is_function(function), "a function is still running");
        assert!(!folder.exists(), "{} is left", folder.display());
    }
}

#[test]
fn the_server_listens_on_the_loopback_address_only() {
    let server = greeter();
    let port = server.address.split(':').nth(1).expect("a port").parse::<u16>().expect("a number");
    // Another loopback address: a server that listens on all addresses would accept this connection.
    assert!(TcpStream::connect(("127.0.0.2", port)).is_err());
    let listening = fs::read_to_string("/proc/net/tcp").expect("Linux tells");
    let everywhere = format!(" 00000000:{port:04X} ");
    assert!(!listening.contains(&everywhere));
}

fn command(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mayfly"));
    command.current_dir(workspace()).args(arguments).env("CARGO", CARGO).output().expect("the command can be run")
}

fn sentence(output: &Output) -> String {
    let err = String::from_utf8_lossy(&output.stderr);
    err.lines().find(|line| line.starts_with("error: ")).unwrap_or_else(|| panic!("no sentence in {err}")).to_owned()
}

#[test]
fn a_closed_standard_error_does_not_stop_the_server() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mayfly"));
    command.current_dir(workspace()).args(["dev", "--port", "0", "--package", "greeter"]).env("CARGO", CARGO);
    command.stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command can be run");
    let stderr = BufReader::new(child.stderr.take().expect("it is piped"));
    let mut lines = stderr.lines().map_while(Result::ok);
    let line = lines.find(|line| line.contains("listening on http://")).expect("it listens");
    drop(lines);
    let address = line.split(['/', ',']).find(|part| part.starts_with("127.")).expect("an address");
    for _ in 0..2 {
        let reply = http::send(address, "POST", &path("greeter::greet"), &[], b"{}");
        assert_eq!((reply.status, reply.header("x-amz-function-error")), (200, None), "{reply}");
    }
    signal(child.id(), "TERM");
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn the_binaries_of_a_package_are_distinguished_by_their_names() {
    let server = DevServer::start(&workspace(), &["--package", "odd"], &[]);
    assert_eq!(body(&server.invoke("odd::crowd::blocking", r#"{"number":1}"#))["number"], 1);
    assert_eq!(server.invoke("lone", "{}").status, 200);
    assert_eq!(refusal(&server.invoke("nobody", "{}")).0, 404);
}

#[test]
fn the_region_is_that_of_the_environment() {
    let server = DevServer::start(&workspace(), &["--package", "greeter"], &[("AWS_REGION", "eu-west-1")]);
    let seen = server.invoke("greeter::inspect", "{}").text();
    assert!(seen.contains("arn:aws:lambda:eu-west-1:012345678912:function:greeter::inspect"), "{seen}");
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("it has one").port().to_string();
    let output = command(&["dev", "--port", &port]);
    let expected = format!("error: port {port} of 127.0.0.1 is in use; choose another with --port");
    assert_eq!((output.status.code(), sentence(&output)), (Some(2), expected));
}

#[test]
fn invoke_calls_a_server() {
    let server = greeter();
    let url = format!("http://{}", server.address);
    let output = command(&["invoke", "greeter::greet", "--url", &url, "--data", r#"{"name":"Ada"}"#]);
    let out = String::from_utf8_lossy(&output.stdout);
    assert_eq!((output.status.code(), out.as_ref()), (Some(0), "{\"message\":\"Hello, Ada!\"}\n"));
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(err.contains("started with the handler greeter::greet") && err.contains("\nREPORT RequestId: "), "{err}");

    let output = command(&["invoke", "greeter::fail::named", "--url", &format!("{url}/")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(sentence(&output).starts_with("error: OrderRejected: "), "{}", sentence(&output));

    let client_context = r#"{"custom":{"n":1}}"#;
    let arguments = ["--json", "--tenant-id", "acme", "--client-context", client_context];
    let output = command(&[&["invoke", "greeter::inspect", "--url", &url], &arguments[..]].concat());
    let outcome: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!((&outcome["reply"]["tenantId"], &outcome["error"]), (&json!("acme"), &Value::Null));
    assert_eq!(outcome["reply"]["clientContext"], json!({ "custom": { "n": 1 } }));
    assert!(outcome["logs"][0].as_str().is_some_and(|line| line.starts_with("START RequestId: ")), "{outcome}");
}

#[test]
fn a_failed_request_of_invoke_is_one_sentence() {
    let server = greeter();
    let url = format!("http://{}", server.address);
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("it has one");
    let nobody = format!("http://{free}");
    for (url, arguments, expected) in [
        (
            &*url,
            &["--data", "1"][..],
            format!(
                "error: {url} answered 404 Not Found: ResourceNotFoundException: Function not found: nobody::here; \
                 there are: greeter::api::hello, "
            ),
        ),
        (&*nobody, &[], format!("error: {nobody} does not answer; is `cargo mayfly dev` running?: ")),
        ("https://127.0.0.1", &[], "error: --url is `https://127.0.0.1`, but must begin with http://".to_owned()),
        ("http://", &[], "error: nothing can be sent to http://: ".to_owned()),
        (&*url, &["--tenant-id", "a\nb"], "error: --tenant-id must be 1 to 256 letters, ".to_owned()),
        (&*url, &["--release"], "error: the argument '--url <URL>' cannot be used with '--release'".to_owned()),
    ] {
        let output = command(&[&["invoke", "nobody::here", "--url", url], arguments].concat());
        let sentence = sentence(&output);
        assert_eq!(output.status.code(), Some(2), "{sentence}");
        assert!(sentence.starts_with(&expected), "{sentence}");
    }
}

#[test]
fn binaries_with_the_same_name_are_served_separately() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let write = |file: &str, text: &str| {
        let file = folder.path().join(file);
        fs::create_dir_all(file.parent().expect("a file has a folder")).expect("a folder can be made");
        fs::write(file, text).expect("a file can be written");
    };
    let mayfly = workspace().join("mayfly").display().to_string();
    write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"twin-orders\", \"twin-mail\"]\n");
    fs::copy(workspace().join("Cargo.lock"), folder.path().join("Cargo.lock")).expect("it can be copied");
    for (package, library) in [("twin-orders", "twin_orders"), ("twin-mail", "twin_mail")] {
        let manifest = format!(
            "[package]\nname = \"{package}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[[bin]]\nname = \"bootstrap\"\n\
             path = \"src/main.rs\"\n\n[dependencies]\nmayfly = {{ path = {mayfly:?} }}\n\
             serde = {{ version = \"1\", features = [\"derive\"] }}\n"
        );
        write(&format!("{package}/Cargo.toml"), &manifest);
        let handler = "#[mayfly::handler]\npub fn name() -> &'static str { env!(\"CARGO_PKG_NAME\") }\n";
        write(&format!("{package}/src/lib.rs"), handler);
        write(&format!("{package}/src/main.rs"), &format!("mayfly::main!({library});\n"));
    }
    let variables = outside::variables();
    let variables = variables.each_ref().map(|(name, value)| (*name, &**value));
    let server = DevServer::start(folder.path(), &[], &variables);
    for (function, reply) in [
        ("twin_orders::name", "\"twin-orders\""),
        ("twin_mail::name", "\"twin-mail\""),
        ("twin-orders", "\"twin-orders\""),
        ("twin-mail", "\"twin-mail\""),
    ] {
        assert_eq!(server.invoke(function, "{}").text(), reply, "{function}");
    }
}
