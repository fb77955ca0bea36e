//! Tests `cargo mayfly template`: the templates that it writes, the checks of existing ones, and its errors.

#[path = "common/cargo.rs"]
mod cargo;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use cargo::CARGO;
use serde_json::{Value, json};

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in the workspace")
}

fn template_in(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mayfly"));
    command.current_dir(folder).arg("template").args(arguments).env("CARGO", CARGO).stdin(Stdio::null());
    command.output().expect("the command can be run")
}

/// Runs the command on the example `greeter`.
fn template(arguments: &[&str]) -> Output {
    template_in(workspace(), &[&["--package", "greeter"], arguments].concat())
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn errors(output: &Output) -> Vec<String> {
    err(output).lines().filter(|line| line.starts_with("error: ")).map(str::to_owned).collect()
}

fn refusal(output: &Output) -> String {
    assert_eq!((output.status.code(), out(output)), (Some(2), String::new()), "{}", err(output));
    errors(output).pop().unwrap_or_else(|| panic!("no error in {}", err(output)))
}

/// Writes a file for a test.
fn file(name: &str, text: &str) -> PathBuf {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("template").join(name);
    fs::create_dir_all(file.parent().expect("a file has a folder")).expect("a folder can be made");
    fs::write(&file, text).expect("a file can be written");
    file
}

#[test]
fn json_has_a_function_for_each_handler() {
    let output =
        template(&["--format", "json", "--arm64", "--memory", "256", "--env", "TABLE=one=1", "--artifact", "x/y.zip"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let written: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!(written["artifact"], "x/y.zip");
    assert_eq!((&written["runtime"], &written["architecture"]), (&json!("provided.al2023"), &json!("arm64")));
    let functions = written["functions"].as_array().expect("an array");
    assert_eq!(functions.len(), 19);
    let function =
        |handler: &str| functions.iter().find(|function| function["handler"] == handler).expect("it is there");
    assert_eq!(
        *function("greeter::counter::next"),
        json!({
            "id": "GreeterCounterNext", "handler": "greeter::counter::next", "memory": 256, "timeout": 10,
            "environment": { "LOGLEVEL": "info", "TABLE": "one=1" },
        })
    );
    assert_eq!(
        *function("greeter::echo"),
        json!({
            "id": "GreeterEcho", "handler": "greeter::echo", "memory": 512, "timeout": 10,
            "environment": { "LOGLEVEL": "debug", "TABLE": "one=1" },
        })
    );
}

#[test]
fn sam_has_shared_values_in_its_globals() {
    let output = template(&["--format", "sam", "--x86-64", "--runtime", "provided.al2023", "--artifact", "a b.zip"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let text = out(&output);
    assert!(
        text.starts_with(
            "AWSTemplateFormatVersion: \"2010-09-09\"\nTransform: AWS::Serverless-2016-10-31\n\nGlobals:\n  Function:\n    \
             CodeUri: \"a b.zip\"\n    Runtime: provided.al2023\n    Architectures: [x86_64]\n    MemorySize: 128\n    \
             Timeout: 10\n    Environment:\n      Variables:\n        LOGLEVEL: \"info\"\n\nResources:\n"
        ),
        "{text}"
    );
    for resource in [
        "  GreeterEcho:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: greeter::echo\n      \
         MemorySize: 512\n      Environment:\n        Variables:\n          LOGLEVEL: \"debug\"\n\n",
        "  GreeterGreet:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: greeter::greet\n\n",
    ] {
        assert!(text.contains(resource), "{resource}: {text}");
    }
}

#[test]
fn a_timeout_for_managed_instances_gives_a_warning() {
    for (seconds, warnings) in [("900", 0), ("901", 19), ("5400", 19)] {
        let output = template(&["--format", "json", "--timeout", seconds]);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        assert!(out(&output).contains(&format!("\"timeout\": {seconds}")), "{}", out(&output));
        let warning = format!("has a timeout of {seconds} s, which Lambda takes only on Managed Instances");
        assert_eq!(err(&output).matches(&warning).count(), warnings, "{}", err(&output));
    }
}

#[test]
fn a_written_template_passes_the_check() {
    for format in ["sam", "json"] {
        let written = file(format, "");
        let path = written.to_str().expect("it is text");
        assert_eq!(
            refusal(&template(&["--format", format, "--out", path])),
            format!("error: {path} exists: name another file with --out, or use --force")
        );
        assert_eq!(fs::read_to_string(&written).expect("it is there"), "", "it is not overwritten");
        let output = template(&["--format", format, "--out", path, "--force"]);
        let wrote = format!("wrote {path}: 19 functions\n");
        assert_eq!((output.status.code(), out(&output)), (Some(0), wrote), "{}", err(&output));
        let output = template(&["--check", path]);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        assert_eq!(out(&output), format!("{path}: 19 handlers, all in the binary `bootstrap` of package `greeter`\n"));
    }
}

const YAML: &str = r#"
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Which: {Type: String, Default: greeter::echo}
  Stage: {Type: String}
Globals:
  Function:
    Runtime: provided.al2023
    Environment: {Variables: {MAYFLY_HANDLER: greeter::gret}}
Resources:
  Greet:
    Type: AWS::Serverless::Function
    Properties:
      Handler: greeter::greet
      CodeUri: !Sub "${Stage}.zip"
  Parameter:
    Type: AWS::Serverless::Function
    Properties: {Handler: !Ref Which, Policies: [!GetAtt A.Arn]}
  Computed:
    Type: AWS::Serverless::Function
    Properties: {Handler: !Sub "greeter::${Stage}"}
  Typo:
    Type: AWS::Serverless::Function
    Properties: {Handler: greeter::geet}
  Own:
    Type: AWS::Serverless::Function
    Properties: {Handler: bootstrap}
  Plain:
    Type: AWS::Lambda::Function
    Properties: {Handler: greeter::shut, Runtime: provided.al2023}
  None:
    Type: AWS::Serverless::Function
  Python:
    Type: AWS::Serverless::Function
    Properties: {Handler: app.handler, Runtime: python3.13}
  Image:
    Type: AWS::Serverless::Function
    Properties: {PackageType: Image}
  Table:
    Type: AWS::DynamoDB::Table
    Properties: {Handler: nothing}
"#;

#[test]
fn each_handler_that_no_binary_has_is_named() {
    let yaml = file("check.yaml", YAML);
    let path = yaml.display();
    let output = template(&["--check", yaml.to_str().expect("it is text")]);
    assert_eq!((output.status.code(), out(&output)), (Some(1), String::new()), "{}", err(&output));
    assert!(
        err(&output)
            .contains(&format!("warning: {path}:20: the Handler of Resources.Computed depends on the parameter `Stage`, which has no default, and is not compared\n")),
        "{}",
        err(&output)
    );
    let starts = [
        "the Handler of Resources.Typo is `greeter::geet`, and no handler of the binary has that name; closest: `greeter::greet`",
        "the Handler of Resources.Own is `bootstrap`, and MAYFLY_HANDLER is `greeter::gret`, and no handler of the binary \
         has that name; closest: `greeter::greet`",
        "the Handler of Resources.Plain is `greeter::shut`, and no handler of the binary has that name; closest: ",
        "Resources.None has no Handler",
    ];
    let mut errors = errors(&output);
    assert_eq!(errors.len(), starts.len(), "{errors:#?}");
    for start in starts {
        let at = errors.iter().position(|error| error.starts_with(&format!("error: {path}:")) && error.contains(start));
        errors.remove(at.unwrap_or_else(|| panic!("{start}: {errors:#?}")));
    }

    let json = json!({ "Resources": { "F": {
        "Type": "AWS::Lambda::Function", "Properties": { "Runtime": "provided.al2023", "Handler": "greeter::greet" },
    } } });
    let json = file("check.json", &json.to_string());
    assert_eq!(template(&["--check", json.to_str().expect("it is text")]).status.code(), Some(0));
    let ours = file("ours.json", r#"{"functions":[{"handler":"greeter::greet"},{"handler":"greeter::eco"}]}"#);
    let output = template(&["--check", ours.to_str().expect("it is text")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(errors_of(&output).contains("the Handler of functions[1] is `greeter::eco`"), "{}", err(&output));
}

#[test]
fn a_template_of_several_binaries_is_compared_with_all_of_them() {
    let over = |handlers: &[&str]| {
        let function = |handler: &&str| {
            let code = handler.split("::").next();
            let properties = json!({ "Runtime": "provided.al2023", "Handler": handler, "CodeUri": code });
            (handler.replace(':', ""), json!({ "Type": "AWS::Serverless::Function", "Properties": properties }))
        };
        let resources: Value = handlers.iter().map(function).collect();
        let template = file("several.json", &json!({ "Resources": resources }).to_string());
        let check = |arguments: &[&str]| {
            let check = ["--check", template.to_str().expect("it is text")];
            template_in(workspace(), &[&["--package", "odd"], &check[..], arguments].concat())
        };
        (check(&[]), check(&["--bin", "odd"]), check(&["--bin", "odd", "--function", "oddcrowd*"]))
    };
    let (all, one, chosen) = over(&["odd::crowd::blocking", "lone::only"]);
    assert_eq!(all.status.code(), Some(0), "{}", err(&all));
    assert!(out(&all).contains(": 2 handlers, all in the binaries ") && out(&all).contains("`lone` of package `odd`"));
    // With one binary, it is not known whether the handler is a mistake or another binary's.
    assert_eq!(one.status.code(), Some(0), "{}", err(&one));
    assert!(err(&one).contains("`lone::only`, and nothing shows that it is a function of the binary"), "{}", err(&one));
    assert_eq!((chosen.status.code(), err(&chosen).contains("warning")), (Some(0), false), "{}", err(&chosen));
    let (all, ..) = over(&["odd::crowd::blockign", "lone::only"]);
    assert_eq!(all.status.code(), Some(1), "{}", err(&all));
    assert!(errors_of(&all).contains("`odd::crowd::blockign`, and no handler of the binary has that name"));
}

fn errors_of(output: &Output) -> String {
    errors(output).join("\n")
}

#[test]
fn mistakes_are_reported_in_one_sentence() {
    let nothing = file("nothing.yaml", "a: 1\n");
    let broken = file("broken.yaml", "a: [\n");
    let path = |file: &Path| file.to_str().expect("it is text").to_owned();
    for (arguments, expected) in [
        (&["--format", "xml"][..], "invalid value 'xml' for '--format <FORMAT>'".to_owned()),
        (&[], "the following required arguments were not provided:".to_owned()),
        (
            &["--check", "x", "--memory", "256"],
            "the argument '--check <FILE>' cannot be used with '--memory <MB>'".to_owned(),
        ),
        (&["--check", "x", "--arm64"], "the argument '--check <FILE>' cannot be used with '--arm64'".to_owned()),
        (&["--format", "sam", "--bogus"], "unexpected argument '--bogus' found".to_owned()),
        (
            &["--format", "sam", "--memory", "64"],
            "invalid value '64' for '--memory <MB>': 64 is not in 128..=10240".to_owned(),
        ),
        (
            &["--format", "sam", "--timeout", "5401"],
            "invalid value '5401' for '--timeout <SECONDS>': 5401 is not in 1..=5400".to_owned(),
        ),
        (
            &["--format", "sam", "--runtime", "provided.al2"],
            "invalid value 'provided.al2' for '--runtime <RUNTIME>': it can neither be created (since 31 July 2026) nor \
             updated (since 31 August 2026) on Lambda: use provided.al2023"
                .to_owned(),
        ),
        (
            &["--format", "sam", "--env", "AWS_REGION=x"],
            "invalid value 'AWS_REGION=x' for '--env <NAME=VALUE>': the variable AWS_REGION is set by Lambda itself"
                .to_owned(),
        ),
        (
            &["--format", "sam", "--env", "x"],
            "invalid value 'x' for '--env <NAME=VALUE>': expected NAME=VALUE".to_owned(),
        ),
        (
            &["--check", "nowhere.yaml"],
            "nowhere.yaml cannot be read: No such file or directory (os error 2)".to_owned(),
        ),
        (
            &["--check", &path(&nothing)],
            format!(
                "{} cannot be compared: it is not a template: it has neither `Resources` nor `functions`",
                path(&nothing)
            ),
        ),
    ] {
        let refusal = refusal(&template(arguments));
        assert!(refusal.starts_with(&format!("error: {expected}")), "{refusal}");
    }
    let refusal_of_broken = refusal(&template(&["--check", &path(&broken)]));
    assert!(
        refusal_of_broken.contains("broken.yaml cannot be compared: it is neither JSON nor YAML: "),
        "{refusal_of_broken}"
    );
}

#[test]
fn invalid_settings_are_reported_before_the_build() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    fs::create_dir(folder.path().join("src")).expect("a folder can be made");
    fs::write(folder.path().join("src/main.rs"), "fn main() { 1 + }").expect("a file can be written");
    let with = |manifest: &str| {
        let package = "[package]\nname = \"tiny\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n";
        fs::write(folder.path().join("Cargo.toml"), format!("{package}{manifest}")).expect("a file can be written");
        refusal(&template_in(folder.path(), &["--package", "tiny", "--format", "sam"]))
    };
    assert!(
        with("[package.metadata.mayfly]\nmemori = 1\n")
            .starts_with("error: [package.metadata.mayfly]: `memori`: unknown field `memori`, expected one of ")
    );
    assert_eq!(
        with("[package.metadata.mayfly]\ntimeout = 5401\n"),
        "error: [package.metadata.mayfly]: `timeout` is 5401, and Lambda takes 1 to 5400"
    );
}
