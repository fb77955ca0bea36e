//! Generated code in crates of other people's: three editions, their lints, another name for Mayfly, no `async`.
//!
//! The sources stand in `lints/`; the packages around them are written to Cargo's temporary directory, with this
//! repository's lock file, so that nothing is fetched.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;
use std::{env, fs};

use serde_json::{Value, json};

/// The workspace that holds the packages.
static WORKSPACE: LazyLock<PathBuf> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lints");
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests stand in the repository");
    let mayfly = format!("path = '{}'", repository.join("mayfly").display());
    let ordinary = format!("mayfly = {{ {mayfly} }}\nserde = {{ version = '1', features = ['derive'] }}");
    package(&root, "edition2018", "2018", "handlers.rs", &ordinary);
    package(&root, "edition2021", "2021", "handlers.rs", &ordinary);
    package(&root, "edition2024", "2024", "handlers.rs", &ordinary);
    package(&root, "renamed", "2021", "renamed.rs", &format!("lambda = {{ package = 'mayfly', {mayfly} }}"));
    package(&root, "no-async", "2024", "no_async.rs", &format!("mayfly = {{ {mayfly}, default-features = false }}"));
    write(&root.join("Cargo.toml"), "[workspace]\nresolver = '2'\nmembers = ['*']\nexclude = ['target']\n");
    fs::copy(repository.join("Cargo.lock"), root.join("Cargo.lock")).expect("the repository has a lock file");
    root
});

fn package(root: &Path, name: &str, edition: &str, source: &str, dependencies: &str) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("lints").join(source);
    let manifest = format!(
        "[package]\nname = '{name}'\nedition = '{edition}'\n\n[[bin]]\nname = '{name}'\npath = '{}'\n\n\
         [dependencies]\n{dependencies}\n",
        source.display()
    );
    write(&root.join(name).join("Cargo.toml"), &manifest);
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("every file has a folder")).expect("the folder can be made");
    fs::write(path, text).expect("the file can be written");
}

fn cargo(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO"))
        .args(arguments)
        .arg("--offline")
        .current_dir(&*WORKSPACE)
        .env("CARGO_TARGET_DIR", WORKSPACE.join("target"))
        .env_remove("RUSTFLAGS")
        .output()
        .expect("cargo can be started")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The registry of a package's binary, built as it is run.
fn registry(package: &str) -> Value {
    let output = cargo(&["build", "--package", package]);
    assert!(output.status.success(), "{package} does not compile:\n{}", stderr(&output));
    let binary = WORKSPACE.join("target/debug").join(package).with_extension(env::consts::EXE_EXTENSION);
    let output = Command::new(binary).env("MAYFLY_LIST", "json").output().expect("the binary runs");
    serde_json::from_slice(&output.stdout).expect("the registry is JSON")
}

/// One member of every entry in a list.
fn column(entries: &Value, member: &str) -> Value {
    entries.as_array().expect("a list").iter().map(|entry| entry[member].clone()).collect()
}

/// The line of `handlers.rs` where some text stands, as `line!` counts.
fn line_of(text: &str) -> usize {
    let source = include_str!("../lints/handlers.rs");
    1 + source.lines().position(|line| line.contains(text)).expect("the text stands in the source")
}

#[test]
fn every_edition_compiles_without_a_warning_and_registers_the_same() {
    for edition in ["edition2018", "edition2021", "edition2024"] {
        let mut registry = registry(edition);
        let paths = ["boxed", "lent", "nothing", "old", "process", "type::match"];
        assert_eq!(column(&registry["handlers"], "path"), json!(paths.map(|path| format!("{edition}::{path}"))));

        let mut process = registry["handlers"][4].take();
        let file = process["file"].take();
        assert!(file.as_str().is_some_and(|file| file.ends_with("handlers.rs")), "the file is {file}");
        let expected = json!({
            "path": format!("{edition}::process"),
            "alias": null,
            "name": "orders",
            "default": true,
            "async": true,
            "file": null,
            "line": line_of("fn process("),
            "event": "Order<'_>",
            "reply": "Result<String, Error>",
            "needs": ["u64", format!("{edition}::Prices")],
        });
        assert_eq!(process, expected);

        let inits = &registry["inits"];
        assert_eq!(column(inits, "provides"), json!([format!("{edition}::Prices"), "u64"]));
        assert_eq!(column(inits, "needs"), json!([[], [format!("{edition}::Prices")]]));
        assert_eq!(column(inits, "line"), json!([line_of("fn prices("), line_of("fn total(")]));
    }
}

#[test]
fn no_parameter_and_no_return_type_are_told_apart_from_a_type() {
    let registry = registry("edition2024");
    let handlers = &registry["handlers"];
    assert_eq!(column(handlers, "event"), json!(["Vec<Option<u8>>", "Order<'a>", null, "String", "Order<'_>", "u8"]));
    let replies =
        ["Result<(), Box<dyn StdError + Send + Sync>>", "Cow<'a, str>", "()", "()", "Result<String, Error>", "u8"];
    assert_eq!(column(handlers, "reply"), json!(replies));
}

#[test]
fn mayfly_is_found_under_another_name() {
    let registry = registry("renamed");
    let paths = ["renamed::direct", "renamed::through_a_macro", "renamed::through_a_reexport"];
    assert_eq!(column(&registry["handlers"], "path"), json!(paths));
    assert_eq!(column(&registry["handlers"], "needs"), json!([["u32"], [], ["u32"]]));
}

#[test]
fn clippy_has_nothing_to_say() {
    let output = cargo(&["clippy", "--no-deps", "--package", "edition2024", "--package", "renamed"]);
    assert!(output.status.success(), "{}", stderr(&output));
}

const NEEDS_FEATURE: &str = ": error: an `async fn` handler or init needs the feature `async` of mayfly";

#[test]
fn async_fn_without_the_feature_gets_one_error_that_names_it() {
    let output = cargo(&["check", "--package", "no-async", "--message-format", "short"]);
    let stderr = stderr(&output);
    let mut places: Vec<&str> =
        stderr.lines().filter_map(|line| line.split_once("no_async.rs:")?.1.strip_suffix(NEEDS_FEATURE)).collect();
    places.sort_unstable();
    assert_eq!(places, ["12:10", "7:10"], "{stderr}");
    assert!(stderr.contains("due to 2 previous errors"), "{stderr}");
}
