//! Runs AWS's own Python runtime, `awslambdaric`, under the emulator. `MAYFLY_RIC_PYTHON` is the path of a Python that
//! has it installed.

use std::path::Path;
use std::time::Duration;
use std::{env, fs};

use cargo_mayfly::emulator::{Configuration, Function, Invocation, Outcome, Program};
use serde_json::{Value, json};

const FUNCTION: &str = r#"
import sys
import time


def handler(event, context):
    print("asked to", event["do"])
    if event["do"] == "fail":
        raise ValueError("as told")
    if event["do"] == "exit":
        sys.exit(7)
    if event["do"] == "sleep":
        time.sleep(60)
    left = context.get_remaining_time_in_millis()
    return {"event": event, "id": context.aws_request_id, "arn": context.invoked_function_arn, "left": left}
"#;

async fn function(handler: &str) -> Function {
    let python = env::var_os("MAYFLY_RIC_PYTHON").expect("MAYFLY_RIC_PYTHON names a Python that has awslambdaric");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("awslambdaric");
    fs::create_dir_all(&folder).expect("a folder can be made");
    fs::write(folder.join("app.py"), FUNCTION).expect("a file can be written");
    let mut program = Program::new(python);
    program.args = ["-m", "awslambdaric", handler].map(Into::into).into();
    program.directory = Some(folder);
    let mut configuration = Configuration::new(handler);
    configuration.timeout = Duration::from_secs(5);
    configuration.init_timeout = Duration::from_secs(60);
    Function::start(program, configuration).await.expect("it can be started")
}

async fn ask(function: &Function, what: &str) -> Outcome {
    function.invoke(Invocation::from(json!({ "do": what }))).await
}

async fn replies(function: &Function) -> Value {
    let Outcome::Reply(reply) = ask(function, "reply").await else { panic!("no reply: {:?}", function.logs()) };
    serde_json::from_slice(&reply).expect("it is JSON")
}

#[tokio::test]
async fn a_function_replies_fails_exits_and_times_out_as_on_lambda() {
    let function = function("app.handler").await;
    let reply = replies(&function).await;
    assert_eq!(reply["event"], json!({ "do": "reply" }));
    assert_eq!(reply["arn"], "arn:aws:lambda:us-east-1:012345678912:function:test_function");
    assert_eq!(function.report().map(|report| Value::from(report.request_id)).as_ref(), Some(&reply["id"]));
    assert!(reply["left"].as_u64().is_some_and(|left| (1..=5000).contains(&left)), "{reply}");
    assert!(function.take_logs().iter().any(|line| line == "asked to reply"));

    let outcome = ask(&function, "fail").await;
    assert!(matches!(outcome, Outcome::Error(_)), "{outcome:?}");
    let error = outcome.error().expect("an error");
    assert_eq!((error.error_type.as_str(), error.error_message.as_str()), ("ValueError", "as told"));
    assert!(!error.stack_trace.is_empty());

    for (what, expected) in [("exit", "Runtime.ExitError"), ("sleep", "Sandbox.Timedout")] {
        let error = ask(&function, what).await.error().expect("an error");
        assert_eq!(error.error_type, expected, "{}", error.error_message);
        replies(&function).await;
    }
    function.stop().await;
}

#[tokio::test]
async fn an_init_error_is_reported() {
    let function = function("missing.handler").await;
    let outcome = ask(&function, "reply").await;
    assert!(matches!(outcome, Outcome::InitError(_)), "{outcome:?}");
    let error = outcome.error().expect("an error");
    assert_eq!(error.error_type, "Runtime.ImportModuleError", "{}", error.error_message);
    function.stop().await;
}
