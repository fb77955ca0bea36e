//! The code of the pages. The package `pages` compiles all Rust and runs its tests; the first function of
//! `docs/getting-started.md` is also a package as a user has it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use mayfly_tests::{Delivery, Process, RuntimeApi, cargo_mayfly};
use serde_json::Value;

use crate::outside;
use crate::page::{Page, between, blocks_of, page, workspace};

const FIRST: &str = "docs/getting-started.md";
const TEMPLATE: &str = "docs/deploy/template.md";

/// Writes the package of the first function, and returns its folder.
fn package_of_the_first() -> &'static Path {
    static WRITTEN: OnceLock<PathBuf> = OnceLock::new();
    WRITTEN.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("documents");
        fs::create_dir_all(folder.join("src")).expect("a folder can be made");
        let write = |path: &str, text: &str| fs::write(folder.join(path), text).expect("a file can be written");
        let mut blocks = page(FIRST).blocks.iter().filter(|block| block.language == "rust");
        for file in ["src/lib.rs", "src/main.rs"] {
            write(file, &blocks.next().expect("the page begins with the two files").code);
        }
        write("Cargo.toml", &manifest_of_the_first());
        fs::copy(workspace().join("Cargo.lock"), folder.join("Cargo.lock")).expect("the lock file can be copied");
        folder
    })
}

/// Points a manifest at Mayfly of this workspace.
fn with_mayfly(manifest: &str) -> String {
    manifest.replace("git = \"…\"", &format!("path = \"{}\"", workspace().join("mayfly").display()))
}

/// Returns the manifest of the first function, with another version: the tests of `cargo mayfly new` create a package of
/// the same name, and cargo takes packages of one name and version in one build folder for the same.
fn manifest_of_the_first() -> String {
    let shown = &page(FIRST).block_with("toml", "[package]").code;
    let settings = &page(TEMPLATE).block_with("toml", "[package.metadata.mayfly]").code;
    let shown = shown.replace("\nversion = \"0.1.0\"\n", "\nversion = \"0.1.1\"\n");
    with_mayfly(&format!("{shown}\n{settings}\n[workspace]\n\n[profile.dev]\ndebug = false\nincremental = false\n"))
}

/// Runs cargo on that package, with nothing but what this workspace's own build has fetched.
fn cargo(args: &[&str]) {
    let mut cargo = Command::new(std::env::var_os("CARGO").as_deref().unwrap_or(OsStr::new("cargo")));
    cargo.current_dir(package_of_the_first()).envs(outside::variables()).args(args).arg("--quiet");
    let output = cargo.stdin(Stdio::null()).output().expect("cargo can be run");
    assert!(output.status.success(), "cargo {args:?}: {}{}", text(&output.stdout), text(&output.stderr));
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Returns the dependencies of a manifest, or of a part of one, without those on Mayfly.
fn dependencies(manifest: &str) -> toml::Table {
    let manifest: toml::Table = manifest.parse().unwrap_or_else(|error| panic!("{manifest}: {error}"));
    let lists = ["dependencies", "dev-dependencies"].map(|name| manifest.get(name).and_then(toml::Value::as_table));
    let all = lists.into_iter().flatten().flatten();
    all.filter(|(name, _)| *name != "mayfly").map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[test]
fn the_code_is_compiled_with_the_dependencies_that_pages_show() {
    let path = workspace().join("tests/pages/Cargo.toml");
    let compiled = dependencies(&fs::read_to_string(path).expect("the package `pages` has a manifest"));
    for (page, block) in blocks_of("toml") {
        for (name, shown) in dependencies(&block.code) {
            let with = compiled.get(&name);
            assert!(with.is_some_and(|with| has(with, &shown)), "{}: {name} = {shown}, but {with:?}", page.path);
        }
    }
}

/// Returns whether a dependency is what a page shows, perhaps with more features.
fn has(dependency: &toml::Value, shown: &toml::Value) -> bool {
    let defaults = |value: &toml::Value| value.get("default-features").cloned();
    let version = |value: &toml::Value| value.as_str().or_else(|| value.get("version")?.as_str()).map(str::to_owned);
    let features = |value: &toml::Value| value.get("features").and_then(|list| list.as_array().cloned());
    let had = features(dependency).unwrap_or_default();
    let wanted = features(shown).unwrap_or_default();
    version(dependency) == version(shown)
        && defaults(dependency) == defaults(shown)
        && wanted.iter().all(|one| had.contains(one))
}

#[test]
fn every_page_of_a_feature_has_code() {
    let has_code = |page: &Page| page.blocks.iter().any(|block| block.language == "rust");
    for path in [
        "README",
        "docs/handlers",
        "docs/errors",
        "docs/state",
        "docs/context",
        "docs/hooks",
        "docs/logging",
        "docs/streaming",
        "docs/testing",
    ] {
        assert!(has_code(page(&format!("{path}.md"))), "{path}.md");
    }
}

#[test]
fn the_first_function_replies_what_it_is_said_to_reply() {
    cargo(&["build", "--bin", "bootstrap"]);
    let command = &page(FIRST).block_with("sh", "cargo mayfly invoke my_app::price").code;
    let handler = between(command, "cargo mayfly invoke ", " ").expect("the command names a handler");
    let event = between(command, "--data '", "'").expect("the command has an event");
    let api = RuntimeApi::start();
    let bootstrap = outside::executables().join("debug/bootstrap");
    let _process = Process::of(&bootstrap).handler(handler).api(&api).start();
    let reply = api.invoke(&Delivery::json(event));
    assert!(reply.is_post_to("/response"), "{reply:?}");
    let shown: Value = serde_json::from_str(&page(FIRST).block_with("json", "\"kettle\"").code).expect("it is JSON");
    assert_eq!(reply.json(), shown);
}

#[test]
fn the_infrastructure_is_what_the_manifest_says() {
    let command = &page(TEMPLATE).block_with("sh", "cargo mayfly template --format json").code;
    let arguments = between(command, "cargo mayfly ", " --out ").expect("the command writes a file").split(' ');
    let mut command = Command::new(cargo_mayfly());
    command.args(arguments).args(["--package", "my-app"]).current_dir(package_of_the_first());
    let output = command.envs(outside::variables()).stdin(Stdio::null()).output().expect("it can be run");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let written: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let shown = &page(TEMPLATE).block_with("json", "\"functions\"").code;
    let shown: Value = serde_json::from_str(shown).expect("it is JSON");
    assert_eq!(shown, written, "the page has the left one");
}
