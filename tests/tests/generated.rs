//! Generated code in other crates: three editions, strict lints, another name for Mayfly, no `async`.
//!
//! The sources are in `lints/`; the test writes packages around them to Cargo's temporary directory, with this
//! repository's lock file, so that cargo fetches nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;
use std::{env, fs};

use mayfly_tests::{Delivery, Process, RuntimeApi, cargo_mayfly};
use serde_json::{Value, json};

#[path = "../../cargo-mayfly/tests/common/outside.rs"]
mod outside;

/// The workspace that holds the packages.
static WORKSPACE: LazyLock<PathBuf> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lints");
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are in the repository");
    let mayfly = format!("path = '{}'", repository.join("mayfly").display());
    let ordinary = format!("mayfly = {{ {mayfly} }}\nserde = {{ version = '1', features = ['derive'] }}");
    package(&root, "edition2018", "2018", "handlers.rs", &ordinary);
    package(&root, "edition2021", "2021", "handlers.rs", &ordinary);
    package(&root, "edition2024", "2024", "handlers.rs", &ordinary);
    for edition in EDITIONS {
        generated(&root, &format!("keywords{edition}"), edition, &keywords(edition), &ordinary);
    }
    let (_, handlers) =
        include_str!("../lints/handlers.rs").split_once("\nuse ").expect("the lints come before the code");
    let bare: String = handlers.lines().map(without_our_attribute).collect();
    generated(&root, "ours", "2024", &format!("use {handlers}"), &ordinary);
    generated(&root, "bare", "2024", &format!("use {bare}"), &ordinary);
    shadowed(&root, &format!("mayfly = {{ {mayfly} }}"));
    two_copies(&root, repository, &format!("mayfly = {{ {mayfly} }}"));
    package(&root, "renamed", "2021", "renamed.rs", &format!("lambda = {{ package = 'mayfly', {mayfly} }}"));
    let routes =
        format!("mayfly = {{ {mayfly}, features = ['axum'] }}\naxum = {{ version = '0.8', default-features = false }}");
    for edition in EDITIONS {
        package(&root, &format!("routes{edition}"), edition, "routes.rs", &routes);
    }
    package(&root, "no-axum", "2024", "no_axum.rs", &format!("mayfly = {{ {mayfly} }}"));
    package(&root, "no-async", "2024", "no_async.rs", &format!("mayfly = {{ {mayfly}, default-features = false }}"));
    write(
        &root.join("Cargo.toml"),
        "[workspace]\nresolver = '2'\nmembers = ['*', 'shadows/*']\nexclude = ['other', 'shadows', 'target']\n",
    );
    fs::copy(repository.join("Cargo.lock"), root.join("Cargo.lock")).expect("the repository has a lock file");
    root
});

fn package(root: &Path, name: &str, edition: &str, source: &str, dependencies: &str) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("lints").join(source);
    let target = format!("[[bin]]\nname = '{name}'\npath = '{}'", source.display());
    write(&root.join(name).join("Cargo.toml"), &manifest(name, edition, &target, dependencies));
}

/// Writes a package with this source.
fn generated(root: &Path, name: &str, edition: &str, source: &str, dependencies: &str) {
    write(&root.join(name).join("Cargo.toml"), &manifest(name, edition, "", dependencies));
    write(&root.join(name).join("src/main.rs"), source);
}

fn manifest(name: &str, edition: &str, target: &str, dependencies: &str) -> String {
    format!(
        "[package]\nname = '{name}'\nversion = '0.0.0'\nedition = '{edition}'\n\n{target}\n\n\
         [dependencies]\n{dependencies}\n"
    )
}

/// Returns a line of `handlers.rs` without Mayfly's attribute.
fn without_our_attribute(line: &str) -> String {
    if line.trim_start().starts_with("#[mayfly::") { "// here\n".to_owned() } else { format!("{line}\n") }
}

const EDITIONS: [&str; 3] = ["2018", "2021", "2024"];

/// Reserved, formerly reserved and contextual words with the first edition in which they cannot be names; the last line
/// has names that generated code uses itself.
const WORDS: [(&str, &str); 5] = [
    (
        "2015",
        "abstract as become box break const continue do else enum extern false final fn for if impl in let loop macro \
         match mod move mut override priv pub ref return static struct trait true type typeof unsafe unsized use \
         virtual where while yield",
    ),
    ("2018", "async await dyn try"),
    ("2024", "gen"),
    ("9999", "auto default macro_rules raw safe union"),
    ("9999", "executor invocation next run"),
];

/// Lists each word with its edition.
fn words() -> impl Iterator<Item = (&'static str, &'static str)> {
    WORDS.iter().flat_map(|(since, words)| words.split(' ').map(move |word| (word, *since)))
}

/// Writes a handler and an init for each of these names, as that edition spells it.
fn keywords(edition: &str) -> String {
    let functions = words().enumerate().map(|(number, (word, since))| {
        let name = if since <= edition { format!("r#{word}") } else { word.to_owned() };
        format!(
            "pub struct Made{number};\n\
             #[mayfly::handler]\npub fn {name}(_: u8, _: mayfly::State<Made{number}>) {{}}\n\
             pub mod {name} {{\n    #[mayfly::init]\n    pub async fn {name}() -> super::Made{number} {{\n        \
             super::Made{number}\n    }}\n}}\n\
             pub mod around{number} {{\n    #[mayfly::around]\n    pub fn {name}(_: &mayfly::Invocation<'_>, \
             next: mayfly::Next<'_>) -> Result<mayfly::around::Reply, mayfly::Error> {{\n        \
             next.run_blocking()\n    }}\n    #[mayfly::handler(around = {name}, name = \"inside{number}\")]\n    \
             pub fn inside() {{}}\n}}\n"
        )
    });
    format!("#![deny(warnings)]\n{}mayfly::main!();\n", functions.collect::<String>())
}

/// The names of crates that generated code could refer to by mistake. (A crate called `std` breaks its users with or
/// without Mayfly.)
const SHADOWS: [&str; 8] = ["alloc", "core", "inventory", "log", "mayfly_macros", "serde", "serde_json", "tokio"];

/// Writes a package that depends on packages of all these names, each with a handler and an init.
fn shadowed(root: &Path, mayfly: &str) {
    let source = "#[mayfly::init]\npub fn state() -> u8 {\n    3\n}\n\n\
                  #[mayfly::handler]\npub async fn process(event: u8, _: mayfly::State<u8>) -> Result<u8, String> {\n    \
                  Ok(event)\n}\n";
    for name in SHADOWS {
        let folder = root.join("shadows").join(name);
        write(&folder.join("Cargo.toml"), &manifest(name, "2021", "", mayfly));
        write(&folder.join("src/lib.rs"), source);
    }
    let dependencies = SHADOWS.map(|name| format!("{name} = {{ path = '../shadows/{name}' }}\n")).concat();
    let main = format!("{source}\nmayfly::main!({});\n", SHADOWS.join(", "));
    generated(root, "shadowed", "2021", &main, &format!("{mayfly}\n{dependencies}"));
}

/// The lines of the manifests that refer to the workspace, with their replacements in the copies of another version.
const SHARED: [(&str, &str); 9] = [
    ("version.workspace = true", "version = '0.2.0'"),
    ("edition.workspace = true", "edition = '2024'"),
    ("license.workspace = true", ""),
    ("publish.workspace = true", ""),
    ("[lints]\nworkspace = true", "[lints.rust]\nunexpected_cfgs = 'allow'"),
    ("mayfly-macros.workspace = true", "mayfly-macros = { path = '../mayfly-macros' }"),
    ("serde.workspace = true", "serde = { version = '1', default-features = false }"),
    ("serde_json.workspace = true", "serde_json = '1'"),
    ("{ workspace = true, optional", "{ version = '1', default-features = false, optional"),
];

/// Writes binaries on this version of Mayfly with a library on another: the same sources under another number.
fn two_copies(root: &Path, repository: &Path, mayfly: &str) {
    let other = root.join("other");
    for package in ["mayfly", "mayfly-macros"] {
        let (from, to) = (repository.join(package), other.join(package));
        let whole = fs::read_to_string(from.join("Cargo.toml")).expect("there is a manifest");
        let own = whole.split("[dev-dependencies]").next().unwrap_or_default().to_owned();
        let own = SHARED.iter().fold(own, |own, (shared, instead)| own.replace(shared, instead));
        assert!(!own.contains("workspace"), "{own}");
        write(&to.join("Cargo.toml"), &own);
        copy_sources(&from.join("src"), &to.join("src"));
    }

    let library = "mayfly = { path = '../other/mayfly', default-features = false }";
    write(&root.join("elsewhere/Cargo.toml"), &manifest("elsewhere", "2024", "", library));
    write(&root.join("elsewhere/src/lib.rs"), "#[mayfly::handler]\npub fn place() -> u8 {\n    1\n}\n");
    let both = format!("{mayfly}\nelsewhere = {{ path = '../elsewhere' }}");
    generated(root, "none-here", "2024", "mayfly::main!(elsewhere);\n", &both);
    let one = "#[mayfly::handler]\nfn here() -> u8 {\n    2\n}\n\nmayfly::main!(elsewhere);\n";
    generated(root, "one-here", "2024", one, &both);
}

fn copy_sources(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder can be made");
    for source in fs::read_dir(from).expect("there are sources") {
        let source = source.expect("a source has a name");
        let to = to.join(source.file_name());
        if source.path().is_dir() {
            copy_sources(&source.path(), &to);
        } else {
            fs::copy(source.path(), to).expect("a source can be copied");
        }
    }
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("every file has a folder")).expect("the folder can be made");
    fs::write(path, text).expect("the file can be written");
}

fn cargo(arguments: &[&str]) -> Output {
    prepared(Path::new(env!("CARGO"))).args(arguments).output().expect("cargo can be started")
}

/// Returns the path of the executable of a package.
fn executable(package: &str) -> PathBuf {
    outside::executables().join("debug").join(package).with_extension(env::consts::EXE_EXTENSION)
}

/// Prepares a program that builds packages of the workspace.
fn prepared(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(&*WORKSPACE).envs(outside::variables()).env_remove("RUSTFLAGS");
    command
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Builds the binary of a package and returns its registry.
fn registry(package: &str) -> Value {
    let output = cargo(&["build", "--package", package]);
    assert!(output.status.success(), "{package} does not compile:\n{}", stderr(&output));
    let output = Command::new(executable(package)).env("MAYFLY_LIST", "json").output().expect("the binary runs");
    serde_json::from_slice(&output.stdout).expect("the registry is JSON")
}

/// Returns one member of every entry in a list.
fn column(entries: &Value, member: &str) -> Value {
    entries.as_array().expect("a list").iter().map(|entry| entry[member].clone()).collect()
}

/// Returns the line of a text in `handlers.rs`, as `line!` counts.
fn line_of(text: &str) -> usize {
    let source = include_str!("../lints/handlers.rs");
    1 + source.lines().position(|line| line.contains(text)).expect("the text is in the source")
}

#[test]
fn every_edition_compiles_without_a_warning_and_registers_the_same() {
    for edition in ["edition2018", "edition2021", "edition2024"] {
        let mut registry = registry(edition);
        let batches = ["batch_of_dynamodb", "batch_of_kafka", "batch_of_kinesis", "batch_of_old", "batch_of_sqs"];
        let others = [
            "boxed",
            "lent",
            "nothing",
            "old",
            "process",
            "quiet",
            "streamed",
            "surrounded",
            "surrounded_once",
            "surrounded_twice",
            "type::match",
            "written",
        ];
        let paths: Vec<_> = batches.iter().chain(&others).map(|path| format!("{edition}::{path}")).collect();
        assert_eq!(column(&registry["handlers"], "path"), json!(paths));

        let mut process = registry["handlers"][batches.len() + 4].take();
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
fn a_handler_without_an_event_has_none_in_the_registry() {
    let registry = registry("edition2024");
    let handlers: Value = registry["handlers"].as_array().expect("a list").iter().skip(5).cloned().collect();
    let handlers = &handlers;
    assert_eq!(
        column(handlers, "event"),
        json!([
            "Vec<Option<u8>>",
            "Order<'a>",
            null,
            "String",
            "Order<'_>",
            "u8",
            "u32",
            null,
            "u8",
            null,
            "u8",
            "String"
        ])
    );
    let boxed = "Result<(), Box<dyn StdError + Send + Sync>>";
    let streamed = ["Stream", "()", "()", "()", "u8", "Result<Stream, Error>"];
    let replies = [boxed, "Cow<'a, str>", "()", "()", "Result<String, Error>", "usize"];
    assert_eq!(column(handlers, "reply"), json!([&replies[..], &streamed].concat()));
}

#[test]
fn a_batch_function_has_its_source_in_the_registry() {
    let registry = registry("edition2024");
    let handlers: Value = registry["handlers"].as_array().expect("a list").iter().take(6).cloned().collect();
    assert_eq!(column(&handlers, "batch"), json!(["dynamodb", "kafka", "kinesis", "sqs", "sqs", null]));
    assert_eq!(column(&handlers, "async"), json!([true, false, false, true, true, true]));
    let events = ["DynamoDb<Vec<(String, u8)>>", "Kafka<String>", "Kinesis<Text>", "Sqs<u8>"];
    let nested = ["Sqs<Sns<EventBridge<Bytes>>>", "Vec<Option<u8>>"];
    assert_eq!(column(&handlers, "event"), json!([&events[..], &nested].concat()));
    let needs = json!([[], [], ["edition2024::Prices"], [], ["u64", "edition2024::Prices"], []]);
    assert_eq!(column(&handlers, "needs"), needs);
}

#[test]
fn mayfly_is_found_under_another_name() {
    let registry = registry("renamed");
    let paths = ["batch", "batch_through_a_reexport", "direct", "surrounded", "through_a_macro", "through_a_reexport"];
    assert_eq!(column(&registry["handlers"], "path"), json!(paths.map(|path| format!("renamed::{path}"))));
    assert_eq!(column(&registry["handlers"], "needs"), json!([["u32"], [], ["u32"], [], [], ["u32"]]));
}

#[test]
fn clippy_finds_nothing() {
    let output = cargo(&["clippy", "--no-deps", "--package", "edition2024", "--package", "renamed"]);
    assert!(output.status.success(), "{}", stderr(&output));
}

/// Lists all lints of the compiler and all groups of clippy, as their flags take them.
fn every_lint() -> Vec<String> {
    let groups = ["all", "pedantic", "nursery", "restriction", "cargo"].map(|group| format!("clippy::{group}"));
    groups.into_iter().chain(lints_of_the_compiler()).collect()
}

/// Lists the lints that `rustc -W help` shows, one a line, with a level.
fn lints_of_the_compiler() -> Vec<String> {
    let help = Command::new("rustc").args(["-W", "help"]).output().expect("the compiler can be started").stdout;
    let help = String::from_utf8(help).expect("its help is text");
    let lints = help.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let (name, level) = (words.next()?, words.next()?);
        ["allow", "warn", "deny"].contains(&level).then(|| name.replace('-', "_"))
    });
    let lints: Vec<_> = lints.collect();
    assert!(lints.len() > 200, "{lints:?}");
    lints
}

/// The code of a lint or an error, its line in `main.rs`, and its text.
type Complaint = (String, u64, String);

/// Runs `cargo clippy` on a package with each lint under this flag of the compiler, and returns the complaints.
fn complaints(package: &str, flag: &str, lints: &[String]) -> BTreeSet<Complaint> {
    let flags: Vec<_> = lints.iter().flat_map(|lint| [flag, lint]).collect();
    let json = ["clippy", "--package", package, "--message-format", "json", "--"];
    let output = cargo(&[&json, flags.as_slice()].concat());
    let messages = output.stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok());
    messages
        .filter_map(|message: Value| {
            let message = &message["message"];
            let code = message["code"]["code"].as_str()?.to_owned();
            let line = message["spans"][0]["line_start"].as_u64().unwrap_or_default();
            Some((code, line, message["rendered"].as_str().unwrap_or_default().to_owned()))
        })
        .collect()
}

fn places(complaints: &BTreeSet<Complaint>) -> BTreeSet<(String, u64)> {
    complaints.iter().map(|(code, line, _)| (code.clone(), *line)).collect()
}

#[test]
fn an_attribute_of_mayfly_adds_no_complaint_of_any_lint() {
    let lints = every_lint();
    let bare = places(&complaints("bare", "-W", &lints));
    assert!(bare.iter().any(|(code, _)| code == "clippy::missing_inline_in_public_items"), "{bare:?}");
    let ours = complaints("ours", "-W", &lints);
    let added: Vec<_> = ours.iter().filter(|(code, line, _)| !bare.contains(&(code.clone(), *line))).collect();
    assert!(added.is_empty(), "{added:#?}");

    // The attribute hides only complaints that would be wrong.
    let ours = places(&ours);
    let hidden: BTreeSet<_> = bare.difference(&ours).map(|(code, _)| code.as_str()).collect();
    assert_eq!(hidden, ["clippy::needless_pass_by_value", "dead_code"].into());
}

#[test]
fn an_attribute_of_mayfly_overrules_no_forbidden_lint_of_the_compiler() {
    // The registration by `inventory` has its own `allow`.
    let lints: Vec<_> = lints_of_the_compiler().into_iter().filter(|lint| lint != "non_upper_case_globals").collect();
    let bare = places(&complaints("bare", "-F", &lints));
    assert!(bare.iter().any(|(code, _)| code == "E0453"), "serde overrules some: {bare:?}");
    let ours = complaints("ours", "-F", &lints);
    let ours = ours.iter().filter(|(code, line, _)| code == "E0453" && !bare.contains(&(code.clone(), *line)));
    let added: Vec<_> = ours.map(|(.., rendered)| rendered.as_str()).collect();
    assert!(added.is_empty(), "{}", added.concat());
}

const COPIES: &str = " has 2 copies of mayfly (0.1.0, 0.2.0), and what is registered with one is unknown to the others";

/// Whether a text has this message, with the versions in either order: at run time it is that of the executable.
fn names_the_copies(text: &str) -> bool {
    text.contains(COPIES) || text.contains(&COPIES.replace("0.1.0, 0.2.0", "0.2.0, 0.1.0"))
}

#[test]
fn a_binary_with_two_copies_of_mayfly_says_so_when_a_handler_is_not_found() {
    for package in ["none-here", "one-here"] {
        registry(package);
        let api = RuntimeApi::start();
        let process = Process::of(&executable(package)).handler("elsewhere::place").api(&api).start();
        let message = api.init_error().text("errorMessage");
        assert!(names_the_copies(&message) && !message.contains("mayfly::main!"), "{message}");
        assert_eq!(process.exit().code, Some(1));
    }
    let api = RuntimeApi::start();
    let _process = Process::of(&executable("none-here")).api(&api).start();
    let text = api.reply(&Delivery::json("{}")).json().to_string();
    assert!(text.contains("Please set _HANDLER") && names_the_copies(&text), "{text}");
}

#[test]
fn the_command_reports_two_copies_of_mayfly() {
    let mayfly = |arguments: &[&str]| prepared(&cargo_mayfly()).args(arguments).output().expect("the command runs");
    for package in ["none-here", "one-here"] {
        let output = mayfly(&["list", "--package", package]);
        assert_eq!(stderr(&output).matches("warning: ").count(), 1, "{}", stderr(&output));
        assert!(stderr(&output).contains(COPIES), "{}", stderr(&output));
        assert!(!String::from_utf8_lossy(&output.stdout).contains("mayfly::main!"), "{output:?}");
        let output = mayfly(&["invoke", "--package", package, "elsewhere::place"]);
        assert!(stderr(&output).contains(&format!("warning: the binary{COPIES}")), "{}", stderr(&output));
    }
    let output = mayfly(&["build", "--package", "one-here", "--debug", "--outdir", "target/built", "--force"]);
    assert!(stderr(&output).contains(&format!("warning: the binary{COPIES}")), "{}", stderr(&output));
}

#[test]
fn every_word_of_every_edition_can_be_the_name_of_a_function() {
    for edition in EDITIONS {
        let package = format!("keywords{edition}");
        let registry = registry(&package);
        let paths = words().map(|(word, _)| format!("{package}::{word}"));
        let inside = words().enumerate().map(|(number, _)| format!("{package}::around{number}::inside"));
        let mut paths: Vec<_> = paths.chain(inside).collect();
        paths.sort();
        assert_eq!(column(&registry["handlers"], "path"), json!(paths));
        let mut paths: Vec<_> = words().map(|(word, _)| format!("{package}::{word}::{word}")).collect();
        paths.sort();
        assert_eq!(column(&registry["inits"], "path"), json!(paths));
    }
}

#[test]
fn a_crate_can_have_the_name_of_a_dependency_of_mayfly() {
    let registry = registry("shadowed");
    let mut paths: Vec<_> = SHADOWS.iter().chain(&["shadowed"]).map(|name| format!("{name}::process")).collect();
    paths.sort();
    assert_eq!(column(&registry["handlers"], "path"), json!(paths));
}

#[test]
fn every_edition_compiles_routes_without_a_warning() {
    for edition in EDITIONS {
        let registry = registry(&format!("routes{edition}"));
        let handlers = &registry["handlers"];
        let patterns = [Value::Null, json!("/orders"), json!("/"), json!("/orders/{id}"), json!("/orders/{id}")];
        let others = [json!("/quiet"), Value::Null, json!("/match")];
        assert_eq!(column(handlers, "pattern"), json!([&patterns[..], &others].concat()));
    }
    let output = cargo(&["clippy", "--no-deps", "--package", "routes2024"]);
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn attributes_without_their_features_get_one_error_that_names_the_feature() {
    let output = cargo(&["check", "--package", "no-axum", "--message-format", "short"]);
    let stderr = stderr(&output);
    let mut errors: Vec<&str> = stderr
        .lines()
        .filter_map(|line| Some(line.split_once("no_axum.rs:")?.1))
        .filter(|line| line.contains("error"))
        .collect();
    errors.sort_unstable();
    let expected = [
        "10:1: error: `#[mayfly::get]` needs the feature `axum` of mayfly",
        "15:1: error: `#[mayfly::route]` needs the feature `axum` of mayfly",
        "20:1: error: `#[mayfly::shutdown]` needs the feature `shutdown` of mayfly",
        "5:1: error: `#[mayfly::service]` needs the feature `http` of mayfly",
    ];
    assert_eq!(errors, expected, "{stderr}");
}

const NEEDS_FEATURE: &str = ": error: an `async fn` handler or init needs the feature `async` of mayfly";

#[test]
fn an_async_fn_without_the_feature_gets_one_error_that_names_it() {
    let output = cargo(&["check", "--package", "no-async", "--message-format", "short"]);
    let stderr = stderr(&output);
    let mut places: Vec<&str> =
        stderr.lines().filter_map(|line| line.split_once("no_async.rs:")?.1.strip_suffix(NEEDS_FEATURE)).collect();
    places.sort_unstable();
    assert_eq!(places, ["12:10", "20:10", "7:10"], "{stderr}");
    let around = "no_async.rs:24:1: error: an `async fn` around function needs the feature `async` of mayfly";
    assert!(stderr.contains(around), "{stderr}");
    assert!(stderr.contains("due to 4 previous errors"), "{stderr}");
}
