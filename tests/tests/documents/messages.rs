//! The messages that pages quote, as the sources have them.

use std::fs;

use crate::page::{files_in, page, pages, workspace};

/// Words of Lambda, of the C library and of the kernel.
const FOREIGN: [&str; 6] = [
    "413 Payload Too Large",
    "Task timed out after 3.00 seconds",
    "Runtime exited with error: signal: killed",
    "Runtime exited with error: signal: aborted",
    "version `GLIBC_…' not found",
    "exec format error",
];

/// Returns the text of all sources that print messages, each message in one line.
fn sources() -> String {
    let files = ["mayfly/src", "cargo-mayfly/src"].into_iter().flat_map(files_in);
    let texts = files.map(|path| fs::read_to_string(workspace().join(path)).expect("a source is text"));
    // A long message has several lines, each ended by a backslash.
    let text: String = texts.collect();
    text.split("\\\n").map(str::trim_start).collect()
}

#[test]
fn every_heading_of_troubleshooting_is_a_message() {
    let sources = sources();
    let headings = page("docs/troubleshooting.md").prose().into_iter().filter_map(|line| line.strip_prefix("## `"));
    let mut messages = 0;
    for heading in headings {
        messages += 1;
        let mut message = heading.trim_matches('`').to_owned();
        for foreign in FOREIGN {
            message = message.replace(foreign, "");
        }
        for piece in message.split('…').map(str::trim).filter(|piece| !piece.is_empty()) {
            assert!(sources.contains(piece), "no message has `{piece}`, which is in the heading {heading}");
        }
    }
    assert!(messages >= 12, "only {messages} headings are messages");
}

#[test]
fn messages_are_quoted_as_they_are() {
    let sources = sources();
    for message in [
        "`&str` takes only strings without escapes",
        "was it encoded twice?",
        "Initialization error: ",
        "the event cannot be read as ",
    ] {
        assert!(sources.contains(message), "not a message: {message}");
        assert!(pages().iter().any(|page| page.text.replace('\n', " ").contains(message)), "on no page: {message}");
    }
}

#[test]
fn gates_are_those_of_the_benchmark() {
    let targets = fs::read_to_string(workspace().join("tests/bench/src/target.rs")).expect("the targets are there");
    let internals = &page("docs/internals.md").text;
    let mut gates = 0;
    for (measure, unit) in [
        ("Instructions(", " k"),
        ("SystemCalls", ""),
        ("ChunkCalls", ""),
        ("BinarySize", " KB"),
        ("MemoryGrowth", " KiB"),
        ("Crates", " crates"),
    ] {
        for rest in targets.split(&format!("counted({measure}")).skip(1) {
            let line = rest.lines().next().expect("a gate ends a line").trim_end_matches([')', ',', ';']);
            let gate = line.rsplit(' ').next().expect("a gate is a number");
            let gate = if unit == " k" { gate } else { gate.trim_end_matches(".0") };
            assert!(internals.contains(&format!("≤ {gate}{unit}")), "docs/internals.md lacks ≤ {gate}{unit}");
            gates += 1;
        }
    }
    assert!(gates >= 15, "only {gates} gates");
}
