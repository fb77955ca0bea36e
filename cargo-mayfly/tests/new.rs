//! Tests `cargo mayfly new` and `cargo mayfly init`: the files that they create, edit and leave alone.

#[path = "common/fresh.rs"]
mod fresh;
#[path = "common/outside.rs"]
mod outside;

use std::fs;
use std::path::Path;
use std::process::Output;
use std::sync::{Mutex, MutexGuard, PoisonError};

use cargo_mayfly::emulator::{Configuration, Function, Invocation, Program};
use fresh::{Folder, assert_fine};

/// Waits for the lock of the build folder: all projects build binaries with the same name there.
fn alone() -> MutexGuard<'static, ()> {
    static BUILDING: Mutex<()> = Mutex::new(());
    BUILDING.lock().unwrap_or_else(PoisonError::into_inner)
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Returns the error of a failed command.
fn refusal(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{}", err(output));
    let err = err(output);
    err.lines().rfind(|line| line.starts_with("error: ")).unwrap_or_else(|| panic!("no error in {err}")).to_owned()
}

fn read(folder: &Folder, file: &str) -> String {
    fs::read_to_string(folder.0.path().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn write(folder: &Folder, file: &str, text: &str) {
    let file = folder.0.path().join(file);
    fs::create_dir_all(file.parent().expect("a file has a folder")).expect("a folder can be made");
    fs::write(file, text).expect("a file can be written");
}

/// Returns every file below a folder.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder can be read").map(|entry| entry.expect("it can be read")) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            found.extend(files(&entry.path()).into_iter().map(|file| format!("{name}/{file}")));
        } else {
            found.push(name);
        }
    }
    found.sort();
    found
}

const WHOLE: [&str; 6] = [".gitignore", "Cargo.toml", "README.md", "src/lib.rs", "src/main.rs", "tests/handlers.rs"];

#[tokio::test]
async fn a_new_project_builds_a_bootstrap_that_replies() {
    let folder = Folder::new();
    let bootstrap = {
        let _alone = alone();
        folder.bootstrap()
    };
    for (handler, event, reply) in [
        ("my_app::greet", r#"{"name":"Ada"}"#, r#"{"message":"Hello, Ada!"}"#),
        ("my_app::total", r#"{"pieces":3,"cents":250}"#, "750"),
    ] {
        let function = Function::start(Program::new(&bootstrap), Configuration::new(handler)).await;
        let function = function.expect("the function can be started");
        let outcome = function.invoke(Invocation::new(event)).await;
        function.stop().await;
        assert_eq!(outcome.reply().map(|reply| String::from_utf8_lossy(reply).into_owned()).as_deref(), Some(reply));
    }
    // The release build is long, and this workspace's functions, which other tests build, have the same profile.
    let [new, ours] = [folder.0.path().join("my-app"), Path::new(env!("CARGO_MANIFEST_DIR")).join("..")].map(|place| {
        let manifest = fs::read_to_string(place.join("Cargo.toml")).expect("it can be read");
        let manifest: toml::Table = manifest.parse().expect("it is TOML");
        manifest["profile"]["release"].clone()
    });
    assert_eq!(new, ours);
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/getting-started.md");
    let page = fs::read_to_string(page).expect("it can be read");
    let of_panics = page.lines().find(|line| line.starts_with("panic = ")).expect("the page shows the profile");
    assert!(of_panics.contains("#[mayfly::batch]") && read(&folder, "my-app/Cargo.toml").contains(of_panics));

    let readme = read(&folder, "my-app/README.md");
    let known = out(&folder.mayfly("", &["--help"]));
    for line in readme.lines().filter_map(|line| line.strip_prefix("cargo mayfly ")) {
        let command = line.split(' ').next().unwrap_or_default();
        assert!(known.contains(&format!("\n  {command} ")), "the README has `cargo mayfly {line}`");
    }
    for part in ["cargo test", "`cargo mayfly list`", "cargo mayfly dev", "cargo mayfly build --zip", "my_app::greet"] {
        assert!(readme.contains(part), "{part}");
    }
}

#[test]
fn a_new_http_project_answers_requests() {
    let folder = Folder::new();
    let _alone = alone();
    let created = folder.mayfly("", &["new", "my-app", "--http"]);
    assert_fine(&created);
    let next = "created my-app; next, run `cargo mayfly dev` in it and open http://127.0.0.1:9100/\n";
    assert!(out(&created).ends_with(next), "{}", out(&created));
    let tests = folder.cargo("my-app", &["test", "--offline"]);
    assert_fine(&tests);
    assert_eq!(out(&tests).matches(" ... ok\n").count(), 5, "{}", out(&tests));
    let list = out(&folder.mayfly("my-app", &["list"]));
    for handler in ["my_app::api ", "my_app::greet ", "my_app::place "] {
        assert!(list.contains(handler), "{list}");
    }

    let readme = read(&folder, "my-app/README.md");
    let command = readme.lines().find_map(|line| line.strip_prefix("cargo mayfly invoke my_app::api --request "));
    let request = command.expect("the README has a request").trim_matches('\'');
    let response = folder.mayfly("my-app", &["invoke", "my_app::api", "--request", request]);
    assert!(out(&response).starts_with("HTTP/1.1 200 OK\n"), "{}", err(&response));
    assert!(out(&response).trim_end().ends_with("\n\nHello, Ada!"), "{}", out(&response));
}

#[test]
fn an_existing_package_gets_what_routes_need() {
    let folder = Folder::new();
    for (package, mayfly, note) in [
        ("bare", "", ""),
        (
            "has",
            "mayfly = { git = \"https://example.com/mayfly\" }\n",
            "note: routes need the feature `axum` of mayfly, which the dependency in Cargo.toml does not name\n",
        ),
    ] {
        let manifest = format!("[package]\nname = \"{package}\"\nversion = \"0.1.0\"\n\n[dependencies]\n{mayfly}");
        write(&folder, &format!("{package}/Cargo.toml"), &manifest);
        write(&folder, &format!("{package}/src/lib.rs"), "//! Mine.\n");
        let output = folder.mayfly(package, &["init", "--http"]);
        assert_fine(&output);
        assert_eq!(err(&output), note, "{package}");
        let edited = read(&folder, &format!("{package}/Cargo.toml"));
        assert!(edited.contains("\naxum = { version = \"0.8\", default-features = false, "), "{edited}");
        assert_eq!(edited.contains("features = [\"axum\"] }"), mayfly.is_empty(), "{edited}");
        assert!(!edited.contains("serde"), "the example's own dependencies are not needed: {edited}");
        assert_eq!(read(&folder, &format!("{package}/src/lib.rs")), "//! Mine.\n");
        assert!(read(&folder, &format!("{package}/tests/routes.rs")).contains("fn every_handler_can_start"));
    }
}

#[test]
fn new_projects_are_formatted() {
    let whole_http = WHOLE.map(|file| if file == "tests/handlers.rs" { "tests/routes.rs" } else { file });
    for (flags, whole) in [(&[][..], WHOLE), (&["--http"][..], whole_http)] {
        let folder = Folder::new();
        assert_fine(&folder.mayfly("", &[&["new", "app"], flags].concat()));
        assert_eq!(files(&folder.0.path().join("app")), whole);
        fs::create_dir(folder.0.path().join("empty")).expect("a folder can be made");
        assert_fine(&folder.mayfly("empty", &[&["init", "--name", "app"], flags].concat()));
        let [new, init] = ["app", "empty"].map(|name| whole.map(|file| read(&folder, &format!("{name}/{file}"))));
        assert_eq!(new, init, "an empty folder gets the same");
        let output = folder.cargo("app", &["fmt", "--check"]);
        assert!(output.status.success(), "{}", out(&output));
        let left = files(&folder.0.path().join("app"))
            .into_iter()
            .filter(|file| read(&folder, &format!("app/{file}")).contains("{{"));
        assert_eq!(left.collect::<Vec<_>>(), [""; 0], "a placeholder is left");
    }
}

#[test]
fn a_member_of_a_workspace_inherits_its_settings() {
    let folder = Folder::new();
    let mayfly = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mayfly");
    let root = format!(
        "# ours\n[workspace]\nresolver = \"3\"\nmembers = [\"apps/*\"]\nexclude = [\"apart\"]\n\n\
         [workspace.package]\nedition = \"2024\"\n\n[workspace.dependencies]\nmayfly = {{ path = \"{}\" }}\n\n\
         [workspace.lints.rust]\nmissing_docs = \"deny\"\n",
        mayfly.display()
    );
    write(&folder, "Cargo.toml", &root);
    let one = folder.mayfly("", &["new", "apps/TheOne"]);
    assert_eq!(read(&folder, "Cargo.toml"), root, "a pattern has it already");
    assert!(
        err(&one).starts_with("note: cargo reads release profiles only from the manifest of the workspace, "),
        "{}",
        err(&one)
    );
    assert_eq!(
        read(&folder, "apps/TheOne/Cargo.toml"),
        "[package]\nname = \"TheOne\"\nversion = \"0.1.0\"\nedition.workspace = true\n\n\
         [dependencies]\nmayfly = { workspace = true }\nserde = { version = \"1\", features = [\"derive\"] }\n\n\
         [dev-dependencies]\nmayfly = { workspace = true, features = [\"testing\"] }\nserde_json = \"1\"\n\n\
         [lints]\nworkspace = true\n\n[lib]\nname = \"the_one\"\n\n[[bin]]\nname = \"the-one\"\npath = \"src/main.rs\"\n"
    );
    write(&folder, "Cargo.toml", &format!("{root}\n[profile.release]\nlto = true\n"));
    let two = folder.mayfly("", &["new", "two"]);
    assert_fine(&two);
    assert_eq!(err(&two), "", "the workspace has a profile");
    assert!(read(&folder, "Cargo.toml").contains("\nmembers = [\"apps/*\", \"two\"]\n"));
    assert_fine(&folder.mayfly("", &["new", "three", "--http"]));
    let three = read(&folder, "three/Cargo.toml");
    assert!(
        three.contains(
            "\n[dependencies]\naxum = { version = \"0.8\", default-features = false, features = [\"json\", \"query\"] }\n\
             mayfly = { workspace = true, features = [\"axum\"] }\nserde = "
        ),
        "{three}"
    );
    assert_fine(&folder.mayfly("", &["new", "apart"]));
    assert!(read(&folder, "apart/Cargo.toml").contains("[profile.release]"), "it is a workspace of its own");
    assert_fine(&folder.cargo("", &["test", "--offline", "--workspace"]));
}

#[test]
fn an_existing_library_is_completed_and_not_changed() {
    let folder = Folder::new();
    let manifest = "# mine\n[package]\nname = \"old-one\" # the name\nversion = \"0.1.0\"\nedition = \"2021\"\n\n\
                    [dependencies]\n# why\nserde = { version = \"1\", features = [\"derive\"] } # so\n\n\
                    [profile.dev]\npanic = \"unwind\"\n";
    write(&folder, "Cargo.toml", manifest);
    write(&folder, "src/lib.rs", "#[mayfly::handler]\npub fn x() {}\n");
    let output = folder.mayfly("", &["init"]);
    assert_fine(&output);
    assert!(
        out(&output).ends_with(
            "added to Cargo.toml: dependencies.mayfly, dev-dependencies.mayfly, [[bin]], [profile.release]\n"
        ),
        "{}",
        out(&output)
    );
    let edited = read(&folder, "Cargo.toml");
    let mut lines = edited.lines();
    assert!(manifest.lines().all(|kept| lines.any(|line| line == kept)), "{edited}");
    assert!(edited.contains("strip = \"debuginfo\"\n") && edited.contains("\nname = \"bootstrap\""), "{edited}");
    assert_eq!(read(&folder, "src/lib.rs"), "#[mayfly::handler]\npub fn x() {}\n");
    let alone = alone();
    assert_fine(&folder.cargo("", &["test", "--offline"]));
    assert_fine(&folder.mayfly("", &["list"]));
    drop(alone);

    let again = folder.mayfly("", &["init"]);
    assert_eq!((again.status.code(), out(&again)), (Some(0), "nothing to add\n".to_owned()), "{}", err(&again));
    assert_eq!(read(&folder, "Cargo.toml"), edited);
}

#[test]
fn a_main_in_another_file_or_with_another_name_for_mayfly_is_found() {
    let mayfly = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mayfly");
    let mayfly = format!("path = \"{}\"", mayfly.display());
    for (file, bin, dependency, call) in [
        (
            "src/start.rs",
            "[[bin]]\nname = \"bootstrap\"\npath = \"src/start.rs\"\n\n",
            format!("mayfly = {{ {mayfly} }}"),
            "mayfly::main!(own);",
        ),
        ("src/bin/start.rs", "", format!("mayfly = {{ {mayfly} }}"), "mayfly::main!(own);"),
        ("src/bin/start/main.rs", "", format!("mayfly = {{ {mayfly} }}"), "mayfly::main!(own);"),
        ("src/main.rs", "", format!("m-f = {{ package = \"mayfly\", {mayfly} }}"), "m_f::main!(own);"),
    ] {
        let folder = Folder::new();
        let manifest = format!(
            "[package]\nname = \"own\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n{bin}[dependencies]\n{dependency}\n"
        );
        write(&folder, "Cargo.toml", &manifest);
        write(&folder, "src/lib.rs", "");
        write(&folder, file, &format!("{call}\n"));
        assert_fine(&folder.mayfly("", &["init"]));
        assert_fine(&folder.cargo("", &["metadata", "--offline", "--no-deps", "--format-version=1"]));
        assert_eq!(read(&folder, file), format!("{call}\n"));
        assert_eq!(folder.0.path().join("src/main.rs").exists(), file == "src/main.rs", "{file}");
        let key = dependency.split(' ').next().expect("it has a name");
        let edited = read(&folder, "Cargo.toml");
        assert_eq!(edited.lines().filter(|line| line.starts_with(&format!("{key} = "))).count(), 2, "{edited}");
        assert_eq!(edited.matches("mayfly\"").count(), if key == "mayfly" { 2 } else { 4 }, "{edited}");
        assert!(read(&folder, "tests/handlers.rs").contains(&format!("{}::testing", key.replace('-', "_"))), "{file}");
    }
}

#[test]
fn a_manifest_keeps_its_line_ends_and_its_byte_order_mark() {
    for (mark, end) in [("", "\r\n"), ("\u{feff}", "\r\n"), ("\u{feff}", "\n")] {
        let folder = Folder::new();
        let lines = [
            "[package]",
            "name = \"kept\" # so",
            "version = \"0.1.0\"",
            "edition = \"2024\"",
            "",
            "[dependencies]",
            "",
        ];
        let manifest = format!("{mark}{}", lines.join(end));
        write(&folder, "Cargo.toml", &manifest);
        write(&folder, "src/main.rs", &["fn main() {", "    println!(\"Hello, world!\");", "}", ""].join(end));
        assert_fine(&folder.mayfly("", &["init"]));
        let edited = read(&folder, "Cargo.toml");
        assert!(edited.starts_with(&manifest) && edited.contains("[profile.release]"), "{edited:?}");
        assert_eq!(edited.matches('\n').count(), edited.matches(end).count(), "{edited:?}");
        assert_eq!(edited.matches("\r\n").count() > 0, end == "\r\n", "{edited:?}");

        let root = format!("{mark}[workspace]{end}members = [\"a\"]{end}resolver = \"3\"{end}");
        write(&folder, "root/Cargo.toml", &root);
        assert!(folder.mayfly("root", &["new", "b"]).status.success());
        assert_eq!(read(&folder, "root/Cargo.toml"), root.replace("[\"a\"]", "[\"a\", \"b\"]"));
    }
}

#[test]
fn a_profile_and_a_binary_of_the_users_own_stay() {
    let folder = Folder::new();
    let manifest = "[package]\nname = \"own\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[[bin]]\nname = \"own\"\n\n\
                    [profile.release]\nopt-level = \"z\"\n";
    write(&folder, "Cargo.toml", manifest);
    write(&folder, "src/lib.rs", "");
    write(&folder, "src/main.rs", "fn main() {\n    println!(\"Hello, world!\");\n}\n"); // as `cargo new` writes it
    write(&folder, ".gitignore", "mine\n");
    let output = folder.mayfly("", &["init"]);
    assert_fine(&output);
    assert!(out(&output).ends_with("added to Cargo.toml: dependencies.mayfly, dev-dependencies.mayfly\n"));
    assert!(read(&folder, "Cargo.toml").starts_with(manifest));
    assert_eq!(read(&folder, ".gitignore"), "mine\n");
    assert!(read(&folder, "src/main.rs").contains("mayfly::main!(own);"));
}

#[test]
fn files_are_overwritten_only_with_force() {
    let folder = Folder::new();
    write(&folder, "src/lib.rs", "// mine");
    write(&folder, "tests/handlers.rs", "// mine, too");
    write(&folder, "README.md", "# Mine");
    assert_eq!(
        refusal(&folder.mayfly("", &["init", "--name", "mine"])),
        "error: these files would be overwritten: src/lib.rs, tests/handlers.rs; nothing was written: move them, or \
         use --force"
    );
    assert_eq!(files(folder.0.path()), ["README.md", "src/lib.rs", "tests/handlers.rs"]);
    assert_fine(&folder.mayfly("", &["init", "--name", "mine", "--force"]));
    assert_eq!(files(folder.0.path()), WHOLE);
    assert!(read(&folder, "src/lib.rs").contains("mine::greet"));
    assert_eq!(read(&folder, "README.md"), "# Mine", "any README is kept");

    write(&folder, "program/Cargo.toml", "[package]\nname = \"program\"\n");
    write(&folder, "program/src/main.rs", "fn main() {}");
    assert_eq!(
        refusal(&folder.mayfly("program", &["init"])),
        "error: these files would be overwritten: src/main.rs; nothing was written: move them, or use --force"
    );
    assert_eq!(read(&folder, "program/Cargo.toml"), "[package]\nname = \"program\"\n");
    assert_fine(&folder.mayfly("program", &["init", "--force"]));
    assert!(read(&folder, "program/src/main.rs").contains("mayfly::main!(program);"));
}

#[test]
fn the_source_of_mayfly_can_be_selected() {
    let folder = Folder::new();
    let git = ["new", "git", "--mayfly-git", "https://example.com/mayfly", "--mayfly-branch", "next"];
    assert_fine(&folder.mayfly("", &git));
    let manifest = read(&folder, "git/Cargo.toml");
    assert!(
        manifest.contains("\nmayfly = { git = \"https://example.com/mayfly\", branch = \"next\" }\n"),
        "{manifest}"
    );

    write(&folder, "checkout/mayfly/Cargo.toml", "[package]\nname = \"mayfly\"\n");
    assert_fine(&folder.mayfly("", &["new", "apps/path", "--mayfly-path", "checkout"]));
    let manifest = read(&folder, "apps/path/Cargo.toml");
    assert!(manifest.contains("\nmayfly = { path = \"../../checkout/mayfly\" }\n"), "{manifest}");

    assert_eq!(
        refusal(&folder.mayfly("", &["new", "app", "--mayfly-path", "apps"])),
        "error: --mayfly-path: there is no package `mayfly` in apps"
    );
    write(&folder, "other/Cargo.toml", "[package]\nname = \"other\"\n\n[dependencies]\nmayfly = \"1\"\n");
    assert_eq!(
        refusal(&folder.mayfly("other", &["init"])),
        "error: the dependency `mayfly` in Cargo.toml is another project from the registry: remove it first"
    );
    assert_eq!(files(&folder.0.path().join("other")), ["Cargo.toml"]);
    let has = "[package]\nname = \"has\"\n\n[dependencies.mayfly]\ngit = \"https://example.com/mayfly\"\nrev = \"1\"\n";
    write(&folder, "has/Cargo.toml", has);
    write(&folder, "has/src/lib.rs", "");
    assert_fine(&folder.mayfly("has", &["init"]));
    let manifest = read(&folder, "has/Cargo.toml");
    let testing = "\nmayfly = { git = \"https://example.com/mayfly\", rev = \"1\", features = [\"testing\"] }\n";
    assert!(manifest.starts_with(has) && manifest.contains(testing), "the existing source is kept: {manifest}");
    // As if this command had been built in cargo's cache, on which no project should depend.
    let cached = std::process::Command::new(env!("CARGO_BIN_EXE_cargo-mayfly"))
        .args(["new", "app"])
        .current_dir(folder.0.path())
        .env("CARGO_HOME", Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("it is in a workspace"))
        .output()
        .expect("the command can be run");
    assert_eq!(refusal(&cached), "error: name the source of mayfly with --mayfly-git URL or --mayfly-path FOLDER");
    assert!(!folder.0.path().join("app").exists());
}

#[test]
fn mistakes_are_reported_in_one_sentence() {
    let folder = Folder::new();
    write(&folder, "there/Cargo.toml", "[package]\nname = \"there\"\n");
    write(&folder, "root/Cargo.toml", "[workspace]\n");
    write(&folder, "broken/Cargo.toml", "[package\n");
    for (arguments, expected) in [
        (&["new", "there"][..], "`there` exists: choose another name, or add to it with `cargo mayfly init there`"),
        (
            &["new", "match"],
            "a package cannot be called `match`: it is a keyword of Rust; choose another name with --name",
        ),
        (&["new", "app", "--name", "test"], "a package cannot be called `test`: Rust's own test library has that name"),
        (&["new", "app", "--bogus"], "unexpected argument '--bogus' found"),
        (&["new", "app", "--mayfly-branch", "x"], "the following required arguments were not provided:"),
        (
            &["new", "app", "--mayfly-git", "x", "--mayfly-path", "y"],
            "the argument '--mayfly-git <URL>' cannot be used with '--mayfly-path <FOLDER>'",
        ),
        (&["init", "nowhere"], "there is no folder `nowhere`: `cargo mayfly new` creates one"),
        (&["init", "root"], "Cargo.toml has a workspace but no package: name a folder below it for the package"),
        (
            &["init", "there", "--name", "x"],
            "--name is only for a new package, and there is one already, whose library is `there`",
        ),
    ] {
        assert_eq!(refusal(&folder.mayfly("", arguments)), format!("error: {expected}"), "{arguments:?}");
    }
    assert!(refusal(&folder.mayfly("", &["init", "broken"])).starts_with("error: "));
    assert_eq!(files(folder.0.path()), ["broken/Cargo.toml", "root/Cargo.toml", "there/Cargo.toml"]);
}
