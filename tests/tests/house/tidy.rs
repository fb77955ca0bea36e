//! Agreement of versions, texts without a machine's paths, unsafe code in one place, complete licences.

use std::fs;
use std::path::{Path, PathBuf};

use mayfly_tests::cargo;
use serde_json::Value;

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace is around this package")
}

fn read(path: &str) -> String {
    fs::read_to_string(workspace().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Lists the files under a directory of the workspace, by their paths from its root, without built and fetched ones.
fn files(directory: &Path) -> Vec<PathBuf> {
    let is_ours = |name: &str| !["target", ".git", "wip", "__pycache__"].contains(&name);
    let entries = fs::read_dir(workspace().join(directory)).expect("a directory can be read");
    entries
        .map(|entry| entry.expect("an entry can be read"))
        .filter(|entry| is_ours(&entry.file_name().to_string_lossy()))
        .flat_map(|entry| {
            let path = directory.join(entry.file_name());
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) { files(&path) } else { vec![path] }
        })
        .collect()
}

/// Reads the Rust files under these directories.
fn sources(directories: &[&str]) -> Vec<(PathBuf, String)> {
    let paths = directories.iter().flat_map(|directory| files(Path::new(directory)));
    let rust = paths.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let sources: Vec<_> = rust.map(|path| (path.clone(), read(&path.to_string_lossy()))).collect();
    assert!(sources.len() > 20, "the sources have moved");
    sources
}

/// Returns the value of a key that a manifest has exactly once.
fn value<'a>(manifest: &'a str, key: &str) -> &'a str {
    let lines = manifest.lines().filter_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix("= \""));
    let values: Vec<_> = lines.filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(values.len(), 1, "{key}: {values:?}");
    values[0]
}

#[test]
fn versions_agree() {
    let manifest = read("Cargo.toml");
    let version = value(&manifest, "version");
    let macros = manifest.lines().find(|line| line.starts_with("mayfly-macros = ")).expect("the macros are named");
    assert!(macros.contains(&format!("version = \"={version}\"")), "the macros are pinned to {version}: {macros}");
    for member in ["mayfly", "mayfly-macros", "cargo-mayfly"] {
        assert!(read(&format!("{member}/Cargo.toml")).contains("version.workspace = true"), "{member}");
    }
    let changelog = read("CHANGELOG.md");
    assert!(changelog.contains("## [Unreleased]"), "the changelog has a place for what comes");
    assert!(changelog.contains(version), "the changelog knows {version}");
}

#[test]
fn readme_asks_for_a_rust_that_is_new_enough() {
    let readme = read("README.md");
    let said = readme.split("[Rust](https://rustup.rs) ").nth(1).and_then(|rest| rest.split(' ').next());
    let minor = |version: &str| version.split('.').nth(1).and_then(|minor| minor.parse::<u32>().ok());
    let said = said.and_then(minor).expect("the README names a version of Rust");
    for member in ["mayfly", "mayfly-macros", "cargo-mayfly"] {
        for line in read(&format!("{member}/Cargo.toml")).lines() {
            let Some(rest) = line.strip_prefix("rust-version = \"") else { continue };
            let wanted = rest.split('"').next().and_then(minor).expect("a version has a minor part");
            assert!(wanted <= said, "{member} wants 1.{wanted}, the README says 1.{said}");
        }
    }
}

#[test]
fn no_text_holds_paths_or_hosts_of_a_machine() {
    // In pieces, so that the test does not find this file.
    let forbidden = [
        ["/wo", "rk/"],
        ["/ro", "ot/"],
        ["/ho", "me/"],
        ["/tmp/tar", "get"],
        ["shared/des", "ign.md"],
        ["shared/runtime-", "api.md"],
        ["shared/sty", "le.md"],
        [".cargo/regi", "stry"],
        ["artifac", "tory"],
        ["index.crates", ".io"],
        ["dist.rust-lang", ".org"],
    ]
    .map(|pieces| pieces.concat());
    let mut found = Vec::new();
    for path in files(Path::new("")) {
        // Binary files have no lines.
        let Ok(text) = fs::read_to_string(workspace().join(&path)) else { continue };
        for (number, line) in text.lines().enumerate() {
            if forbidden.iter().any(|text| line.contains(text)) {
                found.push(format!("{}:{}: {line}", path.display(), number + 1));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The lint that unsafe code must switch off; in pieces, so that the test does not find this file.
const LINT: &str = concat!("unsafe", "_code");
/// The only file with such code.
const UNSAFE: &str = "mayfly/src/trace_env.rs";

#[test]
fn unsafe_is_in_one_place() {
    let opens = |line: &str| {
        let code = line.split("//").next().unwrap_or_default();
        ["unsafe {", "unsafe fn", "unsafe impl", "unsafe extern"].iter().any(|form| code.contains(form))
    };
    let mut places = Vec::new();
    for (path, text) in sources(&["mayfly/src", "mayfly-macros/src", "cargo-mayfly/src"]) {
        places.extend(text.lines().filter(|line| opens(line)).map(|_| path.clone()));
    }
    assert_eq!(places, [Path::new(UNSAFE)]);
}

#[test]
fn every_package_denies_unsafe() {
    assert!(read("Cargo.toml").lines().any(|line| line == format!("{LINT} = \"deny\"")));
    let metadata = cargo("metadata").args(["--locked", "--no-deps", "--format-version", "1"]).output();
    let metadata: Value = serde_json::from_slice(&metadata.expect("cargo can be run").stdout).expect("it is JSON");
    let packages = metadata["packages"].as_array().expect("there are packages");
    assert!(packages.len() > 10, "{packages:?}");
    for package in packages {
        let manifest = package["manifest_path"].as_str().expect("a package has a manifest");
        let text = fs::read_to_string(manifest).expect("a manifest can be read");
        assert!(text.contains("[lints]\nworkspace = true\n"), "{manifest} does not take the lints of the workspace");
    }
}

#[test]
fn one_attribute_allows_unsafe() {
    let mut places = Vec::new();
    for (path, text) in sources(&["mayfly", "mayfly-macros", "cargo-mayfly", "examples", "tests"]) {
        let lets_in = |line: &&str| line.contains(LINT) && !["deny(", "forbid("].iter().any(|how| line.contains(how));
        places.extend(text.lines().filter(lets_in).map(|_| path.clone()));
    }
    assert_eq!(places, [Path::new(UNSAFE)]);
}

#[test]
fn licences_are_complete() {
    assert!(read("LICENSE-MIT").starts_with("MIT License\n"));
    let apache = read("LICENSE-APACHE");
    assert!(apache.contains("Version 2.0, January 2004") && apache.contains("APPENDIX: How to apply"));
}
