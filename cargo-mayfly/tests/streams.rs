//! Tests `cargo mayfly dev` and `cargo mayfly invoke` with functions that stream their replies.

#[path = "common/cargo.rs"]
mod cargo;
#[path = "common/dev_server.rs"]
#[expect(dead_code, reason = "the other tests of the server use the rest")]
mod dev_server;
#[path = "common/http.rs"]
#[expect(dead_code, reason = "the other tests use the rest")]
mod http;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use cargo::CARGO;
use dev_server::{DevServer, LONG, path, wait_for};
use serde_json::{Value, json};

const MEGABYTE: usize = 1 << 20;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in the workspace").to_owned()
}

/// Starts a server with the handlers of the fixture `streams`.
fn streams(arguments: &[&str]) -> DevServer {
    DevServer::start(&workspace(), &[&["--package", "streams"], arguments].concat(), &[])
}

/// Starts a server with an HTTP service that streams, and returns its address.
fn site() -> (DevServer, String) {
    let dev = DevServer::start(&workspace(), &["--package", "routes", "--bin", "streamed"], &[]);
    let line = dev.says("/ serves streamed::api");
    let url = line.split_whitespace().next().expect("a URL");
    let address = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    (dev, address)
}

/// A response that is read while it arrives.
struct Arriving {
    stream: BufReader<TcpStream>,
    head: String,
}

impl Arriving {
    fn open(address: &str, method: &str, path: &str, headers: &str, body: &str) -> Self {
        let mut stream = TcpStream::connect(address).expect("it listens");
        stream.set_read_timeout(Some(LONG)).expect("it can be set");
        let length = body.len();
        let request =
            format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\n{headers}content-length: {length}\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).expect("it is sent");
        let (mut stream, mut head) = (BufReader::new(stream), String::new());
        while !head.ends_with("\r\n\r\n") {
            assert!(stream.read_line(&mut head).expect("it answers") > 0, "the response ends in its head: {head}");
        }
        Self { stream, head }
    }

    fn get(address: &str, path: &str) -> Self {
        Self::open(address, "GET", path, "", "")
    }

    fn invoke(dev: &DevServer, name: &str, event: &Value) -> Self {
        let path =
            path(name).replace("2015-03-31", "2021-11-15").replace("/invocations", "/response-streaming-invocations");
        Self::open(&dev.address, "POST", &path, "x-amz-log-type: Tail\r\n", &event.to_string())
    }

    fn status(&self) -> &str {
        self.head.split(' ').nth(1).expect("a status")
    }

    /// Reads a chunk: an empty one at the end, `None` if the connection is closed before.
    fn chunk(&mut self) -> Option<Vec<u8>> {
        let mut size = String::new();
        self.stream.read_line(&mut size).ok()?;
        let size = usize::from_str_radix(size.trim_end(), 16).ok()?;
        let mut chunk = vec![0; size + 2];
        self.stream.read_exact(&mut chunk).ok()?;
        chunk.truncate(size);
        Some(chunk)
    }

    fn text(&mut self) -> Option<String> {
        self.chunk().map(|chunk| String::from_utf8(chunk).expect("it is text"))
    }

    /// Reads a message of an event stream: its type and its payload.
    fn message(&mut self) -> (String, Vec<u8>) {
        let bytes = self.chunk().expect("a message");
        let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes")) as usize;
        let (length, headers) = (number(0), number(4));
        assert_eq!(bytes.len(), length, "one message");
        (kind(&bytes[12..12 + headers]), bytes[12 + headers..length - 4].to_vec())
    }

    /// Reads the messages to the end: the chunks, joined, and the last message.
    fn messages(mut self) -> (String, Value) {
        let (mut bytes, mut reply) = (Vec::new(), Vec::new());
        while let Some(chunk) = self.chunk().filter(|chunk| !chunk.is_empty()) {
            bytes.extend(chunk);
        }
        let mut rest = &bytes[..];
        loop {
            let number = |at: usize| u32::from_be_bytes(rest[at..at + 4].try_into().expect("four bytes")) as usize;
            let (length, headers) = (number(0), number(4));
            let (message, after) = rest.split_at(length);
            let payload = &message[12 + headers..length - 4];
            match &*kind(&message[12..12 + headers]) {
                "PayloadChunk" => reply.extend(payload),
                kind => {
                    assert_eq!((kind, after), ("InvokeComplete", &b""[..]));
                    let complete = serde_json::from_slice(payload).expect("it is JSON");
                    return (String::from_utf8(reply).expect("it is text"), complete);
                }
            }
            rest = after;
        }
    }
}

fn kind(headers: &[u8]) -> String {
    let text = String::from_utf8_lossy(headers);
    let kind = ["PayloadChunk", "InvokeComplete"].into_iter().find(|kind| text.contains(kind));
    kind.expect("a known message").to_owned()
}

/// Returns the most memory that a process has used, in bytes.
fn peak(process: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("it is running");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("there is a peak");
    1024 * line.trim().trim_end_matches(" kB").parse::<usize>().expect("a number")
}

fn touch(folder: &Path, name: &str) {
    fs::write(folder.join(name), "").expect("it can be written");
}

#[test]
fn events_reach_a_browser_one_by_one() {
    let (dev, address) = site();
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mut response = Arriving::get(&address, &format!("/steps{}", folder.path().display()));
    assert_eq!(response.status(), "200");
    assert!(response.head.contains("content-type: text/event-stream\r\n"), "{}", response.head);
    assert!(response.head.contains("transfer-encoding: chunked\r\n"), "{}", response.head);
    assert_eq!(response.text().as_deref(), Some("data: 0\n\n"));
    dev.says(", streaming");
    assert_eq!(dev.count("streamed::api | streamed "), 0);
    for number in ["1", "2"] {
        touch(folder.path(), number);
        assert_eq!(response.text(), Some(format!("data: {number}\n\n")));
    }
    assert_eq!(response.text().as_deref(), Some(""));
    dev.says("streamed::api | streamed 27 bytes"); // without the head

    let mut ticks = Arriving::get(&address, "/ticks/1");
    assert!(ticks.head.contains("set-cookie: a=1\r\nset-cookie: b=2\r\n"), "{}", ticks.head);
    assert_eq!(ticks.text().as_deref(), Some("data: 0\n\n"));
    assert_eq!(ticks.text().as_deref(), Some(""));
    for (method, path, status) in [("GET", "/empty", 204), ("HEAD", "/ticks/1", 200)] {
        assert_eq!(http::send(&address, method, path, &[], b"").status, status);
        dev.says(&format!("{method} {path}: {status} "));
    }
    assert_eq!(dev.count("went away"), 0);
    assert_eq!(dev.functions().len(), 1, "all requests share a process");
}

#[test]
fn a_browser_gets_a_page_for_an_early_error_and_no_end_for_a_late_one() {
    let (dev, address) = site();
    let page = http::send(&address, "GET", "/fail", &[], b"");
    assert_eq!(page.status, 502);
    assert!(page.text().contains("Refused: the route fails"), "{page}");

    let mut response = Arriving::get(&address, "/broken/2");
    let mut body = String::new();
    while let Some(chunk) = response.text() {
        assert_ne!(chunk, "", "the end is not clean");
        body.push_str(&chunk);
    }
    assert_eq!((response.status(), &*body), ("200", "part 0part 1"));
    let line = dev.says("the response broke off after 12 bytes");
    assert!(line.contains("GET /broken/2: ") && line.ends_with("the body of the response failed"), "{line}");
    dev.says("caused by: the body broke off");
    assert_eq!(Arriving::get(&address, "/ticks/1").status(), "200", "the process goes on");
    assert_eq!(dev.functions().len(), 1);
}

#[test]
fn a_client_that_goes_away_ends_the_stream() {
    let (dev, address) = site();
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mut response = Arriving::get(&address, &format!("/steps{}", folder.path().display()));
    assert_eq!(response.text().as_deref(), Some("data: 0\n\n"));
    let before = dev.functions();
    drop(response);
    dev.says("streamed::api | the client went away after ");
    assert_eq!(Arriving::get(&address, "/ticks/1").text().as_deref(), Some("data: 0\n\n"));
    assert_eq!(dev.functions(), before, "an async source that waits for a file notices it, and the process goes on");

    let dev = streams(&[]);
    let steps = json!([{"write": "a"}, "flush", {"blocks": 1_000_000}]);
    let mut response = Arriving::invoke(&dev, "streams::written", &steps);
    assert_eq!(response.message(), ("PayloadChunk".to_owned(), b"a".to_vec()));
    let before = dev.functions();
    drop(response);
    dev.says("the source is dropped");
    dev.says("streams::written | the client went away after ");
    assert_eq!(dev.invoke("streams::written", r#"[{"write":"b"}]"#).text(), "b");
    assert_eq!(dev.functions(), before, "a function that writes notices it, and goes on");

    for handler in ["streams::awaited", "streams::deferred", "streams::polled"] {
        let mut response = Arriving::invoke(&dev, handler, &json!([{"write": "a"}, {"sleep": 3_600_000}]));
        assert_eq!(response.message(), ("PayloadChunk".to_owned(), b"a".to_vec()));
        let before = dev.functions();
        drop(response);
        dev.says(&format!("{handler} | the client went away after "));
        assert_eq!(dev.invoke(handler, r#"[{"write":"b"}]"#).text(), "b");
        assert_eq!(dev.functions(), before, "an async function that waits notices it, and goes on");
    }
}

#[test]
fn a_sync_function_that_does_not_notice_it_is_replaced() {
    let dev = streams(&[]);
    let steps = json!([{"write": "a"}, "flush", {"sleep": 3_600_000}]);
    let mut response = Arriving::invoke(&dev, "streams::written", &steps);
    assert_eq!(response.message(), ("PayloadChunk".to_owned(), b"a".to_vec()));
    let before = dev.functions();
    drop(response);
    dev.says("streams::written | the client went away after ");
    assert_eq!(dev.invoke("streams::written", r#"[{"write":"b"}]"#).text(), "b");
    let after = dev.functions();
    assert!(after.len() == 1 && after != before, "{after:?}");
}

#[test]
fn a_large_download_takes_little_memory_however_slow_its_reader() {
    let (dev, address) = site();
    assert_eq!(Arriving::get(&address, "/zeros/1").status(), "200");
    let before = peak(dev.child.id());
    let mut response = Arriving::get(&address, "/zeros/199");
    let mut size = response.chunk().expect("a chunk").len();
    // Time in which a server without back-pressure would receive everything.
    thread::sleep(Duration::from_secs(2));
    while let Some(chunk) = response.chunk().filter(|chunk| !chunk.is_empty()) {
        size += chunk.len();
    }
    assert_eq!(size, 199 * MEGABYTE);
    let grown = peak(dev.child.id()).saturating_sub(before);
    assert!(grown < 16 * MEGABYTE, "{grown} bytes");
    let function = peak(dev.functions()[0]);
    assert!(function < 16 * MEGABYTE, "{function} bytes");
}

#[test]
fn an_aws_client_gets_the_chunks_as_they_come_and_a_last_message() {
    let dev = streams(&["--timeout", "60"]);
    let folder = tempfile::tempdir().expect("a folder can be made");
    let wait = json!({"await_file": folder.path().join("go")});
    for handler in ["streams::written", "streams::polled"] {
        let steps = json!([{"write": "a"}, "flush", wait, {"write": "b"}]);
        // An async source has no flush: it sends when it waits, and here the file is awaited in its thread.
        let steps = if handler.ends_with("polled") {
            json!([{"write": "a"}, {"sleep": 1}, wait, {"write": "b"}])
        } else {
            steps
        };
        let mut response = Arriving::invoke(&dev, handler, &steps);
        assert_eq!(response.status(), "200");
        for header in ["content-type: application/vnd.amazon.eventstream", "x-amz-executed-version: $LATEST"] {
            assert!(response.head.contains(header), "{}", response.head);
        }
        assert_eq!(response.message(), ("PayloadChunk".to_owned(), b"a".to_vec()), "{handler}");
        touch(folder.path(), "go");
        let (reply, complete) = response.messages();
        assert_eq!((&*reply, complete["ErrorCode"].as_str()), ("b", None));
        assert!(complete["LogResult"].is_string());
        fs::remove_file(folder.path().join("go")).expect("it is there");
    }
    dev.says("streams::written | streamed 2 bytes");
    let (reply, complete) = Arriving::invoke(&dev, "streams::iterated", &json!([])).messages();
    assert_eq!((&*reply, complete["ErrorCode"].as_str()), ("", None), "no bytes");
    let (reply, complete) = Arriving::invoke(&dev, "streams::whole", &json!(1)).messages();
    assert_eq!((&*reply, complete["ErrorCode"].as_str()), ("2", None), "a reply that is not streamed");
}

#[test]
fn an_aws_client_gets_errors_in_the_last_message() {
    let dev = streams(&["--timeout", "2"]);
    for (steps, begin) in [(json!([{"fail": "oh"}]), ""), (json!([{"write": "a"}, "flush", {"fail": "oh"}]), "a")] {
        let (reply, complete) = Arriving::invoke(&dev, "streams::written", &steps).messages();
        assert_eq!((&*reply, &complete["ErrorCode"]), (begin, &json!("Unhandled")));
        let details: Value = serde_json::from_str(complete["ErrorDetails"].as_str().expect("a text")).expect("JSON");
        assert_eq!((&details["errorType"], &details["errorMessage"]), (&json!("Broken"), &json!("oh")));
    }
    let (reply, complete) = Arriving::invoke(&dev, "streams::fallible", &json!(true)).messages();
    assert_eq!((&*reply, &complete["ErrorCode"]), ("", &json!("Unhandled")));

    let steps = json!([{"write": "a"}, "flush", {"sleep": 600_000}]);
    let (reply, complete) = Arriving::invoke(&dev, "streams::written", &steps).messages();
    assert_eq!((&*reply, &complete["ErrorCode"]), ("a", &json!("Sandbox.Timedout")));
    let details = complete["ErrorDetails"].as_str().expect("a text");
    assert!(details.contains("Task timed out after 2.00 seconds"), "{details}");

    let response = Arriving::invoke(&dev, "streams::nobody", &json!([]));
    assert!(response.status() == "404" && response.head.contains("ResourceNotFoundException"), "{}", response.head);
    let path = "/2021-11-15/functions/streams::whole/response-streaming-invocations";
    for (kind, status) in [("Event", 400), ("DryRun", 204)] {
        let answer = http::send(&dev.address, "POST", path, &[("x-amz-invocation-type", kind)], b"1");
        assert_eq!(answer.status, status, "{answer}");
    }
}

#[test]
fn a_process_that_dies_in_the_middle_of_a_stream_is_an_exit() {
    let dev = streams(&[]);
    let mut response =
        Arriving::invoke(&dev, "streams::written", &json!([{"write": "a"}, "flush", {"sleep": 600_000}]));
    assert_eq!(response.message().1, b"a");
    dev_server::signal(dev.functions()[0], "KILL");
    let (_, complete) = response.messages();
    assert_eq!(complete["ErrorCode"], "Runtime.ExitError");
    assert!(complete["ErrorDetails"].as_str().is_some_and(|details| details.contains("signal: killed")), "{complete}");
}

#[test]
fn a_client_that_takes_no_stream_gets_it_as_one_reply() {
    let dev = streams(&[]);
    let steps = json!([{"write": "a"}, "flush", {"write": "b"}]).to_string();
    let reply = dev.invoke("streams::written", &steps);
    assert_eq!((reply.status, &*reply.body, reply.header("x-amz-function-error")), (200, &b"ab"[..], None));
    let failed = dev.invoke("streams::written", &json!([{"write": "a"}, "flush", {"fail": "oh"}]).to_string());
    assert_eq!(failed.header("x-amz-function-error"), Some("Unhandled"));
    assert!(failed.text().contains("\"errorType\":\"Broken\""), "{failed}");
    let large = dev.invoke("streams::written", &json!([{"blocks": 97}]).to_string());
    assert!(large.text().contains("Function.ResponseSizeTooLarge"), "{large}");

    let (dev, _) = site();
    let event = r#"{"version":"2.0","rawPath":"/broken/0","requestContext":{"http":{"method":"HEAD"}}}"#;
    let reply = dev.invoke("streamed::api", event);
    assert!(reply.body.starts_with(b"{\"statusCode\":200") && reply.body.ends_with(&[0; 8]), "{reply}");
}

/// A running `cargo mayfly invoke`.
fn invoke(arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mayfly"));
    command.current_dir(workspace()).arg("invoke").args(arguments).env_remove("LOGLEVEL").stdin(Stdio::null());
    command.env("CARGO", CARGO).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command can be run")
}

/// Waits for the end of a command, and returns its exit code, its output and its errors.
fn end(child: Child) -> (Option<i32>, String, String) {
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn invoke_prints_chunks_as_they_come() {
    let dev = streams(&[]);
    let url = format!("http://{}", dev.address);
    let folder = tempfile::tempdir().expect("a folder can be made");
    let steps = json!([{"write": "a"}, "flush", {"await_file": folder.path().join("go")}, {"write": "b"}]).to_string();
    for server in [&["--package", "streams"][..], &["--url", &url]] {
        let mut child = invoke(&[&["streams::written", "--data", &*steps], server].concat());
        let mut first = [0; 1];
        child.stdout.as_mut().expect("it is piped").read_exact(&mut first).expect("it prints");
        assert_eq!(&first, b"a");
        touch(folder.path(), "go");
        let (code, rest, err) = end(child);
        assert_eq!((code, &*rest), (Some(0), "b"), "{err}");
        assert!(err.contains("\nREPORT RequestId: "), "{err}");
        fs::remove_file(folder.path().join("go")).expect("it is there");

        let failing = json!([{"write": "a"}, "flush", {"fail": "oh"}]).to_string();
        let (code, out, err) = end(invoke(&[&["streams::written", "--data", &*failing], server].concat()));
        assert_eq!((code, &*out), (Some(1), "a"), "{err}");
        assert!(err.contains("\nerror: Broken: oh\n    at "), "{err}");

        let (code, out, err) = end(invoke(&[&["streams::whole", "--data", "1"], server].concat()));
        assert_eq!((code, &*out), (Some(0), "2\n"), "{err}");
    }
    let json = end(invoke(&["streams::written", "--package", "streams", "--data", r#"[{"write":"a"}]"#, "--json"])).1;
    assert!(json.contains("\"reply\": \"a\""), "{json}");
}

#[test]
fn invoke_prints_a_streamed_response_and_ends_with_its_reader() {
    let (dev, _) = site();
    let url = format!("http://{}", dev.address);
    let folder = tempfile::tempdir().expect("a folder can be made");
    let request = format!("GET /steps{}", folder.path().display());
    let local = ["--package", "routes", "--bin", "streamed"];
    for server in [&local[..], &["--url", &url]] {
        let (code, out, err) = end(invoke(&[&["streamed::api", "--request", "/ticks/2"], server].concat()));
        assert_eq!(code, Some(0), "{err}");
        let (head, body) = out.split_once("\n\n").expect("an empty line is before the body");
        assert!(head.starts_with("HTTP/1.1 200 OK\n") && head.contains("\nset-cookie: b=2"), "{head}");
        assert_eq!(body, "data: 0\n\ndata: 1\n\n");
        let (code, out, err) = end(invoke(&[&["streamed::api", "--request", "/broken/1"], server].concat()));
        assert!(code == Some(1) && out.ends_with("\n\npart 0"), "{out}{err}");

        let mut child = invoke(&[&["streamed::api", "--request", &*request], server].concat());
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let event = wait_for("an event", || lines.next().and_then(Result::ok).filter(|line| line == "data: 0"));
        assert_eq!(event, "data: 0");
        drop(lines);
        touch(folder.path(), "1");
        // The third event never comes.
        assert_eq!(end(child).0, Some(0));
        fs::remove_file(folder.path().join("1")).expect("it is there");
    }
    dev.says("streamed::api | the client went away after ");
}

/// Serves these responses, one a connection, and returns the address and the first lines of the requests.
fn serve(responses: &'static [&'static str]) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    let requests = thread::spawn(move || {
        let answer = |response: &&str| {
            let (mut stream, _) = listener.accept().expect("a client connects");
            let (mut reader, mut request) = (BufReader::new(stream.try_clone().expect("a handle")), String::new());
            while !request.ends_with("\r\n\r\n") {
                reader.read_line(&mut request).expect("it sends a request");
            }
            reader.read_exact(&mut [0; 2]).expect("the event is `{}`");
            let length = response.split_once("\r\n\r\n").expect("a response has a body").1.len();
            let response =
                response.replacen("\r\n", &format!("\r\nconnection: close\r\ncontent-length: {length}\r\n"), 1);
            stream.write_all(response.as_bytes()).expect("the client reads");
            request.lines().next().unwrap_or_default().to_owned()
        };
        responses.iter().map(answer).collect()
    });
    (url, requests)
}

#[test]
fn invoke_understands_servers_that_stream_bytes_or_nothing() {
    let (url, requests) = serve(&["HTTP/1.1 404 Not Found\r\n\r\nno", "HTTP/1.1 200 OK\r\n\r\n1"]);
    assert_eq!(end(invoke(&["a", "--url", &url])).1, "1\n");
    let requests = requests.join().expect("it does not panic");
    assert!(requests[0].ends_with("/2021-11-15/functions/a/response-streaming-invocations HTTP/1.1"), "{requests:?}");
    assert!(requests[1].ends_with("/2015-03-31/functions/a/invocations HTTP/1.1"), "{requests:?}");

    let (url, _) = serve(&["HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\n\r\nraw"]);
    assert_eq!(end(invoke(&["a", "--url", &url])).1, "raw");
}
