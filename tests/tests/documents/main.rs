//! The documents: README.md, CONTRIBUTING.md and `docs`. Their commands, code, JSON, messages, links and flags are all
//! taken from their own text.

use std::fs;
use std::process::{Command, Stdio};

use crate::page::{page, workspace};

mod flags;
mod links;
mod losses;
mod messages;
#[path = "../../../cargo-mayfly/tests/common/outside.rs"]
mod outside;
mod page;
mod reports;
mod shown;

const RUN: &str = r#"cargo mayfly invoke greeter::greet --data '{"name":"Ada"}'"#;
const TEST: &str = "cargo test --workspace";

#[test]
fn the_two_commands_are_there_and_work_inside_the_repository() {
    let commands = page("README.md").blocks.iter().filter(|block| block.language == "sh").take(2);
    let commands: Vec<_> = commands.map(|block| &*block.code).collect();
    assert_eq!(commands, [format!("{RUN}\n"), format!("{TEST}\n")]);
    let config = fs::read_to_string(workspace().join(".cargo/config.toml")).expect("the alias is committed");
    assert!(config.contains("mayfly = \"run --quiet --package cargo-mayfly --\""), "{config}");
    let manifest = fs::read_to_string(workspace().join("cargo-mayfly/Cargo.toml")).expect("the package is there");
    assert!(manifest.starts_with("[package]\nname = \"cargo-mayfly\"\n"), "{manifest}");
}

#[test]
fn the_first_command_prints_what_it_is_said_to_print() {
    let output = Command::new("sh")
        .args(["-c", RUN])
        .current_dir(workspace())
        // The alias selects one package, whose dependencies would be compiled again with the features of this one alone.
        .env("CARGO_ALIAS_MAYFLY", "run --quiet --bin cargo-mayfly --")
        .stdin(Stdio::null())
        .output()
        .expect("a shell can be run");
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{log}");
    let printed = String::from_utf8_lossy(&output.stdout);
    let before = &page("README.md").block_with("sh", RUN).before;
    assert!(before.contains(&format!("`{}`", printed.trim_end())), "{printed}{log}");
}
