//! The sample events of AWS's own crates: a function that echoes them returns the same values.

use std::fs;
use std::path::{Path, PathBuf};

use mayfly_tests::{Delivery, Process, Profile, RuntimeApi, cargo, greeter, raw};
use serde_json::Value;

/// Reads the JSON files of a package from cargo's registry.
fn events(package: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let metadata = cargo("metadata").args(["--locked", "--format-version", "1"]).output().expect("cargo can be run");
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("the metadata is JSON");
    let packages = metadata["packages"].as_array().expect("there are packages");
    let package = packages.iter().find(|other| other["name"] == package).expect("the tests depend on it");
    let manifest = Path::new(package["manifest_path"].as_str().expect("a package has a manifest"));
    json_under(manifest.parent().expect("a manifest is in a directory"))
}

fn json_under(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let paths = fs::read_dir(directory)
        .expect("a directory can be read")
        .map(|entry| entry.expect("an entry can be read").path());
    let files = paths.map(|path| match path.extension() {
        _ if path.is_dir() => json_under(&path),
        Some(extension) if extension == "json" => vec![(path.clone(), fs::read(&path).expect("a file can be read"))],
        _ => Vec::new(),
    });
    files.flatten().collect()
}

/// Reads the events of `aws_lambda_events` and of `lambda_http`.
fn all_events() -> Vec<(PathBuf, Vec<u8>)> {
    let (of_events, of_http) = (events("aws_lambda_events"), events("lambda_http"));
    assert!(of_events.len() >= 173 && of_http.len() >= 18, "{} and {}", of_events.len(), of_http.len());
    [of_events, of_http].concat()
}

/// Removes the white space between the tokens of JSON.
fn tokens(json: &[u8]) -> String {
    let (mut is_in_string, mut is_escaped) = (false, false);
    let mut tokens = json.to_vec();
    tokens.retain(|&byte| {
        let is_token = is_in_string || !byte.is_ascii_whitespace();
        is_in_string ^= byte == b'"' && !is_escaped;
        is_escaped = is_in_string && byte == b'\\' && !is_escaped;
        is_token
    });
    String::from_utf8(tokens).expect("JSON is UTF-8")
}

#[test]
fn every_event_of_awss_crates_comes_back_with_the_same_values() {
    let api = RuntimeApi::start();
    let _process = Process::of(&greeter(Profile::Debug)).handler("greeter::echo").api(&api).start();
    for (path, event) in all_events() {
        let sent: Value = serde_json::from_slice(&event).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(api.reply(&Delivery::new(event)).json(), sent, "{}", path.display());
    }
}

#[test]
fn every_event_of_awss_crates_comes_back_token_by_token_where_it_is_taken_raw() {
    let api = RuntimeApi::start();
    let _process = Process::of(&raw()).handler("raw::echo").api(&api).start();
    let odd = [
        r#"{"a":1,"a":2,"":0}"#,
        "123456789012345678901234567890.10",
        "[1e400, -0, -0.0E+07, 0.1e-7]",
        r#""\u00e9 é \ud83d\ude00 \/ \b\f\n\r\t \\\" ""#,
        "  [ true ,\r\n\tfalse , null ]  ",
    ];
    let odd = odd.map(|event| (PathBuf::from(event), event.as_bytes().to_vec()));
    for (path, event) in all_events().into_iter().chain(odd) {
        let sent = tokens(&event);
        assert_eq!(tokens(&api.reply(&Delivery::new(event)).body), sent, "{}", path.display());
    }
}
