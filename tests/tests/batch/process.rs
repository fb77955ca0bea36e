//! Batches in real processes: the registry, the replies on the wire, the log, and `panic = "abort"`.

use std::path::Path;
use std::process::{Command, Output};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mayfly_tests::{Delivery, Process, Profile, RuntimeApi, batches, cargo_mayfly};
use serde_json::{Value, json};

fn start(profile: Profile, handler: &str, api: &RuntimeApi) -> Process {
    Process::of(&batches(profile)).handler(handler).api(api).start()
}

/// Returns an event with an order of each of these numbers of pieces, whose ids count from 0.
fn orders(pieces: &[u32]) -> Delivery {
    let message = |(id, pieces): (usize, &u32)| {
        let body = json!({"pieces": pieces}).to_string();
        json!({"messageId": format!("m{id}"), "body": body, "eventSource": "aws:sqs"})
    };
    let records: Vec<_> = pieces.iter().enumerate().map(message).collect();
    Delivery::json(&json!({"Records": records}).to_string())
}

fn registry(profile: Profile) -> Value {
    let output = Command::new(batches(profile)).env("MAYFLY_LIST", "json").output().expect("the binary runs");
    serde_json::from_slice(&output.stdout).expect("the registry is JSON")
}

/// Runs `cargo mayfly` in the workspace.
fn mayfly(arguments: &[&str]) -> Output {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are in the workspace");
    let mut command = Command::new(cargo_mayfly());
    command.args(arguments).current_dir(workspace).env_remove("RUSTFLAGS");
    command.output().expect("the command runs")
}

fn warnings(output: &Output) -> Vec<String> {
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{err}");
    err.lines().filter_map(|line| line.strip_prefix("warning: ")).map(str::to_owned).collect()
}

#[test]
fn the_registry_names_the_source_of_each_batch() {
    let registry = registry(Profile::Debug);
    let handlers = registry["handlers"].as_array().expect("a list");
    let row = |handler: &Value| {
        let text = |member: &str| handler[member].as_str().unwrap_or("-").to_owned();
        [text("path"), text("batch"), text("event"), text("panic")].join(" ")
    };
    let expected = [
        "batches::audit dynamodb DynamoDb<Order> -",
        "batches::count kinesis Kinesis<Text> -",
        "batches::plain - u32 -",
        "batches::print kafka Kafka<Order> -",
        "batches::reserve sqs Sqs<Order> -",
        "batches::reserve_sync sqs Sqs<Order> -",
    ];
    assert_eq!(handlers.iter().map(row).collect::<Vec<_>>(), expected);
}

#[test]
fn the_list_shows_the_source_of_each_batch() {
    let output = mayfly(&["list", "--package", "batches"]);
    let list = String::from_utf8_lossy(&output.stdout);
    for (path, event) in [
        ("batches::audit ", "DynamoDb<Order>, a batch of dynamodb"),
        ("batches::count ", "Kinesis<Text>, a batch of kinesis"),
        ("batches::print ", "Kafka<Order>, a batch of kafka"),
        ("batches::reserve ", "Sqs<Order>, a batch of sqs, 20 at once"),
        ("batches::plain ", "u32"),
    ] {
        let line = list.lines().find(|line| line.contains(path)).unwrap_or_else(|| panic!("no {path} in {list}"));
        assert!(line.contains(event) && line.contains("batch of") == (event != "u32"), "{line}");
    }
}

#[test]
fn a_process_replies_with_the_records_that_failed_and_logs_their_errors() {
    for handler in ["orders", "batches::reserve_sync"] {
        let api = RuntimeApi::start();
        let process = start(Profile::Debug, handler, &api);
        let reply = api.reply(&orders(&[1, 10, 0, 9]));
        let failures = json!([{"itemIdentifier": "m1"}, {"itemIdentifier": "m2"}]);
        assert_eq!(reply.json(), json!({ "batchItemFailures": failures }));
        let log = process.wait_for_log("record \"m2\" failed");
        for part in ["record \"m1\" failed: ", "there are not so many pieces", "an order without pieces"] {
            assert!(log.contains(part), "{part}: {log}");
        }
        assert_eq!(api.reply(&orders(&[])).json(), json!({"batchItemFailures": []}));
        let error = api.error(&orders(&[10, 11]));
        assert_eq!(error.text("errorType"), "Function.BatchFailed");
        assert_eq!(error.text("errorMessage"), "all 2 records failed; the first: there are not so many pieces");
        let error = api.error(&Delivery::json("{\"Records\": [{\"eventSource\": \"aws:s3\"}]}"));
        assert_eq!(error.text("errorType"), "Runtime.InvalidEvent");
        assert!(error.text("errorMessage").contains("its source is `aws:s3`"), "{}", error.text("errorMessage"));
        assert_eq!(api.reply(&orders(&[3])).json(), json!({"batchItemFailures": []}));
    }
}

#[test]
fn streams_and_partitions_are_reported_up_to_their_first_failure() {
    let api = RuntimeApi::start();
    let _process = start(Profile::Debug, "batches::print", &api);
    let record = |offset: u64, pieces: u32| json!({"offset": offset, "value": STANDARD.encode(json!({"pieces": pieces}).to_string())});
    let event = json!({"records": {"t-0": [record(7, 1), record(8, 0), record(9, 1)], "t-1": [record(1, 1)]}});
    let failures = json!([{"itemIdentifier": {"partition": "t-0", "offset": 8}}]);
    assert_eq!(api.reply(&Delivery::json(&event.to_string())).json(), json!({ "batchItemFailures": failures }));

    let api = RuntimeApi::start();
    let _process = start(Profile::Debug, "batches::audit", &api);
    let record = |number: &str, pieces: u32| {
        let image = json!({"pieces": {"N": pieces.to_string()}});
        json!({"dynamodb": {"SequenceNumber": number, "NewImage": image}})
    };
    let event = json!({"Records": [record("1", 1), record("2", 10), record("3", 10)]});
    let failures = json!([{"itemIdentifier": "2"}]);
    assert_eq!(api.reply(&Delivery::json(&event.to_string())).json(), json!({ "batchItemFailures": failures }));
}

#[test]
fn a_panic_that_aborts_fails_the_whole_batch_and_ends_the_process() {
    for handler in ["orders", "batches::reserve_sync"] {
        let api = RuntimeApi::start();
        let process = start(Profile::Abort, handler, &api);
        assert_eq!(api.reply(&orders(&[10, 1])).json(), json!({"batchItemFailures": [{"itemIdentifier": "m0"}]}));
        let error = api.error(&orders(&[1, 0, 1]));
        assert_eq!(error.text("errorType"), "Runtime.HandlerPanic");
        assert!(error.text("errorMessage").contains("an order without pieces"), "{}", error.text("errorMessage"));
        let exit = process.exit();
        assert_eq!((exit.code, exit.signal.is_some()), (None, true), "{}", exit.log);
    }
}

#[test]
fn a_build_a_template_and_a_list_warn_of_batches_whose_panics_abort() {
    let registry = registry(Profile::Abort);
    let aborting =
        registry["handlers"].as_array().expect("a list").iter().filter(|handler| handler["panic"] == "abort");
    assert_eq!(aborting.count(), 5, "{registry}");
    let expected = "a panic in `batches::audit` or `batches::count` or `batches::print` or `batches::reserve` or \
                    `batches::reserve_sync` ends the process, and the whole batch is delivered again, since the \
                    release profile has `panic = \"abort\"`; set `panic = \"unwind\"` under `[profile.release]` in \
                    the Cargo.toml of the workspace, so that only its record fails";
    let outdir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("batches");
    let build = |package: &str, more: &[&str]| {
        let outdir = outdir.join(package);
        let outdir = outdir.to_str().expect("the path is text");
        warnings(&mayfly(&[&["build", "--package", package, "--outdir", outdir, "--force"], more].concat()))
    };
    let of_panics =
        |warnings: Vec<String>| warnings.into_iter().filter(|text| text.contains("panic")).collect::<Vec<_>>();
    assert_eq!(of_panics(build("batches", &[])), [expected]);
    assert_eq!(of_panics(build("batches", &["--debug"])), [""; 0]);
    let template = |package| warnings(&mayfly(&["template", "--package", package, "--format", "json"]));
    assert_eq!(of_panics(template("batches")), [expected]);
    assert_eq!(of_panics(template("plain")), [""; 0]);
    let list = |more: &[&str]| of_panics(warnings(&mayfly(&[&["list", "--package", "batches"], more].concat())));
    assert_eq!(list(&[]), [expected], "the release build is the one for Lambda");
    assert_eq!(list(&["--profile", "test"]), [""; 0]);
}
