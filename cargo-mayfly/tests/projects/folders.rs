//! Tests which package and which configuration commands use in the folders of a workspace.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

use crate::workspace::{QUICK, Workspace, bootstrap_of, err, finish, out};

const MAIN: &str =
    "fn main() { println!(\"{}{}\", env!(\"CARGO_PKG_NAME\"), if cfg!(here) { \" here\" } else { \"\" }); }\n";

/// Creates the members `orders` and `mail`, of which `mail` is the default member. They depend on a package named
/// mayfly, so that their binaries may have handlers.
fn members() -> Workspace {
    let workspace = Workspace::new("folders", &[]);
    let members = "[workspace]\nresolver = \"3\"\nmembers = [\"orders\", \"mail\", \"mayfly\"]\n\
                   default-members = [\"mail\", \"mayfly\"]\n";
    workspace.write("Cargo.toml", members);
    let package = |name: &str| format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n");
    workspace.write("mayfly/Cargo.toml", &package("mayfly"));
    workspace.write("mayfly/src/lib.rs", "");
    for name in ["orders", "mail"] {
        let rest = "[[bin]]\nname = \"bootstrap\"\npath = \"src/main.rs\"\n\n[dependencies]\nmayfly.path = \"../mayfly\"\n\n\
                    [lints.rust]\nunexpected_cfgs = \"allow\"\n";
        workspace.write(&format!("{name}/Cargo.toml"), &(package(name) + rest));
        workspace.write(&format!("{name}/src/main.rs"), MAIN);
    }
    workspace
}

fn build(workspace: &Workspace, folder: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = workspace.command_with_own_target(folder, &[&["build", "--zip", "--force"], arguments].concat());
    command.envs(variables.iter().copied());
    succeed(command)
}

/// Builds with the profiles of the workspace.
fn build_by_profile(workspace: &Workspace, folder: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = workspace.command_with_own_target(folder, &[&["build", "--zip", "--force"], arguments].concat());
    for (variable, _) in QUICK {
        command.env_remove(variable);
    }
    command.envs(variables.iter().copied());
    succeed(command)
}

fn succeed(command: Command) -> Output {
    let shown = format!("{command:?}");
    let output = finish(command);
    assert_eq!(output.status.code(), Some(0), "{shown}: {}", err(&output));
    output
}

#[test]
fn in_the_folder_of_a_member_its_package_and_configuration_count() {
    let workspace = members();
    let configuration = "[build]\nrustflags = [\"--cfg\", \"here\"]\n\n[profile.release]\nopt-level = 0\n";
    workspace.write("orders/.cargo/config.toml", configuration);
    let output = build_by_profile(&workspace, "orders", &[], &[("CARGO_TARGET_DIR", "built")]);
    assert!(out(&output).contains("profile       release, as you configured it"), "{}", out(&output));
    assert_eq!(bootstrap_of(&workspace.path("orders/lambda.zip")), "orders here\n");
    assert!(workspace.path("orders/built/release").is_dir() && !workspace.path("target").exists());

    // In the workspace's folder, neither counts.
    let output = build_by_profile(&workspace, "", &[], &[]);
    assert!(out(&output).contains("profile       release with lto, "), "{}", out(&output));
    assert_eq!(bootstrap_of(&workspace.path("lambda.zip")), "mail\n");
    let manifest = workspace.path("orders/Cargo.toml").display().to_string();
    build_by_profile(&workspace, "", &["--manifest-path", &manifest, "--profile", "dev"], &[]);
    assert_eq!(bootstrap_of(&workspace.path("lambda.zip")), "orders\n");
}

/// A cargo that records its arguments and its folder.
const CARGO: &str =
    "#!/bin/sh\n[ \"$1\" = metadata ] && exec \"$REAL\" \"$@\"\necho \"$PWD $@\" >>\"$CALLS\"\nexit 1\n";

#[test]
fn every_command_builds_what_cargo_would_build_in_the_folder() {
    let workspace = members();
    workspace.write("cargo", CARGO);
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(workspace.path("cargo"), executable).expect("it can be made executable");
    for (folder, flags, package) in [
        ("", &[][..], "mail"),
        ("orders", &[], "orders"),
        ("orders/src", &[], "orders"),
        ("orders", &["--package", "mail"], "mail"),
        ("", &["--manifest-path", "orders/Cargo.toml"], "orders"),
    ] {
        for command in [
            &["list"][..],
            &["invoke", "any::handler"],
            &["build"],
            &["template", "--format", "sam"],
            &["dev", "--port", "0"],
        ] {
            workspace.write("calls", "");
            let mut cargo = workspace.command(folder, &[command, flags].concat());
            cargo
                .env("CALLS", workspace.path("calls"))
                .env("REAL", env!("CARGO"))
                .env("CARGO", workspace.path("cargo"));
            let output = finish(cargo);
            assert_eq!(output.status.code(), Some(2), "{command:?} in {folder}: {}", err(&output));
            let calls = fs::read_to_string(workspace.path("calls")).expect("cargo was called");
            let here = workspace.path(folder).display().to_string();
            let id = format!("--package path+file://{}#0.1.0 --bin bootstrap", workspace.path(package).display());
            assert_eq!(calls.lines().count(), 1, "{command:?} in {folder}: {calls}");
            assert!(calls.starts_with(here.trim_end_matches('/')) && calls.contains(&id), "{command:?}: {calls}");
        }
    }
    for command in [&["build"][..], &["template", "--format", "sam"], &["invoke", "any::handler"]] {
        let output = workspace.run("", &[command, &["--workspace"]].concat());
        assert_eq!(output.status.code(), Some(2));
        assert!(err(&output).contains("several"), "{command:?}: {}", err(&output));
    }
    let output = workspace.run("mayfly", &["list"]);
    let expected = "error: no package that cargo builds in this folder depends on mayfly; choose with --workspace or \
                    --package; there are: orders, mail\n";
    assert_eq!(err(&output), expected);
}

#[test]
fn instruction_sets_that_lambda_may_lack_give_a_warning_wherever_they_are_set() {
    let workspace = members();
    let (far, near) = if cfg!(target_arch = "x86_64") { ("+avx512f", "+avx2") } else { ("+sve", "+lse") };
    let (far_name, triple) = (&far[1..], format!("{}-unknown-linux-gnu", std::env::consts::ARCH));
    let flags = |feature: &str| format!("-C target-feature={feature}");
    let encoded = format!("-C\u{1f}target-feature={far}");
    let variable = format!("CARGO_TARGET_{}_RUSTFLAGS", triple.to_uppercase().replace('-', "_"));
    let table = |name: &str| format!("[{name}]\nrustflags = [\"-C\", \"target-feature={far}\"]\n");
    for (configuration, name, value, warns) in [
        ("", "RUSTFLAGS", &*flags(far), true),
        ("", "RUSTFLAGS", &*flags(near), false),
        ("", "CARGO_ENCODED_RUSTFLAGS", &*encoded, true),
        ("", "CARGO_BUILD_RUSTFLAGS", &*flags(far), true),
        ("", &*variable, &*flags(far), true),
        (&*table("build"), "A", "", true),
        (&*table(&format!("target.{triple}")), "A", "", true),
        (&*table("target.'cfg(unix)'"), "A", "", true),
        (&*table("target.'cfg(windows)'"), "A", "", false),
        (&*table("build"), "RUSTFLAGS", &*flags(near), false),
    ] {
        workspace.write("mail/.cargo/config.toml", configuration);
        let output = build(&workspace, "mail", &["--debug"], &[(name, value)]);
        let err = err(&output);
        let warnings: Vec<_> =
            err.lines().filter(|line| line.starts_with("warning: the executable was built")).collect();
        assert_eq!(warnings.len(), usize::from(warns), "{configuration} {name}: {err}");
        let lacking = warnings.iter().filter_map(|warning| warning.split_once("may lack "));
        assert!(lacking.into_iter().all(|(_, sets)| sets.contains(far_name)), "{configuration} {name}: {err}");
    }
    workspace.write("mail/.cargo/config.toml", "[build]\nrustflags = [\"-Ctarget-cpu=native\"]\n");
    let warning = err(&build(&workspace, "mail", &["--debug"], &[]));
    assert!(
        warning.contains("warning: the executable was built for target-cpu=native, with the instruction sets "),
        "{warning}"
    );
    let cfg = Command::new("rustc").args(["--print", "cfg", "-C", "target-cpu=native"]).output().expect("it runs");
    let own = out(&cfg).lines().find_map(|line| Some(line.strip_prefix("target_feature=\"")?.replace('"', "")));
    assert!(own.is_some_and(|own| warning.contains(&own)), "{warning}");
}
