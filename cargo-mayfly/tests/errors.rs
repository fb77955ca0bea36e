//! Tests the errors of every command: one sentence, and exit code 2.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The commands that need a project, each with its required arguments.
const COMMANDS: [&[&str]; 5] =
    [&["list"], &["invoke", "broken::handler"], &["build"], &["dev", "--port", "0"], &["template", "--format", "sam"]];

fn run(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mayfly"));
    command.current_dir(directory).args(arguments).stdin(Stdio::null()).env("CARGO_NET_OFFLINE", "true");
    command.output().expect("the command can be run")
}

/// Returns the last error, since earlier ones are the compiler's.
fn sentence(output: &Output) -> String {
    let err = String::from_utf8_lossy(&output.stderr);
    err.lines().rfind(|line| line.starts_with("error: ")).unwrap_or_else(|| panic!("no sentence in {err}")).to_owned()
}

/// Creates a folder with these files, outside of this workspace.
fn folder(name: &str, files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::Builder::new().prefix(name).tempdir().expect("a folder can be made");
    for (file, text) in files {
        let file: PathBuf = folder.path().join(file);
        fs::create_dir_all(file.parent().expect("a file has a folder")).expect("a folder can be made");
        fs::write(file, text).expect("a file can be written");
    }
    folder
}

/// The manifest of a crate that does not depend on mayfly.
const BROKEN: &str = "[package]\nname = \"broken\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n";

/// Checks that every command fails in a folder with the expected error.
fn fail(directory: &Path, more: &[&str], expected: impl Fn(&str) -> String) {
    for command in COMMANDS {
        let output = run(directory, &[command, more].concat());
        let said = (output.status.code(), sentence(&output));
        assert_eq!(said, (Some(2), expected(command[0])), "{command:?} {more:?}");
        assert!(output.stdout.is_empty(), "{command:?}");
    }
}

#[test]
fn a_wrong_flag() {
    let folder = folder("empty", &[]);
    fail(folder.path(), &["--bogus"], |_| "error: unexpected argument '--bogus' found".to_owned());
}

#[test]
fn no_cargo_project() {
    let folder = folder("empty", &[]);
    let place = fs::canonicalize(folder.path()).expect("it is there").display().to_string();
    fail(folder.path(), &[], |_| {
        format!(
            "error: cargo cannot read the project: could not find `Cargo.toml` in `{place}` or any parent \
             directory"
        )
    });
}

#[test]
fn a_missing_package() {
    let folder = folder("broken", &[("Cargo.toml", BROKEN), ("src/main.rs", "fn main() {}")]);
    fail(folder.path(), &["--package", "nope"], |_| {
        "error: there is no package `nope` in this workspace; there are: broken".to_owned()
    });
}

#[test]
fn a_missing_binary() {
    let folder = folder("broken", &[("Cargo.toml", BROKEN), ("src/main.rs", "fn main() {}")]);
    fail(folder.path(), &["--package", "broken", "--bin", "nope"], |_| {
        "error: there is no binary `nope`; there are: --package broken --bin broken".to_owned()
    });
}

#[test]
fn nothing_that_depends_on_mayfly() {
    let folder = folder("broken", &[("Cargo.toml", BROKEN), ("src/main.rs", "fn main() {}")]);
    fail(folder.path(), &[], |_| {
        "error: no package here that depends on mayfly has a binary; add src/main.rs with `mayfly::main!(my_app);`"
            .to_owned()
    });
}

#[test]
fn a_broken_build() {
    let folder = folder("broken", &[("Cargo.toml", BROKEN), ("src/main.rs", "fn main() { 1 + }")]);
    fail(folder.path(), &["--package", "broken"], |_| {
        "error: the binary `broken` of package `broken` does not build".to_owned()
    });
    let err = String::from_utf8_lossy(&run(folder.path(), &["dev", "--package", "broken"]).stderr).into_owned();
    assert!(err.contains("--> src/main.rs:1:"), "the compiler's own error is shown: {err}");
}

#[test]
fn a_binary_of_something_else() {
    let folder = folder("broken", &[("Cargo.toml", BROKEN), ("src/main.rs", "fn main() {}")]);
    for command in [COMMANDS[0], COMMANDS[3], COMMANDS[4]] {
        let output = run(folder.path(), &[command, &["--package", "broken"]].concat());
        assert_eq!(output.status.code(), Some(2));
        let sentence = sentence(&output);
        assert!(
            sentence.ends_with("error: `broken` does not list handlers; is its `main` written by `mayfly::main!`?"),
            "{sentence}"
        );
    }
}

#[test]
fn an_ambiguous_binary() {
    let binaries = [("Cargo.toml", BROKEN), ("src/bin/one.rs", "fn main() {}"), ("src/bin/two.rs", "fn main() {}")];
    let folder = folder("broken", &binaries);
    let output = run(folder.path(), &["invoke", "three::handler", "--package", "broken"]);
    let expected = "error: several binaries could hold `three::handler`; choose with one of: --package broken --bin one, \
                    --package broken --bin two";
    assert_eq!((output.status.code(), sentence(&output).as_str()), (Some(2), expected));
    let output = run(folder.path(), &["template", "--format", "sam", "--package", "broken"]);
    let expected = "error: there are several binaries; choose with one of: --package broken --bin one, --package broken \
                    --bin two";
    assert_eq!((output.status.code(), sentence(&output).as_str()), (Some(2), expected));
}

#[test]
fn help_shows_an_example() {
    let folder = folder("empty", &[]);
    for command in COMMANDS.map(|command| command[0]).into_iter().chain(["new", "init"]) {
        let output = run(folder.path(), &[command, "--help"]);
        let help = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(0));
        assert!(help.contains(&format!("Example:\n  cargo mayfly {command} ")), "{help}");
    }
}
