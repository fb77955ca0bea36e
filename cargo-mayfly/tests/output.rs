//! Tests each command with outputs that are closed, or to which nothing can be written.

#[path = "common/cargo.rs"]
mod cargo;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use cargo::CARGO;

/// The arguments of each command, whether it prints to standard output, and its exit code.
const COMMANDS: [(&[&str], bool, i32); 16] = [
    (&["--help"], true, 0),
    (&["--version"], true, 0),
    (&["build", "--help"], true, 0),
    (&["list", "--package", "greeter"], true, 0),
    (&["list", "--package", "greeter", "--json"], true, 0),
    (&["list", "--package", "odd", "--bin", "odd"], true, 0),
    (&["invoke", "greeter::greet"], true, 0),
    (&["invoke", "greeter::greet", "--json"], true, 0),
    (&["invoke", "greeter::fail::named"], false, 1),
    (&["invoke", "greeter::greet", "--bogus"], false, 2),
    (&["build", "--debug", "--package", "plain", "--outdir", "OUT", "--force"], true, 0),
    (&["template", "--package", "greeter", "--format", "sam"], true, 0),
    (&["template", "--package", "greeter", "--format", "json", "--out", "OUT/functions.json", "--force"], true, 0),
    (&["new", "OUT/new-app", "--mayfly-path", "MAYFLY"], true, 0),
    (&["init", "OUT/init-app", "--mayfly-path", "MAYFLY"], true, 0),
    (&["dev", "--package", "nobody"], false, 2),
];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in the workspace").to_owned()
}

/// Returns a pipe without a reader.
fn unread() -> Stdio {
    io::pipe().expect("a pipe can be made").1.into()
}

fn full() -> Stdio {
    File::options().write(true).open("/dev/full").expect("it is there").into()
}

/// Runs a command with an empty output folder.
fn run(arguments: &[&str], stdout: Stdio, stderr: Stdio) -> Output {
    let place = tempfile::tempdir().expect("a folder can be made");
    fs::create_dir(place.path().join("init-app")).expect("a folder can be made");
    let (out, mayfly) = (place.path().display().to_string(), workspace().join("mayfly").display().to_string());
    let arguments = arguments.iter().map(|argument| argument.replace("OUT", &out).replace("MAYFLY", &mayfly));
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mayfly"));
    command.current_dir(workspace()).args(arguments).env("CARGO", CARGO).env_remove("LOGLEVEL").stdin(Stdio::null());
    let running = command.stdout(stdout).stderr(stderr).spawn().expect("the command can be run");
    running.wait_with_output().expect("the command ends")
}

#[test]
fn a_closed_standard_output_does_not_change_the_exit_code() {
    for (arguments, _, code) in COMMANDS {
        let seen = run(arguments, unread(), Stdio::piped());
        let err = String::from_utf8_lossy(&seen.stderr);
        assert_eq!(seen.status.code(), Some(code), "{arguments:?}: {err}");
        assert!(!err.contains("panicked") && !err.contains("Broken pipe"), "{arguments:?}: {err}");
    }
}

#[test]
fn a_full_disk_is_one_sentence_and_exits_with_2() {
    for (arguments, ..) in COMMANDS.into_iter().filter(|(_, prints, _)| *prints) {
        let seen = run(arguments, full(), Stdio::piped());
        let err = String::from_utf8_lossy(&seen.stderr);
        let sentence = err.lines().last().unwrap_or_default();
        let expected = "error: standard output could not be written: No space left on device (os error 28)";
        assert_eq!((seen.status.code(), sentence), (Some(2), expected), "{arguments:?}");
    }
}

#[test]
fn a_closed_standard_error_does_not_change_the_exit_code() {
    for (arguments, _, code) in COMMANDS {
        for (stderr, what) in [(unread(), "unread"), (full(), "full")] {
            let seen = run(arguments, Stdio::piped(), stderr).status.code();
            // Cargo fails if it cannot print its progress, and then nothing is built.
            let is_cargos = ["list", "invoke", "build", "template"].contains(&arguments[0]) && seen == Some(2);
            assert!(seen == Some(code) || is_cargos, "{arguments:?}, {what}: {seen:?} in place of {code}");
        }
    }
}

#[test]
fn every_zip_is_written_even_if_nothing_can_be_printed() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let project = folder.path().join("three");
    let manifest = "[package]\nname = \"three\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n";
    fs::create_dir_all(project.join("src/bin")).expect("a folder can be made");
    fs::write(project.join("Cargo.toml"), manifest).expect("a file can be written");
    for binary in ["one", "two", "three"] {
        fs::write(project.join(format!("src/bin/{binary}.rs")), "fn main() {}").expect("a file can be written");
    }
    for (stdout, code) in [(full(), 2), (unread(), 0)] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mayfly"));
        command.current_dir(&project).args(["build", "--debug", "--zip", "--package", "three", "--outdir", "dist"]);
        let output = command.stdin(Stdio::null()).stdout(stdout).output().expect("the command can be run");
        assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
        for binary in ["one", "two", "three"] {
            let zip = File::open(project.join(format!("dist/{binary}.zip"))).expect(binary);
            assert!(zip::ZipArchive::new(zip).is_ok_and(|zip| zip.len() == 1), "{binary}");
        }
        fs::remove_dir_all(project.join("dist")).expect("it can be removed");
    }
}
