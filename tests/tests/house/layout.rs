//! The crates that ship keep the rules.

use std::path::Path;

use crate::{rules, sources};

#[track_caller]
fn keeps_the_rules(package: &str) {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(package).join("src");
    let complaints = rules::complaints(&sources::read(&src));
    assert!(complaints.is_empty(), "{package}/src:\n{}", complaints.join("\n"));
}

#[test]
fn mayfly_keeps_the_rules() {
    keeps_the_rules("mayfly");
}

#[test]
fn mayfly_macros_keeps_the_rules() {
    keeps_the_rules("mayfly-macros");
}

#[test]
fn cargo_mayfly_keeps_the_rules() {
    keeps_the_rules("cargo-mayfly");
}
