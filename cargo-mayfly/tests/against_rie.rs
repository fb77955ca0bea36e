//! Compares the emulator with AWS's own Runtime Interface Emulator (RIE): one table of cases, run on both.
//!
//! `MAYFLY_RIE` is the path of RIE's executable. The test starts its own executable as the function: a client that
//! sends the requests of its case and records the responses. At the end, a new project runs under RIE.

#[path = "common/fresh.rs"]
mod fresh;
#[path = "common/outside.rs"]
mod outside;
#[path = "common/raw.rs"]
mod raw;

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use cargo_mayfly::emulator::{Configuration, Function, Invocation, Program};
use fresh::Folder;
use raw::{RUNTIME, Response};
use serde_json::Value;

/// The requests of a case, given the address of the API.
type Act = fn(&str, &mut Notes);

/// The cases. An exit without a reply is not among them, since RIE reports nothing to its caller.
const CASES: &[(&str, Act)] = &[
    ("the environment", environment),
    ("the headers of an event", headers),
    ("a reply", |api, notes| notes.answer(api, "response", &[], br#"{"ok":true}"#)),
    ("an error", |api, notes| {
        notes.answer(api, "error", &[("Lambda-Runtime-Function-Error-Type", "Function.Refused")], ERROR);
    }),
    ("an error of an odd type", |api, notes| {
        notes.answer(api, "error", &[("Lambda-Runtime-Function-Error-Type", "a::B")], ERROR);
    }),
    ("the same event again while it is open", |api, notes| {
        let (first, again) = (raw::next(api), raw::next(api));
        notes.note("again", &format!("{} {}", again.status, first.request_id() == again.request_id()));
        notes.note("answer", &shown(&raw::answer(api, &first.request_id(), "response", &[], b"1")));
    }),
    ("another id", |api, notes| {
        let event = raw::next(api);
        for what in ["response", "error"] {
            notes.note(what, &shown(&raw::answer(api, "8476a536-e9f4-11e8-9739-2dfe598c3fcd", what, &[], ERROR)));
        }
        notes.note("answer", &shown(&raw::answer(api, &event.request_id(), "response", &[], b"1")));
    }),
    ("an answer before any event", |api, notes| {
        for what in ["response", "error"] {
            notes.note(what, &shown(&raw::answer(api, "8476a536-e9f4-11e8-9739-2dfe598c3fcd", what, &[], ERROR)));
        }
        notes.answer(api, "response", &[], b"1");
    }),
    ("an init error after an event", |api, notes| {
        let event = raw::next(api);
        notes.note("init error", &shown(&raw::post(api, &format!("{RUNTIME}/init/error"), ERROR)));
        notes.note("answer", &shown(&raw::answer(api, &event.request_id(), "response", &[], b"1")));
    }),
    ("wrong paths and methods", |api, notes| {
        for (method, path) in [
            ("GET", "/2018-06-01/runtime/nowhere"),
            ("POST", "/2018-06-01/runtime/invocation/next"),
            ("GET", "/2018-06-01/runtime/init/error"),
        ] {
            notes.note(path, &raw::send(api, method, path, &[], b"").status.to_string());
        }
        notes.answer(api, "response", &[], b"1");
    }),
    ("the largest reply", |api, notes| notes.answer(api, "response", &[], &long(MAX_REPLY))),
    ("a reply that is too large", |api, notes| notes.answer(api, "response", &[], &long(MAX_REPLY + 1))),
    ("a second answer", |api, notes| {
        let id = raw::next(api).request_id();
        for what in ["response", "response", "error"] {
            notes.note(what, &shown(&raw::answer(api, &id, what, &[], b"1")));
        }
        notes.note("init error", &shown(&raw::post(api, &format!("{RUNTIME}/init/error"), ERROR)));
    }),
    ("an init error", |api, notes| {
        let init = format!("{RUNTIME}/init/error");
        notes.note("init error", &shown(&raw::post(api, &init, ERROR)));
        notes.note("again", &shown(&raw::post(api, &init, ERROR)));
        notes.note("next", &shown(&raw::next(api)));
    }),
];

const ERROR: &[u8] = br#"{"errorType":"Refused","errorMessage":"no","stackTrace":[]}"#;
/// The size of the largest reply that Lambda takes.
const MAX_REPLY: usize = 6_291_556;
/// The variables that RIE sets as Lambda does. Lambda also sets `LAMBDA_TASK_ROOT`, `AWS_REGION` and `TZ`.
const VARIABLES: [&str; 5] = [
    "_HANDLER",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_LOG_STREAM_NAME",
];
/// The memory size that RIE reports.
const MEMORY_MB: u32 = 3008;
/// A header that RIE does not know.
const INVOCATION_ID: &str = "lambda-runtime-invocation-id";

fn environment(api: &str, notes: &mut Notes) {
    for name in VARIABLES {
        notes.note(name, &env::var(name).unwrap_or_else(|_| "unset".to_owned()));
    }
    // RIE has one log group for all functions, Lambda one for each.
    let group = env::var("AWS_LAMBDA_LOG_GROUP_NAME").unwrap_or_default();
    notes.note("log group", &group.starts_with("/aws/lambda/").to_string());
    notes.answer(api, "response", &[], b"1");
}

fn headers(api: &str, notes: &mut Notes) {
    let event = raw::next(api);
    let names: BTreeMap<_, _> = event.headers.iter().map(|(name, value)| (name.to_lowercase(), value)).collect();
    for (name, value) in names.into_iter().filter(|(name, _)| name.starts_with("lambda-") && name != INVOCATION_ID) {
        let shape: String = value.chars().map(|c| if c.is_ascii_hexdigit() { 'x' } else { c }).collect();
        notes.note(&name, &shape);
    }
    notes.note("body", &event.text());
    notes.note("answer", &shown(&raw::answer(api, &event.request_id(), "response", &[], b"1")));
}

fn long(size: usize) -> Vec<u8> {
    [b"\"", "x".repeat(size - 2).as_bytes(), b"\""].concat()
}

/// Shows the status and error type of a response. The messages differ between the servers.
fn shown(response: &Response) -> String {
    let rejection: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let what = rejection.get("errorType").or_else(|| rejection.get("status"));
    format!("{} {}", response.status, what.and_then(Value::as_str).unwrap_or_default())
}

/// The records of a function.
#[derive(Default)]
struct Notes(String);

impl Notes {
    fn note(&mut self, what: &str, seen: &str) {
        writeln!(self.0, "{what}: {seen}").expect("a string takes everything");
    }

    /// Requests an event and replies to it.
    fn answer(&mut self, api: &str, what: &str, headers: &[(&str, &str)], body: &[u8]) {
        let event = raw::next(api);
        self.note("answer", &shown(&raw::answer(api, &event.request_id(), what, headers, body)));
    }
}

fn main() {
    if let (Ok(api), Ok(case), Ok(file)) = (env::var("AWS_LAMBDA_RUNTIME_API"), env::var("CASE"), env::var("NOTES")) {
        return act(&api, &case, Path::new(&file));
    }
    let rie = env::var("MAYFLY_RIE").expect("the variable MAYFLY_RIE names the executable of AWS's RIE");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be built");
    println!("running {} tests", CASES.len() + 1);
    let mut failed = 0;
    for (case, _) in CASES {
        let theirs = on_rie(&rie, case);
        let log = fs::read_to_string(log_file()).expect("RIE's log can be read");
        let ours = runtime.block_on(on_emulator(case));
        let same = theirs == ours;
        println!("test {case} ... {}", if same { "ok" } else { "FAILED" });
        if !same {
            failed += 1;
            println!("--- RIE\n{theirs}--- emulator\n{ours}--- RIE's log\n{log}---");
        }
    }
    let replies = from_an_empty_folder(&rie);
    let same = replies == REPLIES;
    println!("test from an empty folder to a zip that RIE runs ... {}", if same { "ok" } else { "FAILED" });
    if !same {
        failed += 1;
        println!("--- expected\n{REPLIES:?}\n--- replied\n{replies:?}\n---");
    }
    let all = CASES.len() + 1;
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    println!(
        "\ntest result: {verdict}. {} passed; {failed} failed; 0 ignored; 0 measured; 0 filtered out",
        all - failed
    );
    std::process::exit(i32::from(failed > 0));
}

/// Runs the function of a case.
fn act(api: &str, case: &str, file: &Path) {
    // RIE starts the function before it listens.
    assert!(soon(|| TcpStream::connect(api).is_ok()), "the Runtime API does not listen");
    let (_, act) = CASES.iter().find(|(name, _)| *name == case).expect("the case exists");
    let mut notes = Notes::default();
    act(api, &mut notes);
    // Renamed, so that the file is complete once it exists.
    let fresh = file.with_extension("fresh");
    fs::write(&fresh, notes.0).and_then(|()| fs::rename(&fresh, file)).expect("the notes can be written");
    let _ = raw::next(api);
}

/// Returns an unused file for the notes of a case.
fn notes_file(server: &str, case: &str) -> PathBuf {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{server} {case}"));
    let _ = fs::remove_file(&file);
    file
}

/// Returns the notes of the function and the response to the caller.
fn story(file: &Path, body: &[u8]) -> String {
    let notes = if soon(|| file.exists()) { fs::read_to_string(file) } else { Ok("no notes\n".to_owned()) };
    let notes = notes.expect("the notes can be read");
    format!("{notes}caller: {}\n", without_ids(&String::from_utf8_lossy(&body[..body.len().min(300)])))
}

/// Replaces request ids, which differ in every run.
fn without_ids(text: &str) -> String {
    let is_id = |word: &str| word.len() == 36 && word.split('-').count() == 5;
    let words = text.split_inclusive([' ', '"']).map(|word| {
        let bare = word.trim_end_matches([' ', '"']);
        if is_id(bare) { word.replace(bare, "ID") } else { word.to_owned() }
    });
    words.collect()
}

async fn on_emulator(case: &str) -> String {
    let file = notes_file("emulator", case);
    let mut configuration = Configuration::new("my_app::handler");
    configuration.memory_mb = MEMORY_MB;
    configuration.variables =
        vec![("CASE".to_owned(), case.to_owned()), ("NOTES".to_owned(), file.to_string_lossy().into_owned())];
    let program = Program::new(env::current_exe().expect("this is an executable"));
    let function = Function::start(program, configuration).await.expect("the function can be started");
    let outcome = function.invoke(Invocation::new("{}")).await;
    let id = function.report().map(|report| report.request_id).unwrap_or_default();
    let story = story(&file, &outcome.payload(&id));
    function.stop().await;
    story
}

/// The handlers of a new project with events, whose replies follow.
const EVENTS: [(&str, &str); 2] =
    [("my_app::greet", r#"{"name":"Ada"}"#), ("my_app::total", r#"{"pieces":3,"cents":250}"#)];
const REPLIES: [&str; 2] = [r#"{"message":"Hello, Ada!"}"#, "750"];

fn from_an_empty_folder(rie: &str) -> Vec<String> {
    let folder = Folder::new();
    let bootstrap = folder.bootstrap();
    let reply = |(handler, event): (&str, &str)| {
        let server = Server::start(Command::new(rie), &bootstrap, handler);
        String::from_utf8_lossy(&server.invoke(event.as_bytes()).body).into_owned()
    };
    EVENTS.into_iter().map(reply).collect()
}

fn on_rie(rie: &str, case: &str) -> String {
    let file = notes_file("rie", case);
    let mut command = Command::new(rie);
    command.env("CASE", case).env("NOTES", &file);
    let function = env::current_exe().expect("this is an executable");
    let response = Server::start(command, &function, "my_app::handler").invoke(b"{}");
    story(&file, &response.body)
}

/// Returns whether a condition becomes true in time.
fn soon(mut is_so: impl FnMut() -> bool) -> bool {
    let until = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        if Instant::now() > until {
            return false;
        }
        thread::sleep(Duration::from_millis(5));
    }
    true
}

/// Returns the log of RIE and the function in the last case.
fn log_file() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("rie.log")
}

/// Returns two free addresses, which differ since both ports are held at the same time.
fn free_addresses() -> [String; 2] {
    let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("there is a free port"));
    listeners.map(|listener| listener.local_addr().expect("a listener has an address").to_string())
}

/// A running RIE with a function, which is killed at the end of its case.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(mut rie: Command, function: &Path, handler: &str) -> Self {
        let [api, address] = free_addresses();
        rie.args(["--runtime-api-address", &api, "--runtime-interface-emulator-address", &address]);
        let log = fs::File::create(log_file()).expect("a file can be made");
        let same = log.try_clone().expect("a file has a second handle");
        rie.arg(function).arg(handler).stdin(Stdio::null()).stdout(same).stderr(log);
        let mut server = Self { process: rie.spawn().expect("RIE can be started"), address };
        let mut listens = || {
            assert!(server.process.try_wait().is_ok_and(|ended| ended.is_none()), "RIE has ended");
            TcpStream::connect(&server.address).is_ok()
        };
        assert!(soon(&mut listens), "RIE does not listen");
        server
    }

    fn invoke(&self, event: &[u8]) -> Response {
        raw::post(&self.address, "/2015-03-31/functions/function/invocations", event)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
