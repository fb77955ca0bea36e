//! The code of all pages, compiled as one small workspace: the first function of `docs/getting-started.md` is its root
//! package, and every other block of Rust is a module of the package `pages`, or a binary of it if it has a `main` or
//! routes, which would be in conflict with those of other blocks.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use mayfly_tests::{Delivery, Process, RuntimeApi, cargo_mayfly};
use serde_json::Value;

use crate::page::{Page, between, blocks_of, page, workspace};

const FIRST: &str = "docs/getting-started.md";
const TEMPLATE: &str = "docs/deploy/template.md";
/// The attributes of the routes on pages.
const ROUTES: [&str; 3] = ["#[mayfly::get(", "#[mayfly::post(", "#[mayfly::route("];
/// The crates that blocks use and no page names with a version.
const MENTIONED: &str = r#"
base64 = "0.22"
http = "1"
lambda_http = { version = "1", default-features = false, features = ["apigw_http"] }
log = { version = "0.4", features = ["kv"] }
serde_json = "1"
tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
tower = { version = "0.5", default-features = false, features = ["util"] }
tracing = { version = "0.1", default-features = false, features = ["log"] }
tracing-subscriber = { version = "0.3", default-features = false, features = ["fmt", "tracing-log"] }
"#;

/// Writes the workspace, and returns its folder.
fn workspace_of_pages() -> &'static Path {
    static WRITTEN: OnceLock<PathBuf> = OnceLock::new();
    WRITTEN.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("documents");
        for old in ["src", "pages"] {
            let _ = fs::remove_dir_all(folder.join(old)); // blocks of earlier pages
        }
        let write = |path: &str, text: &str| {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder can be made");
            fs::write(path, text).expect("a file can be written");
        };
        let mut modules = "#![allow(unused)]\n".to_owned();
        let mut numbers = std::collections::BTreeMap::new();
        for (page, block) in blocks_of("rust") {
            let number = numbers.entry(&*page.path).or_insert(0);
            *number += 1;
            match (&*page.path, *number) {
                (FIRST, 1) => write("src/lib.rs", &block.code),
                (FIRST, 2) => write("src/main.rs", &block.code),
                (path, number) => {
                    let name = format!("{}_{number}", name_of(path));
                    let has = |texts: &[&str]| texts.iter().any(|text| block.code.contains(text));
                    let (has_main, has_routes) = (has(&["fn main()", "mayfly::main!"]), has(&ROUTES));
                    let folder = if has_main || has_routes { "bin/" } else { "" };
                    let main = if has_routes && !has_main { "fn main() {}\n" } else { "" };
                    write(&format!("pages/src/{folder}{name}.rs"), &format!("{}{main}", block.code));
                    if folder.is_empty() {
                        writeln!(modules, "mod {name};").expect("a string takes everything");
                    }
                }
            }
        }
        write("pages/src/lib.rs", &modules);
        write("pages/Cargo.toml", &manifest_of_pages());
        write("Cargo.toml", &manifest_of_the_first());
        fs::copy(workspace().join("Cargo.lock"), folder.join("Cargo.lock")).expect("the lock file can be copied");
        folder
    })
}

/// Returns the name of a page as a module: `docs/events/sqs.md` is `events_sqs`.
fn name_of(path: &str) -> String {
    let name = path.trim_start_matches("docs/").trim_end_matches(".md");
    name.to_lowercase().replace(['/', '-'], "_")
}

/// Points a manifest at Mayfly of this workspace.
fn with_mayfly(manifest: &str) -> String {
    manifest.replace("git = \"…\"", &format!("path = \"{}\"", workspace().join("mayfly").display()))
}

fn manifest_of_the_first() -> String {
    let shown = &page(FIRST).block_with("toml", "[package]").code;
    let settings = &page(TEMPLATE).block_with("toml", "[package.metadata.mayfly]").code;
    let workspace = "[workspace]\nmembers = [\"pages\"]\nresolver = \"3\"\n\n\
                     [profile.dev]\ndebug = false\nincremental = false\n";
    with_mayfly(&format!("{shown}\n{settings}\n{workspace}"))
}

/// Returns the manifest of all other blocks, with every dependency that a page shows.
fn manifest_of_pages() -> String {
    let (mut dependencies, mut for_tests) = (MENTIONED.to_owned(), String::new());
    for (page, block) in blocks_of("toml") {
        match block.code.split_once('\n').expect("a manifest has lines") {
            // Mayfly is there already, with every feature that a page asks for.
            ("[dependencies]", lines) => {
                let others = lines.lines().filter(|line| !line.starts_with("mayfly = "));
                others.for_each(|line| dependencies.extend([line, "\n"]));
            }
            ("[dev-dependencies]", lines) => for_tests.push_str(lines),
            ("[package]", _) => {
                for_tests += between(&block.code, "[dev-dependencies]\n", "\n\n").expect("the first has async tests");
            }
            ("[package.metadata.mayfly]", _) => {}
            (other, _) => panic!("{}: a manifest begins with {other}", page.path),
        }
        for_tests.push('\n');
    }
    with_mayfly(&format!(
        "[package]\nname = \"pages\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [dependencies]\nmayfly = {{ git = \"…\", features = [\"axum\", \"shutdown\", \"stream\"] }}\n\
         my-app = {{ path = \"..\" }}\n{dependencies}\n\
         [dev-dependencies]\n{for_tests}"
    ))
}

/// The target folder that all tests share whose packages are not of this workspace, for the sake of their dependencies.
const TARGET: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/fresh");

/// Runs cargo on that workspace, with nothing but what this workspace's own build has fetched.
fn cargo(args: &[&str]) {
    let mut cargo = Command::new(std::env::var_os("CARGO").as_deref().unwrap_or(OsStr::new("cargo")));
    cargo.current_dir(workspace_of_pages()).env("CARGO_TARGET_DIR", TARGET).args(args).args(["--quiet", "--offline"]);
    let output = cargo.stdin(Stdio::null()).output().expect("cargo can be run");
    assert!(output.status.success(), "cargo {args:?}: {}{}", text(&output.stdout), text(&output.stderr));
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn every_block_of_rust_compiles_and_its_tests_pass() {
    cargo(&["test", "--workspace", "--lib", "--bins"]);
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
    let bootstrap = Path::new(TARGET).join("debug/bootstrap");
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
    command.args(arguments).args(["--package", "my-app"]).current_dir(workspace_of_pages());
    let output = command
        .env("CARGO_TARGET_DIR", TARGET)
        .env("CARGO_NET_OFFLINE", "true")
        .stdin(Stdio::null())
        .output()
        .expect("it can be run");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let written: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let shown = &page(TEMPLATE).block_with("json", "\"functions\"").code;
    let shown: Value = serde_json::from_str(shown).expect("it is JSON");
    assert_eq!(shown, written, "the page has the left one");
}
