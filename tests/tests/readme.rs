//! The README: its commands, its code, its JSON and its messages, all taken from its own text.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use mayfly_tests::{Delivery, Process, Profile, RuntimeApi, greeter};
use serde_json::Value;

const README: &str = include_str!("../../README.md");
const RUN: &str = r#"cargo mayfly invoke greeter::greet --data '{"name":"Ada"}'"#;
const TEST: &str = "cargo test --workspace";

/// A block between fences.
struct Block {
    language: &'static str,
    code: String,
    /// The paragraph before it, in one line.
    before: String,
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace is around this package")
}

fn blocks() -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut open, mut paragraph): (Option<Block>, Vec<&str>) = (None, Vec::new());
    for line in README.lines().map(str::trim_end) {
        match (open.as_mut(), line.trim_start().strip_prefix("```")) {
            (None, Some(language)) => {
                open = Some(Block { language, code: String::new(), before: paragraph.join(" ") });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => block.code.extend([line, "\n"]),
            (None, None) if line.is_empty() => {}
            (None, None) => {
                let starts_anew = README.contains(&format!("\n\n{line}"));
                paragraph.truncate(if starts_anew { 0 } else { paragraph.len() });
                paragraph.push(line);
            }
        }
    }
    assert!(open.is_none(), "the last block is not closed");
    blocks
}

fn blocks_of(language: &str) -> Vec<Block> {
    blocks().into_iter().filter(|block| block.language == language).collect()
}

/// The only block of those that has `text`.
fn block_with(language: &str, text: &str) -> Block {
    let mut found = blocks_of(language).into_iter().filter(|block| block.code.contains(text));
    let block = found.next().unwrap_or_else(|| panic!("no {language} block has `{text}`"));
    assert!(found.next().is_none(), "several {language} blocks have `{text}`");
    block
}

/// What stands between `before` and `after`.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0)
}

/// A crate of everything that the README shows: its manifest, its library, its `main.rs`, and each further block as a
/// binary.
fn shown_crate() -> &'static Path {
    static WRITTEN: OnceLock<PathBuf> = OnceLock::new();
    WRITTEN.get_or_init(|| {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme");
        let _ = fs::remove_dir_all(directory.join("src")); // blocks of an earlier README
        let write = |path: &str, text: &str| {
            let path = directory.join(path);
            fs::create_dir_all(path.parent().expect("a file has a directory")).expect("a directory can be made");
            fs::write(path, text).expect("a file can be written");
        };
        write("Cargo.toml", &manifest());
        for (number, Block { code, .. }) in blocks_of("rust").iter().enumerate() {
            match number {
                0 => write("src/lib.rs", code),
                1 => write("src/main.rs", code),
                _ if code.contains("fn main()") => write(&format!("src/bin/block_{number}.rs"), code),
                _ => write(&format!("src/bin/block_{number}.rs"), &format!("{code}\nfn main() {{}}\n")),
            }
        }
        fs::copy(workspace().join("Cargo.lock"), directory.join("Cargo.lock")).expect("the lock file can be copied");
        directory
    })
}

/// The first manifest, with the dependencies of the others, and of what the README only mentions.
fn manifest() -> String {
    let manifests = blocks_of("toml");
    let mut dependencies = "log = { version = \"0.4\", features = [\"kv\"] }\nserde_json = \"1\"\nbase64 = \"0.22\"\n\
                            tracing = { version = \"0.1\", default-features = false, features = [\"log\"] }\n\
                            tracing-subscriber = { version = \"0.3\", default-features = false, features = [\"fmt\", \"tracing-log\"] }\n"
        .to_owned();
    let (mut dev_dependencies, mut metadata) = (String::new(), String::new());
    for Block { code, .. } in &manifests[1..] {
        match code.split_once('\n').expect("a manifest has lines") {
            ("[dependencies]", lines) => dependencies.push_str(lines),
            ("[dev-dependencies]", lines) => dev_dependencies.push_str(lines),
            ("[package.metadata.mayfly]", _) => metadata.push_str(code),
            (other, _) => panic!("a manifest begins with {other}"),
        }
    }
    let mut manifest = manifests[0].code.clone();
    for (table, lines) in [("[dependencies]\n", dependencies), ("[dev-dependencies]\n", dev_dependencies)] {
        assert!(manifest.contains(table), "the first manifest has {table}");
        manifest = manifest.replace(table, &format!("{table}{lines}"));
    }
    let path = format!("path = \"{}\"", workspace().join("mayfly").display());
    format!("{manifest}\n{metadata}\n[workspace]\n").replace("git = \"…\"", &path)
}

/// Runs cargo on the crate, with nothing but what this workspace's own build has fetched.
fn cargo(args: &[&str]) {
    let mut cargo = Command::new(std::env::var_os("CARGO").as_deref().unwrap_or(OsStr::new("cargo")));
    cargo.current_dir(shown_crate()).args(args).args(["--quiet", "--offline", "--target-dir", "target"]);
    let output = cargo.stdin(Stdio::null()).output().expect("cargo can be run");
    assert!(output.status.success(), "cargo {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_two_commands_are_there_and_work_inside_the_repository() {
    let commands: Vec<_> = blocks_of("sh").into_iter().take(2).map(|block| block.code).collect();
    assert_eq!(commands, [format!("{RUN}\n"), format!("{TEST}\n")]);
    let config = fs::read_to_string(workspace().join(".cargo/config.toml")).expect("the alias is committed");
    assert!(config.contains("mayfly = \"run --quiet --package cargo-mayfly --\""), "{config}");
}

#[test]
fn the_first_command_prints_what_it_is_said_to_print() {
    let output = Command::new("sh")
        .args(["-c", RUN])
        .current_dir(workspace())
        .stdin(Stdio::null())
        .output()
        .expect("a shell can be run");
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{log}");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(block_with("sh", RUN).before.contains(&format!("`{}`", printed.trim_end())), "{printed}{log}");
}

#[test]
fn every_block_of_rust_compiles_and_its_tests_pass() {
    cargo(&["test"]);
}

#[test]
fn the_first_function_replies_what_it_is_said_to_reply() {
    cargo(&["build", "--bin", "bootstrap"]);
    let command = block_with("sh", "cargo mayfly invoke my_app::").code;
    let handler = between(&command, "cargo mayfly invoke ", " ").expect("the command names a handler");
    let event = between(&command, "--data '", "'").expect("the command has an event");
    let api = RuntimeApi::start();
    let _process = Process::of(&shown_crate().join("target/debug/bootstrap")).handler(handler).api(&api).start();
    let reply = api.invoke(&Delivery::json(event));
    assert!(reply.is_post_to("/response"), "{reply:?}");
    let shown: Value = serde_json::from_str(&block_with("json", "\"kettle\"").code).expect("the reply is JSON");
    assert_eq!(reply.json(), shown);
}

#[test]
fn the_infrastructure_is_what_the_manifest_says() {
    let command = block_with("sh", "cargo mayfly template --format json").code;
    let arguments = between(&command, "cargo mayfly ", " --out ").expect("the command writes a file").split(' ');
    let mut cargo = Command::new(std::env::var_os("CARGO").as_deref().unwrap_or(OsStr::new("cargo")));
    cargo.args(["run", "--quiet", "--package", "cargo-mayfly", "--manifest-path"]).arg(workspace().join("Cargo.toml"));
    // The crate has a binary for each further block.
    cargo.arg("--").args(arguments).args(["--bin", "bootstrap"]).current_dir(shown_crate());
    let output = cargo.env("CARGO_NET_OFFLINE", "true").stdin(Stdio::null()).output().expect("cargo can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let written: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let shown: Value = serde_json::from_str(&block_with("json", "\"functions\"").code).expect("it is JSON");
    assert_eq!(shown, written, "the README has the left one");
}

#[test]
fn json_is_json() {
    for Block { code, before, .. } in blocks_of("json") {
        assert!(serde_json::from_str::<Value>(&code).is_ok(), "{before}\n{code}");
    }
}

#[test]
fn errors_are_what_the_greeter_posts() {
    let mut compared = 0;
    for Block { code, before, .. } in blocks_of("json") {
        let Some((_, from)) = before.rsplit_once("rom `greeter::") else { continue };
        let handler = format!("greeter::{}", from.split('`').next().unwrap_or_default());
        let event = between(from, "for `", "`").unwrap_or("{}");
        let api = RuntimeApi::start();
        let _process = Process::of(&greeter(Profile::Release)).handler(&handler).api(&api).start();
        let first = api.request();
        let posted = if first.method == "POST" {
            first.into() // an init that failed
        } else {
            let event = Delivery::json(event);
            first.hand_out(&event);
            api.posted_for(&event)
        };
        posted.accept();
        let shown: Value = serde_json::from_str(&code).expect("it is JSON");
        let (shown, real) = (without_lines(&shown), without_lines(&posted.json()));
        assert_eq!(shown, real, "{handler}: the README has the left one; the right one is real");
        compared += 1;
    }
    assert!(compared >= 9, "only {compared} reports are shown");
}

/// The report with `file.rs:_` in place of `file.rs:7:9`: lines move with every edit of the example.
fn without_lines(report: &Value) -> String {
    let mut text = String::new();
    for (number, piece) in format!("{report:#}").split(".rs:").enumerate() {
        let separator = if number == 0 { "" } else { ".rs:_" };
        let piece =
            if number == 0 { piece } else { piece.trim_start_matches(|c: char| c == ':' || c.is_ascii_digit()) };
        write!(text, "{separator}{piece}").expect("a string takes everything");
    }
    text
}

#[test]
fn the_message_of_an_unknown_handler_is_shown() {
    let api = RuntimeApi::start();
    let process = Process::of(&greeter(Profile::Debug)).handler("greeter::great").api(&api).start();
    let posted = api.posted();
    posted.accept();
    assert_eq!(process.exit().code, Some(1));
    let message = posted.json()["errorMessage"].as_str().expect("an error has a message").to_owned();
    let shown = block_with("text", "Handler not found").code;
    let shown = shown.trim_end().strip_suffix('…').expect("the list is cut");
    assert!(message.starts_with(shown), "{message}");
}

/// The text of every source in a directory and those inside it.
fn sources_in(directory: &Path) -> String {
    let entries = fs::read_dir(directory).expect("the sources are there");
    let paths = entries.map(|entry| entry.expect("an entry can be read").path());
    let texts =
        paths.map(
            |path| {
                if path.is_dir() { sources_in(&path) } else { fs::read_to_string(path).expect("a source is text") }
            },
        );
    texts.collect()
}

#[test]
fn messages_of_the_runtime_are_quoted_as_they_are() {
    let sources = sources_in(&workspace().join("mayfly/src"));
    // Long messages stand in several lines, each ended by a backslash.
    let pieces: Vec<_> = sources.split("\\\n").map(str::trim_start).collect();
    let sources = pieces.concat();
    let readme = README.replace('\n', " ");
    for message in [
        "Handler not found: ",
        "this binary has no handlers at all; if they stand in a library crate",
        "and what is registered with one is unknown to the others",
        "is registered twice",
        "Please set _HANDLER to the path of the function to run",
        "Initialization error: ",
        "Invalid response format: ",
        "was rejected: ",
        "the event cannot be read as ",
        "`&str` takes only strings without escapes",
        "mayfly::run starts the tokio runtime that a handler needs: remove ",
        "This is an AWS Lambda function built with mayfly",
    ] {
        assert!(sources.contains(message), "not a message: {message}");
        assert!(readme.contains(message), "not in the README: {message}");
    }
}

#[test]
fn links_lead_somewhere() {
    let slug = |heading: &str| {
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
        kept.collect::<String>().to_lowercase().replace(' ', "-")
    };
    let headings: Vec<_> = README
        .lines()
        .filter_map(|line| Some(slug(line.strip_prefix("## ").or_else(|| line.strip_prefix("### "))?)))
        .collect();
    for link in README.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        if let Some(anchor) = link.strip_prefix('#') {
            let is_marked = README.contains(&format!("<a id=\"{anchor}\">"));
            assert!(is_marked || headings.iter().any(|heading| heading == anchor), "{link}");
        } else if !link.starts_with("https://") {
            assert!(workspace().join(link).is_file(), "{link}");
        }
    }
}
