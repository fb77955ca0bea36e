//! Tests the exit codes of all commands, as docs/local.md and docs/commands.md list them.

#[path = "common/cargo.rs"]
mod cargo;
#[path = "common/dev_server.rs"]
#[expect(dead_code, reason = "the other tests of the server use the rest")]
mod dev_server;
#[path = "common/http.rs"]
#[expect(dead_code, reason = "the other tests use the rest")]
mod http;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use cargo::CARGO;
use dev_server::DevServer;
use serde_json::Value;

/// Success, or a reply of the function.
const SUCCESS: i32 = 0;
/// An error of the function, or a difference that `template --check` finds.
const FAILURE: i32 = 1;
/// Anything else.
const UNABLE: i32 = 2;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in the workspace").to_owned()
}

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mayfly"));
    command.current_dir(workspace()).args(arguments).env("CARGO", CARGO).env_remove("LOGLEVEL").stdin(Stdio::null());
    command.output().expect("the command can be run")
}

fn assert_code(arguments: &[&str], code: i32) -> Output {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Handlers of `greeter`, what they are invoked with, and the exit codes without and with `--url`.
const GREETER: [(&str, &[&str], i32, i32); 10] = [
    ("greeter::greet", &[], SUCCESS, SUCCESS),
    ("greeter::greet", &["--json"], SUCCESS, SUCCESS),
    ("greeter::fail::question_mark", &[], FAILURE, FAILURE),
    ("greeter::fail::named", &["--json"], FAILURE, FAILURE),
    ("greeter::fail::explode", &[], FAILURE, FAILURE),
    ("greeter::fail::init", &[], FAILURE, FAILURE),
    ("greeter::missing", &[], FAILURE, UNABLE),
    ("greeter::greet", &["--data", "{x"], UNABLE, UNABLE),
    ("greeter::greet", &["--request", "nowhere"], UNABLE, UNABLE),
    ("greeter::greet", &["--bogus"], UNABLE, UNABLE),
];

/// The same of `streams`.
const STREAMS: [(&str, &[&str], i32, i32); 7] = [
    ("streams::whole", &["--data", "1"], SUCCESS, SUCCESS),
    ("streams::written", &["--data", r#"[{"write":"a"}]"#], SUCCESS, SUCCESS),
    ("streams::written", &["--data", r#"[{"write":"a"}]"#, "--json"], SUCCESS, SUCCESS),
    ("streams::fallible", &["--data", "true"], FAILURE, FAILURE),
    ("streams::written", &["--data", r#"[{"write":"a"},"flush",{"fail":"oh"}]"#], FAILURE, FAILURE),
    ("streams::written", &["--data", r#"[{"write":"a"},"flush",{"fail":"oh"}]"#, "--json"], FAILURE, FAILURE),
    ("streams::written", &["--data", r#"[{"blocks":97}]"#, "--json"], FAILURE, FAILURE),
];

/// Requests to handlers whose replies are no HTTP responses, and the reasons.
const REQUESTS: [(&str, &str); 3] = [
    ("streams::headless", "the stream ended before the eight NUL bytes behind its status and headers"),
    ("streams::without_status", "the reply has no statusCode between 100 and 999"),
    ("greeter::greet", "the source knows no member `message` of a reply"),
];

#[test]
fn invoke_tells_an_error_of_the_function_from_its_own() {
    for (package, cases) in [("greeter", &GREETER[..]), ("streams", &STREAMS)] {
        let dev = DevServer::start(&workspace(), &["--package", package], &[]);
        let url = format!("http://{}", dev.address);
        for (handler, arguments, local, remote) in cases {
            let invoke = [&["invoke", handler], *arguments].concat();
            assert_code(&[&invoke[..], &["--package", package]].concat(), *local);
            assert_code(&[&invoke[..], &["--url", &url]].concat(), *remote);
        }
        let cases = REQUESTS.iter().filter(|(handler, _)| handler.starts_with(package));
        for (handler, why) in cases {
            for server in [["--package", package], ["--url", &url]] {
                assert_no_response(handler, &server, why);
            }
        }
    }
}

#[test]
fn a_timeout_is_an_error_of_the_function() {
    let dev = DevServer::start(&workspace(), &["--package", "streams", "--timeout", "1"], &[]);
    let url = format!("http://{}", dev.address);
    let sleeping = ["invoke", "streams::written", "--data", r#"[{"sleep":600000}]"#];
    assert_code(&[&sleeping[..], &["--package", "streams", "--timeout", "1"]].concat(), FAILURE);
    assert_code(&[&sleeping[..], &["--url", &url]].concat(), FAILURE);
}

/// Checks that a reply without a response is an error of the function, whose log is printed.
fn assert_no_response(handler: &str, server: &[&str], why: &str) {
    let arguments = [&["invoke", handler, "--request", "/", "--as", "rest"], server].concat();
    let output = assert_code(&arguments, FAILURE);
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{arguments:?}");
    assert!(err.ends_with(&format!("\nerror: the source would answer 502: {why}\n")), "{arguments:?}: {err}");
    assert!(err.contains("\nREPORT RequestId: "), "{arguments:?}: {err}");

    let output = assert_code(&[&arguments[..], &["--json"]].concat(), FAILURE);
    let result: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let message = result["error"]["errorMessage"].as_str().expect("there is an error");
    assert!(message.starts_with("the source would answer 502: "), "{arguments:?}: {result}");
    assert!(!result["reply"].is_null() && result["logs"].is_array(), "{arguments:?}: {result}");
}

#[test]
fn invoke_prints_a_response_of_any_status() {
    for more in [&[][..], &["--json"]] {
        let echo = ["invoke", "echo::api", "--package", "routes", "--bin", "echo", "--request", "/missing"];
        assert_code(&[&echo, more].concat(), SUCCESS);
        let streamed = ["invoke", "streamed::api", "--package", "routes", "--bin", "streamed", "--request", "/ticks/1"];
        assert_code(&[&streamed, more].concat(), SUCCESS);
    }
}

/// Serves one response, and returns the address.
fn serve(response: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client connects");
        let (mut reader, mut request) = (BufReader::new(stream.try_clone().expect("a handle")), String::new());
        while !request.ends_with("\r\n\r\n") && reader.read_line(&mut request).expect("it sends a request") > 0 {}
        stream.write_all(response.as_bytes()).expect("the client reads");
        stream.shutdown(Shutdown::Write).expect("it is open");
        // A connection that is closed before the event is read would be reset.
        let _ = std::io::copy(&mut reader, &mut std::io::sink());
    });
    url
}

#[test]
fn invoke_tells_an_error_of_the_server_from_one_of_the_function() {
    let large = format!("{{\"statusCode\":200,\"body\":\"{}\"}}", "x".repeat(2 << 20));
    let large = format!("200 OK\r\ncontent-length: {}\r\n\r\n{large}", large.len());
    for (response, code) in [
        (&*large, SUCCESS),
        ("200 OK\r\ncontent-length: 90\r\n\r\n{\"statusCode\":200}\0\0\0\0\0\0\0\0a part", UNABLE),
        ("200 OK\r\ncontent-length: 18\r\n\r\n{\"statusCode\":204}", SUCCESS),
        ("200 OK\r\ncontent-length: 26\r\n\r\n{\"statusCode\":200}\0\0\0\0\0\0\0\0", SUCCESS),
        ("200 OK\r\ncontent-length: 10\r\n\r\n{}\0\0\0\0\0\0\0\0", FAILURE),
        ("200 OK\r\ncontent-length: 3\r\n\r\nraw", FAILURE),
        ("404 Not Found\r\nx-amzn-errortype: ResourceNotFoundException\r\ncontent-length: 0\r\n\r\n", UNABLE),
        ("429 Too Many Requests\r\ncontent-length: 0\r\n\r\n", UNABLE),
        ("500 Internal Server Error\r\ncontent-length: 0\r\n\r\n", UNABLE),
    ] {
        let response = format!("HTTP/1.1 {response}").leak();
        assert_code(&["invoke", "a", "--request", "/", "--url", &serve(response)], code);
    }
    assert_code(&["invoke", "a", "--url", "http://127.0.0.1:1"], UNABLE);
    assert_code(&["invoke", "a", "--url", "ftp://127.0.0.1"], UNABLE);
}

#[test]
fn the_other_commands_succeed_or_do_not() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (app, out, mayfly) = (path("app"), path("out"), workspace().join("mayfly").display().to_string());
    let template = |name: &str, handler: &str| {
        let properties = format!("{{\"Handler\":\"{handler}\",\"Runtime\":\"provided.al2023\",\"CodeUri\":\"a.zip\"}}");
        let resource = format!("{{\"Type\":\"AWS::Serverless::Function\",\"Properties\":{properties}}}");
        fs::write(path(name), format!("{{\"Resources\":{{\"F\":{resource}}}}}")).expect("a file can be written");
        path(name)
    };
    let (same, other) = (template("same.json", "greeter::greet"), template("other.json", "greeter::great"));
    let commands: [(&[&str], i32); 20] = [
        (&["--help"], SUCCESS),
        (&["--version"], SUCCESS),
        (&[], UNABLE),
        (&["bogus"], UNABLE),
        (&["list", "--package", "greeter"], SUCCESS),
        (&["list", "--package", "odd", "--bin", "odd"], SUCCESS),
        (&["list", "--package", "none"], UNABLE),
        (&["build", "--debug", "--package", "plain", "--outdir", &out], SUCCESS),
        (&["build", "--debug", "--package", "plain", "--outdir", &app, "--include", "/none"], UNABLE),
        (&["build", "--debug", "--package", "none"], UNABLE),
        (&["template", "--package", "greeter", "--format", "sam"], SUCCESS),
        (&["template", "--package", "greeter"], UNABLE),
        (&["template", "--package", "greeter", "--check", &same], SUCCESS),
        (&["template", "--package", "greeter", "--check", &other], FAILURE),
        (&["template", "--package", "greeter", "--check", &path("none.json")], UNABLE),
        (&["new", &app, "--mayfly-path", &mayfly], SUCCESS),
        (&["new", &app, "--mayfly-path", &mayfly], UNABLE),
        (&["init", &app, "--mayfly-path", &mayfly], SUCCESS),
        (&["init", &path("none"), "--mayfly-path", "/none"], UNABLE),
        (&["dev", "--package", "none"], UNABLE),
    ];
    for (arguments, code) in commands {
        assert_code(arguments, code);
    }
    for signal in ["INT", "TERM"] {
        assert_eq!(DevServer::start(&workspace(), &["--package", "greeter"], &[]).end(signal), Some(SUCCESS));
    }
}
