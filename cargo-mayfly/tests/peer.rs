//! Runs a function of another runtime, `lambda_runtime`, under the emulator: they share no code and thus no mistakes.
//!
//! The test starts its own executable as the function.

use std::env;
use std::time::Duration;

use cargo_mayfly::emulator::{Configuration, Function, Invocation, Outcome, Program};
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::{Value, json};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), BoxError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    if env::var_os("AWS_LAMBDA_RUNTIME_API").is_some() {
        return runtime.block_on(lambda_runtime::run(service_fn(answer)));
    }
    println!("running 1 test");
    runtime.block_on(test())?;
    println!("test a_function_of_lambda_runtime_is_served ... ok\n");
    println!("test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out");
    Ok(())
}

/// Handles an event: the function.
async fn answer(event: LambdaEvent<Value>) -> Result<Value, BoxError> {
    match event.payload["do"].as_str() {
        Some("fail") => Err("as told".into()),
        Some("exit") => std::process::exit(7),
        Some("sleep") => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Ok(Value::Null)
        }
        _ => Ok(json!({ "event": event.payload, "id": event.context.request_id, "tenant": event.context.tenant_id })),
    }
}

async fn test() -> Result<(), BoxError> {
    let mut configuration = Configuration::new("bootstrap");
    configuration.timeout = Duration::from_millis(800);
    let function = Function::start(Program::new(env::current_exe()?), configuration).await?;
    let ask = async |what: &str| {
        let mut invocation = Invocation::from(json!({ "do": what }));
        invocation.tenant_id = Some("acme".to_owned());
        function.invoke(invocation).await
    };

    let Outcome::Reply(reply) = ask("reply").await else { panic!("no reply") };
    let reply: Value = serde_json::from_slice(&reply)?;
    assert_eq!(reply["event"], json!({ "do": "reply" }));
    assert_eq!(reply["tenant"], "acme");
    let first = function.pid();
    assert_eq!(function.report().map(|report| Value::from(report.request_id)).as_ref(), Some(&reply["id"]));

    let outcome = ask("fail").await;
    assert!(matches!(outcome, Outcome::Error(_)), "{outcome:?}");
    assert_eq!(outcome.error().map(|error| error.error_message).as_deref(), Some("as told"));
    assert_eq!(function.pid(), first, "an error leaves the process as it is");

    let outcome = ask("exit").await;
    let error = outcome.error().expect("an exit is an error");
    assert_eq!(error.error_type, "Runtime.ExitError");
    assert_eq!(error.error_message, "Runtime exited with error: exit status 7");

    assert!(matches!(ask("reply").await, Outcome::Reply(_)), "another process takes over");
    assert_ne!(function.pid(), first);

    let outcome = ask("sleep").await;
    assert!(matches!(outcome, Outcome::TimedOut { .. }), "{outcome:?}");
    assert!(matches!(ask("reply").await, Outcome::Reply(_)), "a process that was killed has a successor");
    function.stop().await;
    Ok(())
}
