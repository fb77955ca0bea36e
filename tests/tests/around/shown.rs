//! Around functions in the registry of a binary and in `cargo mayfly list`.

use std::path::Path;
use std::process::Command;

use mayfly_tests::{Profile, around, cargo_mayfly};
use serde_json::{Value, json};

#[test]
fn the_registry_names_all_functions_and_where_they_run() {
    let registry = |mix: Option<&str>| -> Value {
        let mut command = Command::new(around(Profile::Debug));
        command.env("MAYFLY_LIST", "json").env_remove("AROUNDS").envs(mix.map(|mix| ("AROUNDS", mix)));
        // An unknown mix has no list.
        let output = command.output().expect("the binary runs");
        serde_json::from_slice(&output.stdout).expect("the registry is JSON")
    };
    assert_eq!(registry(Some("none"))["around"], Value::Null);
    let listed = registry(Some("sas"));
    assert_eq!(listed["around"], json!(["around::s0", "around::a1", "around::s2"]));
    let own = listed["handlers"].as_array().expect("a list").iter();
    let own: Vec<_> =
        own.filter(|handler| !handler["around"].is_null()).map(|it| (&it["path"], &it["around"])).collect();
    assert_eq!(
        own,
        [
            (&json!("around::audited"), &json!(["around::s2"])),
            (&json!("around::audited_records"), &json!(["around::a2"])),
            (&json!("around::audited_site"), &json!(["around::a2"])),
        ]
    );
    let functions = listed["arounds"].as_array().expect("a list");
    let greeted = functions.iter().find(|function| function["path"] == "around::greeted").expect("it is registered");
    assert_eq!((&greeted["async"], &greeted["needs"]), (&json!(false), &json!(["around::Greeting"])));
    assert_eq!(functions.len(), 9);
}

#[test]
fn the_list_shows_the_functions_around_a_handler_and_warns_of_those_that_run_nowhere() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are in the workspace");
    let mut command = Command::new(cargo_mayfly());
    command.args(["list", "--package", "around"]).current_dir(workspace).env_remove("RUSTFLAGS").env("AROUNDS", "saa");
    let output = command.output().expect("the command runs");
    let (shown, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{err}");
    let lines: Vec<_> = shown.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let at = lines.iter().position(|line| line.starts_with("around::audited_records async Sqs<String>")).expect(&shown);
    assert!(lines[at].contains("Sqs<String>, a batch of sqs, 2 at once"), "{shown}");
    assert_eq!(lines[at + 1], "around around::a2");
    for row in [
        "around::s0 sync all - tests/fixtures/around/src/main.rs:",
        "around::s2 sync around::audited - tests/fixtures/around/src/main.rs:",
        "around::greeted sync - around::Greeting tests/fixtures/around/src/main.rs:",
    ] {
        assert!(lines.iter().any(|line| line.starts_with(row)), "{row}: {shown}");
    }
    let forgotten =
        |line: &str| Some(line.strip_prefix("warning: no `around = …` names the function `around::")?.to_owned());
    let forgotten: Vec<_> = err.lines().filter_map(forgotten).collect();
    assert_eq!(forgotten.len(), 5, "{err}");
    let expected = "greeted` at tests/fixtures/around/src/main.rs:";
    assert!(forgotten.iter().any(|warning| warning.starts_with(expected)), "{err}");
}
