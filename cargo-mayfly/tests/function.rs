//! Tests the emulator's process: it is started, killed, replaced, and its logs are read.
//!
//! The function is this executable itself: its ignored test `puppet` does what `_HANDLER` and the events demand.

#[path = "common/raw.rs"]
mod raw;

use std::env;
use std::io::Write;
use std::process::{Command, abort, exit};
use std::thread::sleep;
use std::time::Duration;

use cargo_mayfly::emulator::{Configuration, Function, Invocation, Outcome, Program};
use raw::{RUNTIME, answer, next, post};
use tokio::time::timeout;

/// The time after which a test fails instead of waiting.
const LONG: Duration = Duration::from_secs(20);

#[test]
#[ignore = "the function of the other tests"]
fn puppet() {
    let (Ok(api), Ok(handler)) = (env::var("AWS_LAMBDA_RUNTIME_API"), env::var("_HANDLER")) else { return };
    println!("to standard output");
    eprintln!("to standard error");
    match handler.as_str() {
        "exit in init" => exit(3),
        "hang in init" => sleep(Duration::from_secs(1000)),
        "init error" => {
            post(&api, &format!("{RUNTIME}/init/error"), br#"{"errorType":"Runtime.InitError","errorMessage":"no"}"#);
            exit(1);
        }
        _ => {}
    }
    loop {
        let event = next(&api);
        match event.text().as_str() {
            r#""exit""# => exit(0),
            r#""abort""# => abort(),
            r#""hang""# => hang(),
            r#""leave a child""# => {
                let child = Command::new("sleep").arg("1000").spawn().expect("sleep can be run");
                println!("child {}", child.id());
                exit(5);
            }
            r#""a long line""# => {
                print!("{}", "x".repeat(1 << 20));
                std::io::stdout().flush().expect("it can be written");
                drop(answer(&api, &event.request_id(), "response", &[], b"1"));
            }
            r#""no line end""# => {
                print!("half a line");
                std::io::stdout().flush().expect("it can be written");
                drop(answer(&api, &event.request_id(), "response", &[], b"1"));
            }
            r#""report and abort""# => {
                answer(
                    &api,
                    &event.request_id(),
                    "error",
                    &[],
                    br#"{"errorType":"Runtime.HandlerPanic","errorMessage":"oh"}"#,
                );
                abort();
            }
            r#""reply and exit""# => {
                answer(&api, &event.request_id(), "response", &[], b"1");
                exit(5);
            }
            _ => drop(answer(&api, &event.request_id(), "response", &[], &event.body)),
        }
    }
}

/// Never replies, and keeps the pipes open in a child process.
fn hang() {
    let mut child = Command::new("sleep").arg("1000").spawn().expect("sleep can be run");
    println!("child {}", child.id());
    let _ = child.wait();
}

async fn function(handler: &str) -> Function {
    let mut program = Program::new(env::current_exe().unwrap());
    program.args = ["puppet", "--exact", "--ignored", "--nocapture"].map(Into::into).into();
    let timeout = Duration::from_millis(1500);
    let configuration = Configuration { timeout, init_timeout: timeout, ..Configuration::new(handler) };
    Function::start(program, configuration).await.unwrap()
}

async fn invoke(function: &Function, event: &'static str) -> Outcome {
    timeout(LONG, function.invoke(Invocation::new(event))).await.expect("an outcome always comes")
}

/// Returns the type and message of an error.
async fn failure(function: &Function, event: &'static str) -> String {
    let error = invoke(function, event).await.error().expect("an error");
    format!("{}: {}", error.error_type, error.error_message)
}

async fn serves(function: &Function) {
    assert_eq!(invoke(function, r#"{"a":1}"#).await, Outcome::Reply(r#"{"a":1}"#.into()));
}

#[tokio::test]
async fn one_process_serves_one_event_after_the_other() {
    let function = function("serve").await;
    let pid = function.pid();
    for is_first in [true, false, false] {
        serves(&function).await;
        let report = function.report().unwrap();
        assert_eq!(report.init_duration.is_some(), is_first);
        assert!(cfg!(not(target_os = "linux")) || report.max_memory_used > Some(100 * 1024));
    }
    assert!(pid.is_some());
    assert_eq!(function.pid(), pid);
    function.stop().await;
}

#[tokio::test]
async fn the_logs_have_both_streams() {
    let function = function("serve").await;
    for line in ["to standard output", "to standard error"] {
        timeout(LONG, function.log_line(line)).await.expect("the line comes");
    }
    function.stop().await;
    assert!(function.logs().iter().any(|line| line == "to standard error"), "{:?}", function.logs());
}

#[tokio::test]
async fn an_exit_is_reported_and_the_next_event_has_a_new_process() {
    for (event, words) in [
        (r#""exit""#, "Runtime.ExitError: Runtime exited without providing a reason"),
        (r#""abort""#, "Runtime.ExitError: Runtime exited with error: signal: aborted"),
    ] {
        let function = function("serve").await;
        let pid = function.pid();
        let error = failure(&function, event).await;
        assert_eq!(error.trim_end_matches(" (core dumped)"), words);
        serves(&function).await;
        assert_ne!(function.pid(), pid);
    }
}

#[tokio::test]
async fn an_error_that_was_reported_before_an_abort_is_the_outcome() {
    let function = function("serve").await;
    assert_eq!(failure(&function, r#""report and abort""#).await, "Runtime.HandlerPanic: oh");
    serves(&function).await;
}

#[tokio::test]
async fn a_process_that_ended_after_its_reply_is_replaced_silently() {
    let function = function("serve").await;
    for _ in 0..3 {
        assert_eq!(invoke(&function, r#""reply and exit""#).await, Outcome::Reply("1".into()));
    }
    serves(&function).await;
}

#[tokio::test]
async fn an_exit_in_init_is_reported_each_time() {
    let function = function("exit in init").await;
    for _ in 0..2 {
        let error = failure(&function, "{}").await;
        assert_eq!(error, "Runtime.ExitError: Runtime exited with error: exit status 3");
    }
}

#[tokio::test]
async fn an_init_error_is_reported_each_time() {
    let function = function("init error").await;
    for _ in 0..2 {
        let outcome = invoke(&function, "{}").await;
        assert!(matches!(outcome, Outcome::InitError(_)), "{outcome:?}");
        assert_eq!(outcome.error().unwrap().error_message, "no");
    }
}

#[tokio::test]
async fn an_init_that_hangs_is_killed() {
    let function = function("hang in init").await;
    assert_eq!(failure(&function, "{}").await, "Sandbox.Timedout: Task timed out after 1.50 seconds");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_function_that_hangs_is_killed_with_its_children() {
    let function = function("serve").await;
    let pid = function.pid().unwrap();
    assert_eq!(failure(&function, r#""hang""#).await, "Sandbox.Timedout: Task timed out after 1.50 seconds");
    let line = timeout(LONG, function.log_line("child ")).await.expect("the child is named");
    let child = line.rsplit(' ').next().unwrap().parse().unwrap();
    for process in [pid, child] {
        timeout(LONG, gone(process)).await.expect("the process is killed");
    }
    serves(&function).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn children_are_killed_with_their_process() {
    let function = function("serve").await;
    assert!(failure(&function, r#""leave a child""#).await.ends_with("exit status 5"));
    let line = timeout(LONG, function.log_line("child ")).await.expect("the child is named");
    let child = line.rsplit(' ').next().unwrap().parse().unwrap();
    timeout(LONG, gone(child)).await.expect("the child is killed");
}

#[tokio::test]
async fn long_lines_are_cut_as_on_lambda() {
    let function = function("serve").await;
    assert_eq!(invoke(&function, r#""a long line""#).await, Outcome::Reply("1".into()));
    let lengths: Vec<_> = function.logs().iter().map(String::len).filter(|length| *length > 1000).collect();
    assert_eq!(lengths, [256 << 10; 4]);
}

#[tokio::test]
async fn a_line_without_an_end_belongs_to_the_logs_of_its_invocation() {
    let function = function("serve").await;
    for _ in 0..2 {
        assert_eq!(invoke(&function, r#""no line end""#).await, Outcome::Reply("1".into()));
        let logs = function.take_logs();
        assert_eq!(logs.iter().filter(|line| *line == "half a line").count(), 1, "{logs:?}");
    }
}

#[tokio::test]
async fn the_duration_ends_with_the_process() {
    let mut durations = Vec::new();
    for event in [r#""exit""#, r#""abort""#, r#""exit""#] {
        let function = function("serve").await;
        invoke(&function, event).await;
        durations.push(function.report().expect("a report").duration);
    }
    // On a busy machine, a single duration may be long.
    assert!(durations.iter().any(|duration| *duration < Duration::from_millis(200)), "{durations:?}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_cancelled_invocation_leaves_no_process() {
    let function = function("serve").await;
    let pid = function.pid().unwrap();
    let given_up = timeout(Duration::from_millis(200), function.invoke(Invocation::new(r#""hang""#))).await;
    assert!(given_up.is_err());
    timeout(LONG, gone(pid)).await.expect("the process is killed");
    serves(&function).await;
}

/// Waits until a process has ended, reaped or not.
#[cfg(target_os = "linux")]
async fn gone(pid: u32) {
    let is_alive = || {
        let status = std::fs::read_to_string(format!("/proc/{pid}/stat"));
        status.is_ok_and(|status| !status.contains(") Z "))
    };
    while is_alive() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_missing_program_is_an_error() {
    let error = Function::start(Program::new("/nowhere/bootstrap"), Configuration::new("a::b")).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
}
