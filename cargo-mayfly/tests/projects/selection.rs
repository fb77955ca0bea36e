//! Tests every command on packages with helper programs, with ambiguous names, and with cargo's own flags.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

use crate::workspace::{Workspace, err, finish, out};

/// Creates a package with the handler `name` in a folder.
fn package(workspace: &Workspace, folder: &str, name: &str, more: &str) {
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [dependencies]\nmayfly = {{ path = \"{{mayfly}}\" }}\nserde = {{ version = \"1\", features = [\"derive\"] }}\n\n\
         [workspace]\n\n{more}"
    );
    workspace.write(&format!("{folder}/Cargo.toml"), &manifest);
    workspace.write(
        &format!("{folder}/src/lib.rs"),
        "#[mayfly::handler(name = \"named\")]\npub fn name() -> &'static str { env!(\"CARGO_PKG_NAME\") }\n",
    );
    workspace.write(&format!("{folder}/src/main.rs"), &format!("mayfly::main!({});\n", name.replace('-', "_")));
    workspace.lock(folder);
}

/// Returns every command that builds, with its required arguments.
fn commands(handler: &str) -> [Vec<&str>; 6] {
    [
        vec!["list"],
        vec!["invoke", handler],
        vec!["build", "--debug", "--zip", "--outdir", "out"],
        vec!["template", "--format", "json"],
        vec!["template", "--check", "functions.json"],
        vec!["dev", "--port", "0"],
    ]
}

/// Returns a template whose only function has this handler.
fn template(handler: &str) -> String {
    let function = format!("{{ \"id\": \"A\", \"handler\": \"{handler}\", \"memory\": 128, \"timeout\": 3 }}");
    format!("{{ \"artifact\": \"lambda.zip\", \"runtime\": \"provided.al2023\", \"functions\": [{function}] }}")
}

fn assert_fine(output: &Output, arguments: &[&str]) {
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", err(output));
}

#[test]
fn helper_programs_are_skipped_by_every_command_and_never_run() {
    let workspace = Workspace::new("helpers", &[]);
    let targets = "[features]\ndb = []\n\n[[bin]]\nname = \"helped\"\npath = \"src/main.rs\"\n\n\
                   [[bin]]\nname = \"seed\"\npath = \"src/seed.rs\"\nrequired-features = [\"db\"]\n";
    package(&workspace, "helped", "helped", targets);
    let helper = "fn main() { std::fs::write(\"was-run\", \"\").unwrap(); }\n";
    workspace.write("helped/src/bin/migrate.rs", helper);
    workspace.write("helped/src/seed.rs", helper);
    workspace.write("helped/functions.json", &template("helped::name"));
    for features in [&[][..], &["--features", "db"]] {
        for handler in ["helped::name", "named"] {
            for command in commands(handler) {
                let arguments = [&command, features].concat();
                let output = workspace.run("helped", &arguments);
                assert_fine(&output, &arguments);
                let said = out(&output) + &err(&output);
                let expected = if command[0] == "invoke" { "\"helped\"" } else { "" };
                assert!(said.contains(expected) && !said.contains("does not list handlers"), "{arguments:?}: {said}");
                let helpers = said.matches("skipped: --package helped --bin ").count();
                let are_named = matches!(command[0], "build" | "dev");
                assert_eq!(helpers, if are_named { 1 + features.len() / 2 } else { 0 }, "{arguments:?}: {said}");
            }
        }
    }
    assert!(workspace.path("helped/out/lambda.zip").is_file(), "the zip has the same name as without helpers");
    assert!(!workspace.path("helped/was-run").exists(), "a helper was run");
}

#[test]
fn a_named_binary_with_disabled_features_is_refused_with_the_flag_that_enables_them() {
    let workspace = Workspace::new("helpers", &[]);
    let targets = "[features]\ndb = []\nfast = []\n\n\
                   [[bin]]\nname = \"seed\"\npath = \"src/main.rs\"\nrequired-features = [\"db\", \"fast\"]\n";
    package(&workspace, "off", "off", targets);
    workspace.write("off/functions.json", &template("off::name"));
    let expected = "error: the binary `seed` of package `off` requires the features `db`, which are disabled: enable \
                    them \
                    with --features db\n";
    for command in commands("off::name") {
        let arguments = [&command[..], &["--bin", "seed", "--features", "fast"]].concat();
        let output = workspace.run("off", &arguments);
        assert_eq!((output.status.code(), err(&output).as_str()), (Some(2), expected), "{arguments:?}");
    }
}

#[test]
fn a_package_may_have_the_name_of_a_dependency_and_be_in_any_folder() {
    let workspace = Workspace::new("names", &[]);
    let folder = "a b#c%20+ä[d]";
    package(&workspace, folder, "libc", "");
    workspace.write(&format!("{folder}/functions.json"), &template("libc::name"));
    for command in commands("libc::name") {
        assert_fine(&workspace.run(folder, &command), &command);
    }
    let chosen = workspace.run(folder, &["list", "--package", "libc", "--bin", "libc"]);
    assert_fine(&chosen, &["list"]);
}

/// A cargo that records its arguments; it returns metadata, but builds nothing.
const CARGO: &str = "#!/bin/sh\necho \"$@\" >>\"$CALLS\"\n[ \"$1\" = metadata ] && exec \"$REAL\" \"$@\"\nexit 1\n";

#[test]
fn cargos_own_flags_reach_cargo_from_every_command() {
    let workspace = Workspace::new("flags", &[]);
    package(&workspace, "flags", "flags", "[profile.small]\ninherits = \"release\"\n");
    workspace.write("flags/functions.json", &template("flags::name"));
    workspace.write("cargo", CARGO);
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(workspace.path("cargo"), executable).expect("it can be made executable");
    let manifest = workspace.path("flags/Cargo.toml").display().to_string();
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    for (flag, value, of_metadata) in [
        ("--locked", None, true),
        ("--offline", None, true),
        ("--frozen", None, true),
        ("--manifest-path", Some(&*manifest), true),
        ("--profile", Some("small"), false),
        ("--target", Some(&target), false),
        ("--quiet", None, false),
        ("--features", Some("flags/x"), false),
        ("--all-features", None, false),
        ("--no-default-features", None, false),
    ] {
        for command in commands("flags::name") {
            let command: Vec<_> = command.into_iter().filter(|argument| *argument != "--debug").collect();
            let flags: Vec<_> = [Some(flag), value].into_iter().flatten().collect();
            workspace.write("calls", "");
            let mut cargo = workspace.command("flags", &[&command, &flags[..]].concat());
            cargo
                .env("CALLS", workspace.path("calls"))
                .env("REAL", env!("CARGO"))
                .env("CARGO", workspace.path("cargo"));
            let output = finish(cargo);
            assert_eq!(output.status.code(), Some(2), "{command:?} {flag}: {}", err(&output));
            let calls = fs::read_to_string(workspace.path("calls")).expect("cargo was called");
            let calls: Vec<_> = calls.lines().map(|call| call.split(' ').collect::<Vec<_>>()).collect();
            let has_flag = |call: &Vec<&str>| call.windows(flags.len()).any(|words| words == flags);
            let (metadata, builds): (Vec<_>, Vec<_>) = calls.iter().partition(|call| call[0] == "metadata");
            assert!(!builds.is_empty() && builds.iter().all(|call| has_flag(call)), "{command:?} {flag}: {calls:?}");
            assert!(!of_metadata || metadata.iter().all(|call| has_flag(call)), "{command:?} {flag}: {calls:?}");
        }
    }
}

#[test]
fn a_lock_file_that_would_change_is_an_error_of_every_command() {
    let workspace = Workspace::new("locked", &[]);
    package(&workspace, "locked", "locked", "");
    workspace.write("locked/functions.json", &template("locked::name"));
    fs::remove_file(workspace.path("locked/Cargo.lock")).expect("it is there");
    for command in commands("locked::name") {
        for flag in ["--locked", "--frozen"] {
            let output = workspace.run("locked", &[&command[..], &[flag]].concat());
            assert_eq!(output.status.code(), Some(2), "{command:?}: {}", err(&output));
            assert!(err(&output).contains(flag), "{command:?}: {}", err(&output));
            assert!(!workspace.path("locked/Cargo.lock").exists(), "{command:?} {flag}");
        }
    }
}

#[test]
fn a_quiet_command_prints_only_its_result() {
    let workspace = Workspace::new("quiet", &[]);
    package(&workspace, "quiet", "quiet", "");
    workspace.write("quiet/src/bin/helper.rs", "fn main() {}\n");
    let manifest = workspace.path("quiet/Cargo.toml").display().to_string();
    workspace.write("elsewhere/functions.json", &template("quiet::name"));
    for command in commands("quiet::name").into_iter().filter(|command| !matches!(command[0], "dev" | "invoke")) {
        let output = workspace.run("elsewhere", &[&command[..], &["--quiet", "--manifest-path", &manifest]].concat());
        assert_fine(&output, &command);
        assert_eq!(err(&output), "", "{command:?}");
        assert!(!output.stdout.is_empty(), "{command:?}");
    }
}

#[test]
fn flags_that_contradict_each_other_are_refused() {
    let workspace = Workspace::new("contradictions", &[]);
    package(&workspace, "both", "both", "");
    for (arguments, expected) in [
        (
            &["list", "--release", "--profile", "dev"][..],
            "error: the argument '--release' cannot be used with '--profile",
        ),
        (&["dev", "--profile", "dev", "--release"], "cannot be used with"),
        (&["build", "--debug", "--profile", "dev"], "error: the argument '--debug' cannot be used with '--profile"),
        (&["list", "--workspace", "--package", "both"], "cannot be used with"),
        (
            &["build", "--arm64", "--target", "x86_64-unknown-linux-gnu"],
            "error: --target x86_64-unknown-linux-gnu is for x86_64, but a flag asks for arm64: remove one of them\n",
        ),
        (
            &["build", "--target", "riscv64gc-unknown-linux-gnu"],
            "error: --target is `riscv64gc-unknown-linux-gnu`, and Lambda runs x86_64-unknown-linux-gnu and \
             aarch64-unknown-linux-gnu\n",
        ),
        (
            &["list", "--manifest-path", "nowhere/Cargo.toml"],
            "error: cargo cannot read the project: manifest path `nowhere/Cargo.toml` does not exist\n",
        ),
    ] {
        let output = workspace.run("both", arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(err(&output).contains(expected), "{arguments:?}: {}", err(&output));
    }
    for flag in [
        &["--locked"][..],
        &["--offline"],
        &["--frozen"],
        &["--workspace"],
        &["--profile", "dev"],
        &["--target", "x86_64-unknown-linux-gnu"],
        &["--manifest-path", "Cargo.toml"],
    ] {
        let output = workspace.run("both", &[&["invoke", "a::b", "--url", "http://127.0.0.1:1"], flag].concat());
        assert!(
            err(&output).contains("cannot be used with '--url <URL>'")
                || err(&output).contains("'--url <URL>' cannot be used with"),
            "{flag:?}: {}",
            err(&output)
        );
    }
}

/// Creates a crate that re-exports mayfly, in the workspace or outside of it, and a package that depends only on that
/// crate.
fn behind_a_facade(workspace: &Workspace, is_member: bool) {
    let facade = "[package]\nname = \"facade\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
                  [dependencies]\nmayfly = { path = \"{mayfly}\" }\n\
                  serde = { version = \"1\", features = [\"derive\"] }\n";
    let folder = if is_member { "shop/facade" } else { "facade" };
    let own = if is_member { "" } else { "\n[workspace]\n" };
    workspace.write(&format!("{folder}/Cargo.toml"), &format!("{facade}{own}"));
    workspace.write(&format!("{folder}/src/lib.rs"), "pub use mayfly;\n");
    let (path, members) = if is_member { ("facade", "members = [\"facade\"]") } else { ("../facade", "") };
    workspace.write(
        "shop/Cargo.toml",
        &format!(
            "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
             [dependencies]\nfacade = {{ path = \"{path}\" }}\n\n[workspace]\n{members}\n"
        ),
    );
    workspace.write(
        "shop/src/main.rs",
        "#[facade::mayfly::handler(crate = facade::mayfly)]\nfn open() -> &'static str { \"shop\" }\n\n\
         facade::mayfly::main!();\n",
    );
    workspace.lock("shop");
}

#[test]
fn a_package_that_depends_on_mayfly_through_a_facade_is_selected_by_every_command() {
    for is_member in [true, false] {
        let workspace = Workspace::new("facade", &[]);
        behind_a_facade(&workspace, is_member);
        workspace.write("shop/functions.json", &template("shop::open"));
        for command in commands("shop::open") {
            let output = workspace.run("shop", &command);
            assert_fine(&output, &command);
            let said = out(&output) + &err(&output);
            assert!(!said.contains("does not use mayfly"), "{command:?}: {said}");
        }
    }
}

#[test]
fn a_handler_that_no_binary_has_is_named_with_the_closest_ones() {
    let workspace = Workspace::new("two", &[]);
    package(&workspace, "two", "two", "");
    workspace.write("two/src/bin/other.rs", "mayfly::main!(two);\n");
    let output = workspace.run("two", &["invoke", "two::nama"]);
    assert_eq!(output.status.code(), Some(2));
    let expected = "error: no binary has a handler `two::nama`; closest: `two::name`; the binaries are: \
                    --package two --bin other, --package two --bin two";
    assert!(err(&output).contains(expected), "{}", err(&output));
}
