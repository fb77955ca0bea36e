//! Tests commands that build concurrently with each other and with cargo: each gets the binary of its own package.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::{env, fs, thread};

use crate::workspace::{Workspace, bootstrap_of, err, out};

const ROUNDS: usize = 5;

/// Returns the files of a package whose binary `bootstrap` prints the package's name.
fn printing(name: &str) -> [(String, String); 2] {
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[[bin]]\nname = \"bootstrap\"\n\
         path = \"src/main.rs\"\n"
    );
    let main = format!("fn main() {{ println!(\"{name}\"); }}\n");
    [(format!("{name}/Cargo.toml"), manifest), (format!("{name}/src/main.rs"), main)]
}

/// Builds zips of both packages concurrently several times, while cargo builds one of the packages, too.
fn assert_zips_hold_their_own(workspace: &Workspace, folders: [&str; 2], target: &Path) {
    let (is_over, mut wrong) = (AtomicBool::new(false), Vec::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
                cargo.args(["build", "--quiet", "--release", "--package", "mail"]).env("CARGO_TARGET_DIR", target);
                cargo.current_dir(workspace.path(folders[1])).stdin(Stdio::null()).stderr(Stdio::null());
                assert!(cargo.status().expect("cargo can be run").success());
            }
        });
        for round in 0..ROUNDS {
            let builds = ["orders", "mail"].into_iter().zip(folders).map(|(package, folder)| {
                let outdir = format!("out-{round}-{package}");
                let arguments = ["build", "--zip", "--package", package, "--outdir", &outdir];
                let mut command = workspace.command_with_own_target(folder, &arguments);
                command.env("CARGO_TARGET_DIR", target).stdout(Stdio::piped()).stderr(Stdio::piped());
                (package, workspace.path(folder).join(outdir), command.spawn().expect("the command can be run"))
            });
            for (package, outdir, build) in builds.collect::<Vec<_>>() {
                let output = build.wait_with_output().expect("it ends");
                let zip = outdir.join("lambda.zip");
                let printed = if output.status.success() { bootstrap_of(&zip) } else { err(&output) };
                // No assertion here, since a panic would not stop the other thread.
                wrong.extend((printed != format!("{package}\n")).then_some((round, package, printed)));
            }
        }
        is_over.store(true, Ordering::Relaxed);
    });
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(left_in(target).is_empty(), "{:?}", left_in(target));
}

/// Returns the folders that builds have left.
fn left_in(target: &Path) -> Vec<String> {
    let entries = fs::read_dir(target.join(".mayfly")).expect("builds were there").flatten();
    let folders = entries.filter(|entry| entry.path().is_dir());
    folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

const RELEASE: &str = "[profile.release]\nopt-level = 0\n";

#[test]
fn concurrent_zips_of_one_workspace_have_their_own_binaries() {
    let workspace = Workspace::new("beside", &[]);
    for (file, text) in printing("orders").into_iter().chain(printing("mail")) {
        workspace.write(&file, &text);
    }
    let manifest = format!("[workspace]\nresolver = \"3\"\nmembers = [\"orders\", \"mail\"]\n\n{RELEASE}");
    workspace.write("Cargo.toml", &manifest);
    assert_zips_hold_their_own(&workspace, ["", ""], &workspace.path("target"));
}

#[test]
fn concurrent_zips_in_one_target_folder_have_their_own_binaries() {
    let workspace = projects();
    assert_zips_hold_their_own(&workspace, ["orders", "mail"], &workspace.path("shared"));
}

#[test]
fn concurrent_zips_have_their_own_binaries_even_if_cargo_has_no_separate_build_directory() {
    let workspace = projects();
    // Cargo takes text in braces for a variable, and an older cargo has no build directory at all.
    assert_zips_hold_their_own(&workspace, ["orders", "mail"], &workspace.path("sha{r}ed"));
    assert!(workspace.path("sha{r}ed/.mayfly-cargo/release").is_dir());
}

fn projects() -> Workspace {
    let workspace = Workspace::new("beside", &[]);
    for (file, text) in printing("orders").into_iter().chain(printing("mail")) {
        let end = if file.ends_with("/Cargo.toml") { format!("\n[workspace]\n\n{RELEASE}") } else { String::new() };
        workspace.write(&file, &(text + &end));
    }
    workspace
}

#[test]
fn the_folders_of_a_killed_command_are_removed_by_the_next() {
    let workspace = Workspace::new("beside", &[]);
    for (file, text) in printing("orders") {
        workspace.write(&file, &text);
    }
    workspace.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"orders\"]\n");
    workspace.write("target/.mayfly/killed/.lock", "");
    workspace.write("target/.mayfly/killed/debug/bootstrap", "");
    workspace.write("target/.mayfly/alive/.lock", "");
    let alive = fs::File::open(workspace.path("target/.mayfly/alive/.lock")).expect("it is there");
    alive.lock().expect("it can be locked");
    let mut command = workspace.command_with_own_target("", &["build", "--debug", "--package", "orders"]);
    let output = command.output().expect("the command can be run");
    assert!(output.status.success(), "{}", err(&output));
    assert_eq!(left_in(&workspace.path("target")), ["alive"]);
}

/// Returns the files of a package whose only handler, `PACKAGE::name`, replies with the package's name.
fn function(name: &str) -> [(String, String); 3] {
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[[bin]]\nname = \"bootstrap\"\n\
         path = \"src/main.rs\"\n\n[dependencies]\nmayfly = {{ path = \"{{mayfly}}\" }}\n\
         serde = {{ version = \"1\", features = [\"derive\"] }}\n"
    );
    let library = "#[mayfly::handler]\npub fn name() -> &'static str { env!(\"CARGO_PKG_NAME\") }\n".to_owned();
    let main = format!("mayfly::main!({});\n", name.replace('-', "_"));
    [
        (format!("{name}/Cargo.toml"), manifest),
        (format!("{name}/src/lib.rs"), library),
        (format!("{name}/src/main.rs"), main),
    ]
}

fn functions() -> Workspace {
    let workspace = Workspace::new("beside", &[]);
    for (file, text) in function("beside-orders").into_iter().chain(function("beside-mail")) {
        workspace.write(&file, &text);
    }
    workspace.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"beside-orders\", \"beside-mail\"]\n");
    workspace.lock("");
    workspace
}

#[test]
fn concurrent_lists_templates_and_invocations_have_their_own_binaries() {
    let workspace = functions();
    for round in 0..ROUNDS {
        let packages = [("beside-orders", "beside_orders::name"), ("beside-mail", "beside_mail::name")];
        let commands = packages.into_iter().flat_map(|(package, handler)| {
            [
                (vec!["invoke", handler], format!("\"{package}\"\n")),
                (vec!["list", "--json", "--package", package], format!("\"{handler}\"")),
                (vec!["template", "--format", "json", "--package", package], format!("\"{handler}\"")),
            ]
        });
        let running = commands.map(|(arguments, expected)| {
            let mut command = workspace.command("", &arguments);
            let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command can be run");
            (arguments, expected, child)
        });
        for (arguments, expected, child) in running.collect::<Vec<_>>() {
            let output = child.wait_with_output().expect("it ends");
            assert!(out(&output).contains(&expected), "round {round}, {arguments:?}: {}{}", out(&output), err(&output));
        }
    }
}
