//! The whole path: every handler of `greeter` in a real process, as a debug build and as the two builds for Lambda,
//! under a scripted Runtime API that shows each byte and under the emulator of `cargo mayfly` with its state machine.

use cargo_mayfly::emulator::{self, Configuration, Invocation, Outcome, PostedError, Program};
use mayfly_tests::{Delivery, Process, Profile, RuntimeApi, greeter, line_of, place};
use serde_json::{Value, json};

const ADA: &str = r#"{"name":"Ada"}"#;
const FAIL: &str = "examples/greeter/src/fail.rs";

/// Starts a process for one handler.
fn start(profile: Profile, handler: &str, api: &RuntimeApi) -> Process {
    Process::of(&greeter(profile)).handler(handler).api(api).start()
}

/// The outcome of one event.
#[derive(Debug)]
struct Observed {
    /// The last segment of the path of the post.
    end: &'static str,
    error_type: Option<String>,
    xray_cause: Option<String>,
    json: Value,
}

impl Observed {
    fn text(&self, member: &str) -> &str {
        self.json[member].as_str().unwrap_or_else(|| panic!("no text `{member}` in {}", self.json))
    }

    fn stack_trace(&self) -> Vec<&str> {
        let frames = self.json["stackTrace"].as_array().unwrap_or_else(|| panic!("no stackTrace in {}", self.json));
        frames.iter().map(|frame| frame.as_str().expect("a frame is text")).collect()
    }
}

/// Sends one event to a new process of the handler, once under each server.
fn observe(profile: Profile, handler: &str, event: &str) -> [Observed; 2] {
    [scripted(profile, handler, event), emulated(profile, handler, event)]
}

fn scripted(profile: Profile, handler: &str, event: &str) -> Observed {
    let api = RuntimeApi::start();
    let _process = start(profile, handler, &api);
    let request = api.invoke(&Delivery::json(event));
    let header = |name| request.header(name).map(str::to_owned);
    Observed {
        end: if request.is_post_to("/response") { "response" } else { "error" },
        error_type: header("lambda-runtime-function-error-type"),
        xray_cause: header("lambda-runtime-function-xray-error-cause"),
        json: request.json(),
    }
}

fn emulated(profile: Profile, handler: &str, event: &str) -> Observed {
    match outcomes(profile, handler, &[event]).remove(0) {
        Outcome::Reply(body) => Observed {
            end: "response",
            error_type: None,
            xray_cause: None,
            json: serde_json::from_slice(&body).expect("a reply is JSON"),
        },
        Outcome::Error(failure) => failed(failure, "error"),
        Outcome::InitError(failure) => failed(failure, "init"),
        other => panic!("{handler}: {other:?}"),
    }
}

fn failed(failure: PostedError, end: &'static str) -> Observed {
    Observed {
        end,
        error_type: failure.header_type,
        xray_cause: failure.xray_cause,
        json: serde_json::from_slice(&failure.body).expect("an error is JSON"),
    }
}

/// Sends several events to one process under the emulator.
fn outcomes(profile: Profile, handler: &str, events: &[&str]) -> Vec<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be built");
    runtime.block_on(async {
        let program = Program::new(greeter(profile));
        let process = emulator::Function::start(program, Configuration::new(handler)).await.expect("it can be started");
        let mut outcomes = Vec::new();
        for event in events {
            outcomes.push(process.invoke(Invocation::new((*event).to_owned())).await);
        }
        process.stop().await;
        outcomes
    })
}

#[test]
fn replies_are_what_the_functions_return() {
    let cases = [
        ("greeter::greet", ADA, json!({ "message": "Hello, Ada!" })),
        ("greeter::greet", "{}", json!({ "message": "Hello, World!" })),
        ("greeter::greet_sync", ADA, json!({ "message": "Hello, Ada!" })),
        ("greeter::greet_sync", "{}", json!({ "message": "Hello, World!" })),
        ("greeter::shout", r#"{"text":"borrowed"}"#, json!("BORROWED")),
        ("greeter::shout", r#"{"text":"\"\u00e9\"\n"}"#, json!("\"\u{c9}\"\n")),
        ("greeter::echo", r#"{"a":[1,2.5,null,{"b":true}]}"#, json!({ "a": [1, 2.5, null, { "b": true }] })),
        ("greeter::counter::next", "{}", json!({ "count": 1 })),
    ];
    for profile in Profile::ALL {
        for (handler, event, expected) in &cases {
            for reply in observe(profile, handler, event) {
                assert_eq!((reply.end, &reply.json), ("response", expected), "{profile:?}, {handler}");
            }
        }
        for Observed { json: hello, .. } in observe(profile, "greeter::api::hello", "{}") {
            assert_eq!((&hello["statusCode"], &hello["isBase64Encoded"]), (&json!(200), &json!(false)));
        }
        for Observed { json: pixel, .. } in observe(profile, "greeter::api::pixel", "{}") {
            assert_eq!(pixel["isBase64Encoded"], true);
            assert_eq!(pixel["headers"]["content-type"], "image/png");
            assert!(pixel["body"].as_str().is_some_and(|body| body.starts_with("iVBORw0KGgo")), "{pixel}");
        }
    }
}

#[test]
fn a_process_keeps_its_state_from_one_invocation_to_the_next() {
    for profile in Profile::ALL {
        let api = RuntimeApi::start();
        let _process = start(profile, "greeter::counter::next", &api);
        for count in 1..=3 {
            assert_eq!(api.reply(&Delivery::json("{}")).json(), json!({ "count": count }));
        }
        let counts = outcomes(profile, "greeter::counter::next", &["{}"; 3]);
        let counts: Vec<_> = counts.iter().filter_map(Outcome::reply).map(AsRef::as_ref).collect();
        assert_eq!(counts, [br#"{"count":1}"#, br#"{"count":2}"#, br#"{"count":3}"#]);
    }
}

#[test]
fn inspect_shows_everything_that_lambda_sends() {
    for profile in Profile::ALL {
        let api = RuntimeApi::start();
        let launch = Process::of(&greeter(profile)).handler("greeter::inspect").api(&api);
        let launch = launch.env("AWS_LAMBDA_FUNCTION_NAME", "desk").env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512");
        let _process = launch.start();
        let delivery = Delivery::json(r#"{"x":1}"#)
            .header("Lambda-Runtime-Aws-Tenant-Id", "acme")
            .header("Lambda-Runtime-Client-Context", r#"{"custom":{"n":1}}"#)
            .header("Lambda-Runtime-Cognito-Identity", r#"{"cognitoIdentityId":"me","cognitoIdentityPoolId":"pool"}"#);
        let mut seen = api.reply(&delivery).json();
        let remaining = seen["remainingMs"].take().as_u64().expect("the remaining time is a number");
        assert!((30_000..=60_000).contains(&remaining), "{remaining}");
        let expected = json!({
            "event": { "x": 1 },
            "requestId": delivery.id(),
            "functionArn": "arn:aws:lambda:eu-central-1:123456789012:function:test",
            "functionName": "desk",
            "memoryMb": 512,
            "remainingMs": null,
            "traceId": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419",
            "tenantId": "acme",
            "clientContext": { "custom": { "n": 1 } },
            "identity": { "identityId": "me", "identityPoolId": "pool" },
        });
        assert_eq!(seen, expected);
    }
}

/// A failure as the caller sees it.
struct Expected {
    handler: &'static str,
    error_type: &'static str,
    header: &'static str,
    message: &'static str,
    /// The beginnings of the first frames.
    trace: Vec<String>,
    cause: Value,
}

fn failures() -> Vec<Expected> {
    let not_a_number = "invalid digit found in string";
    let process = |name: &str| format!("greeter::fail::{name} ({})", line_of(FAIL, &format!("fn {name}(")));
    vec![
        Expected {
            handler: "greeter::fail::refuse",
            error_type: "greeter::fail::Refused",
            header: "Function.Refused",
            message: "the order was refused",
            trace: vec![process("refuse")],
            cause: json!({ "errorMessage": not_a_number }),
        },
        Expected {
            handler: "greeter::fail::question_mark",
            error_type: "core::num::error::ParseIntError",
            header: "Function.ParseIntError",
            message: "the quantity of an order",
            trace: vec![place(FAIL, ".^context(\"the quantity of an order\")?"), process("question_mark")],
            cause: json!({ "errorType": "core::num::error::ParseIntError", "errorMessage": not_a_number }),
        },
        Expected {
            handler: "greeter::fail::named",
            error_type: "OrderRejected",
            header: "Function.OrderRejected",
            message: "the warehouse is closed",
            trace: vec![place(FAIL, "Err(^Error::new(\"OrderRejected\""), process("named")],
            cause: Value::Null,
        },
        Expected {
            handler: "greeter::fail::text",
            error_type: "RuntimeError",
            header: "Function.RuntimeError",
            message: "out of stock",
            trace: vec![process("text")],
            cause: Value::Null,
        },
        Expected {
            handler: "greeter::fail::boxed",
            error_type: "RuntimeError",
            header: "Function.RuntimeError",
            message: "the order was refused",
            trace: vec![process("boxed")],
            cause: json!({ "errorMessage": not_a_number }),
        },
        Expected {
            handler: "greeter::fail::debug_only",
            error_type: "UnknownError",
            header: "Function.UnknownError",
            message: "Opaque { code: 7 }",
            trace: vec![process("debug_only")],
            cause: Value::Null,
        },
        Expected {
            handler: "greeter::fail::explode",
            error_type: "Runtime.HandlerPanic",
            header: "Runtime.HandlerPanic",
            message: "the kettle exploded",
            trace: vec![place(FAIL, "panic!(\"the kettle exploded\")")],
            cause: Value::Null,
        },
        Expected {
            handler: "greeter::fail::explode_async",
            error_type: "Runtime.HandlerPanic",
            header: "Runtime.HandlerPanic",
            message: "the kettle exploded later",
            trace: vec![place(FAIL, "panic!(\"the kettle exploded later\")")],
            cause: Value::Null,
        },
        Expected {
            handler: "greeter::fail::unserializable",
            error_type: "Runtime.InvalidResponse",
            header: "Runtime.InvalidResponse",
            message: "Invalid response format: the reply is not JSON: key must be a string",
            trace: vec![process("unserializable")],
            cause: Value::Null,
        },
    ]
}

#[test]
fn every_failure_is_reported_in_its_form() {
    for profile in Profile::ALL {
        for expected in failures() {
            for error in observe(profile, expected.handler, "{}") {
                assert_is(&error, &expected, &format!("{profile:?}, {}: {}", expected.handler, error.json));
            }
        }
    }
}

fn assert_is(error: &Observed, expected: &Expected, what: &str) {
    assert_eq!(error.end, "error", "{what}");
    assert_eq!(error.text("errorType"), expected.error_type, "{what}");
    assert_eq!(error.text("errorMessage"), expected.message, "{what}");
    assert_eq!(error.error_type.as_deref(), Some(expected.header), "{what}");
    assert_eq!(error.json["cause"], expected.cause, "{what}");
    let trace = error.stack_trace();
    assert!(trace.iter().all(|frame| !frame.contains("<unknown>")), "{what}");
    assert!(trace.len() >= expected.trace.len(), "{what}");
    for (frame, beginning) in trace.iter().zip(&expected.trace) {
        assert!(frame.starts_with(beginning), "{what}: {beginning}");
    }
    let cause = error.xray_cause.as_deref().expect("there is an X-Ray cause");
    let cause: Value = serde_json::from_str(cause).expect("the X-Ray cause is JSON");
    assert_eq!(cause["exceptions"][0]["type"], expected.error_type);
    assert_eq!(cause["exceptions"][0]["message"], expected.message);
}

#[test]
fn a_panic_is_traced_to_the_users_function() {
    for profile in [Profile::Debug, Profile::Release] {
        for handler in ["greeter::fail::explode", "greeter::fail::explode_async"] {
            for error in observe(profile, handler, "{}") {
                let trace = error.stack_trace();
                let symbolised = trace.iter().find(|frame| frame.contains("::"));
                assert!(symbolised.is_some_and(|frame| frame.starts_with(handler)), "{profile:?}: {trace:?}");
            }
        }
    }
}

#[test]
fn after_an_unwinding_panic_the_same_process_serves_the_next_event() {
    let api = RuntimeApi::start();
    let mut process = start(Profile::Debug, "greeter::fail::explode", &api);
    for _ in 0..3 {
        assert_eq!(api.error(&Delivery::json("{}")).text("errorMessage"), "the kettle exploded");
    }
    assert!(process.is_running());
}

#[test]
fn after_an_aborting_panic_a_new_process_serves_the_next_event() {
    for outcome in outcomes(Profile::Stripped, "greeter::fail::explode", &["{}"; 3]) {
        let Outcome::Error(failure) = outcome else { panic!("{outcome:?}") };
        assert_eq!(failure.error_type(), "Runtime.HandlerPanic");
    }
}

#[test]
fn a_panicking_task_fails_only_itself_unless_panics_abort() {
    for reply in observe(Profile::Debug, "greeter::fail::explode_task", "{}") {
        assert_eq!(reply.end, "response");
        assert!(reply.json.as_str().is_some_and(|text| text.starts_with("no tea: task")), "{}", reply.json);
    }
    for profile in [Profile::Release, Profile::Stripped] {
        for error in observe(profile, "greeter::fail::explode_task", "{}") {
            assert_eq!((error.end, error.text("errorType")), ("error", "Runtime.HandlerPanic"));
            let message = error.text("errorMessage");
            let place = place(FAIL, "panic!(\"the kettle exploded elsewhere\")");
            assert!(message.contains(&place) && message.contains("the kettle exploded elsewhere"), "{message}");
            assert_eq!(error.stack_trace()[0], place);
        }
    }
}

#[test]
fn a_failing_init_keeps_the_function_from_starting() {
    let kettle = line_of(FAIL, "fn kettle(");
    let message = format!("Initialization error: `greeter::fail::kettle` ({kettle}): the order was refused");
    for profile in Profile::ALL {
        let api = RuntimeApi::start();
        let process = start(profile, "greeter::fail::init", &api);
        let error = api.init_error();
        assert_eq!(error.text("errorType"), "greeter::fail::Refused");
        assert_eq!(error.header("lambda-runtime-function-error-type"), Some("Function.Refused"));
        assert_eq!(error.text("errorMessage"), message);
        assert_eq!(error.json()["cause"]["errorMessage"], "invalid digit found in string");
        let exit = process.exit();
        assert_eq!(exit.code, Some(1), "{}", exit.log);
        assert!(exit.log.contains("Initialization error: `greeter::fail::kettle`"), "{}", exit.log);

        let error = emulated(profile, "greeter::fail::init", "{}");
        assert_eq!((error.end, error.text("errorMessage")), ("init", &*message));
    }
}

#[test]
fn an_unknown_handler_is_named_with_the_known_ones() {
    for profile in Profile::ALL {
        let error = emulated(profile, "greeter::gret", "{}");
        assert_eq!((error.end, error.error_type.as_deref()), ("init", Some("Runtime.HandlerNotFound")));
        let message = error.text("errorMessage");
        assert!(message.starts_with("Handler not found") && message.contains("closest: `greeter::greet`"), "{message}");
    }
}
