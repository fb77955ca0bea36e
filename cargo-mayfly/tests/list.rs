//! Tests `cargo mayfly list` on projects with mistakes in their binaries or environment variables.

#[path = "common/outside.rs"]
mod outside;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// The source of a library that depends on mayfly as `lambda`.
const LIBRARY: &str = "use lambda::handler as function;

pub mod orders {
    #[lambda::handler(crate = lambda)]
    pub fn place() {}
}

#[function(crate = lambda)]
pub fn health() {}

#[cfg(feature = \"off\")]
#[function(crate = lambda)]
pub fn later() {}
";

/// Creates a project of that library and this `main.rs`. All projects are built in one folder, so that each binary
/// needs a name of its own.
fn project(bin: &str, main: &str) -> TempDir {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in the workspace");
    let manifest = format!(
        "[package]\nname = \"my-app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [[bin]]\nname = \"{bin}\"\npath = \"src/main.rs\"\n\n[features]\noff = []\n\n\
         [dependencies]\nlambda = {{ package = \"mayfly\", path = \"{}\" }}\n\
         serde = {{ version = \"1\", features = [\"derive\"] }}\n\n[workspace]\n",
        workspace.join("mayfly").display()
    );
    let lock = fs::read_to_string(workspace.join("Cargo.lock")).expect("there is one");
    let folder = TempDir::new().expect("a folder can be made");
    fs::create_dir(folder.path().join("src")).expect("a folder can be made");
    for (file, text) in
        [("Cargo.toml", &*manifest), ("Cargo.lock", &lock), ("src/main.rs", main), ("src/lib.rs", LIBRARY)]
    {
        fs::write(folder.path().join(file), text).expect("a file can be written");
    }
    folder
}

fn list(project: &TempDir, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mayfly"));
    command.arg("list").args(arguments).current_dir(project.path()).stdin(Stdio::null());
    for variable in
        ["_HANDLER", "MAYFLY_HANDLER", "LOGLEVEL", "RUST_LOG", "AWS_LAMBDA_LOG_LEVEL", "AWS_LAMBDA_LOG_FORMAT"]
    {
        command.env_remove(variable);
    }
    for variable in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
        command.env_remove(variable);
    }
    command.envs(outside::variables()).envs(variables.iter().copied());
    command.output().expect("the command can be run")
}

fn warnings(output: &Output) -> Vec<String> {
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{err}");
    err.lines().filter_map(|line| line.strip_prefix("warning: ")).map(str::to_owned).collect()
}

#[test]
fn a_file_that_belongs_to_no_module_is_named() {
    let project = project("my-app-stray", "lambda::main!(my_app);\n");
    let write = |file: &str, text: &str| fs::write(project.path().join(file), text).expect("a file can be written");
    let handlers =
        "#[lambda::handler(crate = lambda)]\npub fn one() {}\n\n#[lambda::handler(crate = lambda)]\npub fn two() {}\n";
    write("src/refunds.rs", handlers);
    write("src/plain.rs", "pub fn three() {}\n");
    write("src/led_to.rs", handlers);
    write("src/lib.rs", &format!("{LIBRARY}\n#[cfg(feature = \"off\")]\nmod led_to;\n"));
    let expected = "there are handlers at src/refunds.rs:2 and at src/refunds.rs:5, but the file belongs to no module: \
                    add `mod refunds;`";
    assert_eq!(warnings(&list(&project, &[], &[])), [expected]);
}

#[test]
fn a_library_that_main_does_not_name_is_reported() {
    // The binary's crate has the library's name, and a handler of its own.
    let unlinked = project("my-app", "lambda::main!();\n\n#[lambda::handler(crate = lambda)]\nfn own() {}\n");
    let expected = "the sources have `my_app::orders::place` (src/lib.rs:5), `my_app::health` (src/lib.rs:9), but the \
                    binary does not: the linker leaves out a library that src/main.rs does not name; write \
                    `lambda::main!(my_app);` there";
    let output = list(&unlinked, &["--json"], &[]);
    assert_eq!(warnings(&output), [expected]);
    let json: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!(json[0]["warnings"], json!([expected]));
    let paths = json[0]["handlers"].as_array().into_iter().flatten().map(|handler| &handler["path"]);
    assert_eq!(paths.collect::<Vec<_>>(), ["my_app::own"]);

    fs::write(unlinked.path().join("src/main.rs"), "lambda::main!(my_app);\n").expect("a file can be written");
    assert_eq!(warnings(&list(&unlinked, &[], &[])), [""; 0]);
}

#[test]
fn environment_variables_with_invalid_values_are_named() {
    let project = project("environment", "lambda::main!(my_app);\n");
    let variables = [
        ("_HANDLER", "my_app::orders::plaze"),
        ("LOGLEVEL", "loud"),
        ("AWS_LAMBDA_LOG_FORMAT", "xml"),
        ("http_proxy", "http://127.0.0.1:1"),
    ];
    assert_eq!(
        warnings(&list(&project, &[], &variables)),
        [
            "the variable _HANDLER is `my_app::orders::plaze`, and no handler of the binary has that name; closest: \
             `my_app::orders::place`; a function would not start",
            "the variable LOGLEVEL is `loud`, which is not a level, and is taken for a module; write `level`, \
             `module` or `module=level`, separated by commas; the levels are off, error, warn, info, debug and trace",
            "the variable AWS_LAMBDA_LOG_FORMAT is `xml`, which is neither JSON nor Text; a function would log text",
            "the variable HTTP_PROXY is set, and NO_PROXY does not exempt localhost: Mayfly uses no proxy, but the \
             clients in your handlers and inits may send requests for servers on this machine to it; set \
             NO_PROXY=localhost,127.0.0.1",
        ]
    );
    let variables = [
        ("_HANDLER", "my_app::orders::place"),
        ("LOGLEVEL", "debug"),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("http_proxy", "http://127.0.0.1:1"),
        ("NO_PROXY", "localhost"),
    ];
    assert_eq!(warnings(&list(&project, &[], &variables)), [""; 0]);

    let own_name = list(&project, &[], &[("_HANDLER", "bootstrap"), ("MAYFLY_HANDLER", "my_app::helth")]);
    assert_eq!(
        warnings(&own_name),
        [
            "the variable _HANDLER is `bootstrap`, and MAYFLY_HANDLER is `my_app::helth`, and no handler of the binary has \
          that name; closest: `my_app::health`; a function would not start"
        ]
    );
    let unset = list(&project, &[], &[("MAYFLY_HANDLER", "my_app::helth")]);
    assert_eq!(
        warnings(&unset),
        ["the variable MAYFLY_HANDLER is `my_app::helth`, and no handler of the binary has that name; closest: \
             `my_app::health`; a function would not start"]
    );
}
