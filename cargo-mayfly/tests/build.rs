//! Tests `cargo mayfly build` on small projects: its outputs, checks and messages.

#[path = "common/cargo.rs"]
mod cargo;

use std::env;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use cargo::CARGO;

/// A project in a folder of its own, and the programs on the path during its build: Rust and a C compiler, but not zig.
struct Project {
    folder: PathBuf,
    programs: PathBuf,
}

impl Project {
    /// Creates a package without dependencies and with these binaries, each of which prints its name.
    fn new(name: &str, binaries: &[&str]) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("build").join(name);
        let _ = fs::remove_dir_all(&folder);
        let project = Self { programs: folder.join("programs"), folder };
        project.write(
            "project/Cargo.toml",
            "[package]\nname = \"tiny\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n[profile.release]\npanic = \"abort\"\nopt-level = 0\n",
        );
        for binary in binaries {
            project.write(
                &format!("project/src/bin/{binary}.rs"),
                "fn main() { println!(\"{}\", env!(\"CARGO_BIN_NAME\")); }\n",
            );
        }
        fs::create_dir_all(&project.programs).expect("a folder can be made");
        for (program, path) in [
            ("cargo", tool("CARGO", "cargo")),
            ("rustc", rustc()),
            ("cc", found("cc")),
            ("ld", found("ld")),
            ("sh", found("sh")),
        ] {
            symlink(path, project.programs.join(program)).expect("a link can be made");
        }
        project
    }

    fn write(&self, file: &str, text: &str) {
        let file = self.folder.join(file);
        fs::create_dir_all(file.parent().expect("a file has a folder")).expect("a folder can be made");
        fs::write(file, text).expect("a file can be written");
    }

    fn program(&self, name: &str, script: &str) {
        self.write(&format!("programs/{name}"), &format!("#!/bin/sh\n{script}\n"));
        let everybody = fs::Permissions::from_mode(0o755);
        fs::set_permissions(self.programs.join(name), everybody).expect("a mode can be set");
    }

    fn build(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the command can be run")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mayfly"));
        command.current_dir(self.folder.join("project")).args(["build", "--package", "tiny"]).args(arguments);
        command
            .env_clear()
            .env("PATH", &self.programs)
            .env("HOME", &self.folder)
            .env("CARGO_HOME", self.folder.join("home"));
        command.env("CARGO", tool("CARGO", "cargo")).stdin(Stdio::null());
        command
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.join("project").join(file)
    }
}

fn tool(variable: &str, name: &str) -> PathBuf {
    env::var_os(variable).map_or_else(|| found(name), PathBuf::from)
}

/// Returns the path of the compiler itself instead of rustup's proxy, which needs the home folder.
fn rustc() -> PathBuf {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output().expect("rustc can be run");
    PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()).join("bin/rustc")
}

fn found(name: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    found.unwrap_or_else(|| panic!("`{name}` is not on the path"))
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn assert_built(output: &Output) {
    assert_eq!(output.status.code(), Some(0), "{}", err(output));
}

/// Returns the last error, with all its lines.
fn refusal(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{}", err(output));
    let err = err(output);
    let at = err.rfind("error: ").unwrap_or_else(|| panic!("no error in {err}"));
    err[at..].trim_end().to_owned()
}

#[test]
fn zips_are_reproducible_and_their_bootstrap_runs() {
    let project = Project::new("zip", &["tiny"]);
    project.write("project/config/b.toml", "b");
    project.write("project/config/a.toml", "a");
    assert_built(&project.build(&["--zip", "--outdir", "first", "--include", "config"]));
    let now = fs::File::options().write(true).open(project.path("config/a.toml")).expect("it is there");
    now.set_modified(std::time::SystemTime::UNIX_EPOCH).expect("a time can be set");
    fs::set_permissions(project.path("config/b.toml"), fs::Permissions::from_mode(0o600)).expect("a mode can be set");
    let output = project.build(&["--zip", "--outdir", "second", "--include", "config"]);
    assert_built(&output);
    let first = fs::read(project.path("first/lambda.zip")).expect("it was written");
    assert!(first == fs::read(project.path("second/lambda.zip")).expect("it was written"), "the zips differ");

    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(first)).expect("it is a zip");
    let names: Vec<_> = zip.file_names().map(|name| name.expect("a name is text").into_owned()).collect();
    assert_eq!(names, ["bootstrap", "config/a.toml", "config/b.toml"]);
    let mut bootstrap = zip.by_name("bootstrap").expect("it is there");
    assert_eq!(bootstrap.unix_mode().map(|mode| mode & 0o777), Some(0o755));
    let executable = project.path("extracted");
    std::io::copy(&mut bootstrap, &mut fs::File::create(&executable).expect("a file can be made")).expect("it is read");
    fs::set_permissions(&executable, fs::Permissions::from_mode(0o755)).expect("a mode can be set");
    assert_eq!(Command::new(executable).output().expect("it runs").stdout, b"tiny\n");

    let summary = out(&output);
    for part in [
        "second/lambda.zip: the binary `tiny` of tiny",
        "provided.al2023, which has glibc 2.34",
        "release, as you configured it",
        " of 50 MB, ",
        "tiny does not use mayfly",
    ] {
        assert!(summary.contains(part), "{part}: {summary}");
    }
}

fn names(zip: &Path) -> Vec<String> {
    let zip = zip::ZipArchive::new(fs::File::open(zip).expect("it was written")).expect("it is a zip");
    zip.file_names().map(|name| name.expect("a name is text").into_owned()).collect()
}

#[test]
fn zipping_an_included_folder_again_gives_the_same_zip() {
    let project = Project::new("include", &["tiny"]);
    for (file, text) in
        [("data/a.txt", "a"), (".env", "KEY=1"), ("data/.env.live", ""), (".git/config", ""), ("b.zip", "")]
    {
        project.write(&format!("project/{file}"), text);
    }
    let build = |arguments: &[&str]| {
        let output = project.build(&[&["--zip", "--debug", "--include"], arguments].concat());
        assert_built(&output);
        let summary = out(&output);
        let left_out = summary.lines().find_map(|line| line.strip_prefix("  left out      ")).unwrap_or_default();
        (names(&project.path("lambda.zip")), left_out.to_owned())
    };
    build(&["."]);
    let (first, _) = build(&["."]); // with the Cargo.lock that the first build made
    assert_eq!(first, ["Cargo.lock", "Cargo.toml", "b.zip", "bootstrap", "data/a.txt", "src/bin/tiny.rs"]);
    let size = |file: &str| fs::metadata(project.path(file)).expect("it was written").len();
    let before = size("lambda.zip");
    let (second, left_out) = build(&["."]);
    assert_eq!((second, size("lambda.zip")), (first, before));
    assert_eq!(
        left_out,
        ".env (a secret), .git (a repository), data/.env.live (a secret), lambda.zip (output of a build), target (a \
         cache)"
    );
    // Files that are named are included.
    let (named, left_out) = build(&["data", "data/.env.live", ".env"]);
    assert_eq!(named, [".env", "bootstrap", "data/.env.live", "data/a.txt"]);
    assert_eq!(left_out, "", "both come in");
}

#[test]
fn included_paths_that_make_an_invalid_zip_are_named() {
    let project = Project::new("names", &["tiny"]);
    project.write("project/data", "a file");
    project.write("elsewhere/data/x", "a folder's");
    project.write("elsewhere/bootstrap/x", "a folder's");
    for (link, target) in [("dangling", "nowhere"), ("loop", "loop")] {
        fs::create_dir_all(project.path(&format!("links/{link}"))).expect("a folder can be made");
        symlink(target, project.path(&format!("links/{link}/{link}"))).expect("a link can be made");
    }
    let real = |file: &str| project.folder.join(file).canonicalize().expect("it is there").display().to_string();
    for (arguments, expected) in [
        (
            &["data", "../elsewhere/data"][..],
            format!(
                "cannot include both {} and {}: `data` would be a file and a folder in the zip",
                real("project/data"),
                real("elsewhere/data/x")
            ),
        ),
        (
            &["../elsewhere/bootstrap"],
            format!(
                "cannot include {}: it would be `bootstrap/x`, and `bootstrap` is the function's own file in the zip",
                real("elsewhere/bootstrap/x")
            ),
        ),
        (
            &["links/dangling"],
            "cannot include links/dangling: links/dangling/dangling is a link to nowhere, which cannot be followed: No \
             such file or directory (os error 2)"
                .to_owned(),
        ),
        (
            &["links/loop"],
            "cannot include links/loop: links/loop/loop is a link to loop, which cannot be followed: Too many levels of \
             symbolic links (os error 40)"
                .to_owned(),
        ),
    ] {
        let output = project.build(&[&["--zip", "--debug", "--include"], arguments].concat());
        assert_eq!(refusal(&output), format!("error: {expected}"));
    }
}

#[test]
fn an_interrupt_leaves_no_partial_zip_and_no_temporary_file() {
    use rustix::process::{Pid, Signal, kill_process};

    let project = Project::new("interrupt", &["tiny"]);
    assert_built(&project.build(&["--zip", "--debug", "--outdir", "out"]));
    let before = fs::read(project.path("out/lambda.zip")).expect("it was written");
    // Large enough that the interrupt arrives while it is packed.
    let large = fs::File::create(project.path("large")).expect("a file can be made");
    large.set_len(240 << 20).expect("a file can grow");
    let mut command = project.command(&["--zip", "--debug", "--outdir", "out", "--include", "large"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command can be run");
    let there = || -> Vec<String> {
        let entries = fs::read_dir(project.path("out")).expect("it is there");
        entries.map(|entry| entry.expect("it can be read").file_name().into_string().expect("it is text")).collect()
    };
    let deadline = Instant::now() + Duration::from_secs(60);
    while there().len() < 2 {
        assert!(Instant::now() < deadline, "nothing is written");
        thread::sleep(Duration::from_millis(5));
    }
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("it has an id");
    kill_process(pid, Signal::INT).expect("a signal can be sent");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(refusal(&output), "error: cannot write out/lambda.zip: interrupted");
    assert_eq!(there(), ["lambda.zip"]);
    assert!(before == fs::read(project.path("out/lambda.zip")).expect("it is there"), "the one before stays");
}

#[test]
fn several_binaries_are_only_built_as_zips() {
    let project = Project::new("several", &["one", "two"]);
    assert_eq!(
        refusal(&project.build(&[])),
        "error: there are several binaries, one, two: choose one with --bin, or use --zip, which makes a zip of each"
    );
    assert_built(&project.build(&["--zip", "--debug"]));
    assert!(project.path("one.zip").is_file() && project.path("two.zip").is_file());
    assert_built(&project.build(&["--bin", "two", "--debug"]));
    assert_eq!(Command::new(project.path("bootstrap")).output().expect("it runs").stdout, b"two\n");
}

#[test]
fn only_outputs_of_builds_are_overwritten() {
    let project = Project::new("existing", &["tiny"]);
    project.write("project/lambda.zip", "somebody's letters");
    let refused = project.build(&["--zip", "--debug"]);
    assert_eq!(
        refusal(&refused),
        "error: ./lambda.zip exists and is not the output of a build: move it, choose another folder with --outdir, \
         or use --force"
    );
    assert_eq!(fs::read(project.path("lambda.zip")).expect("it is there"), b"somebody's letters");
    assert_built(&project.build(&["--zip", "--debug", "--force"]));
    assert_built(&project.build(&["--zip", "--debug"]));
}

#[test]
fn a_glibc_that_is_too_new_is_named_with_its_symbols_and_the_remedies() {
    let project = Project::new("glibc", &["tiny"]);
    // Amazon Linux 2023 has glibc 2.34, and this function has a new version since 2.35.
    project
        .write("project/src/bin/tiny.rs", "fn main() { println!(\"{}\", std::hint::black_box(3f64).hypot(4.0)); }\n");
    let refusal = refusal(&project.build(&["--debug"]));
    assert!(refusal.starts_with("error: `tiny` would not start on Lambda: it needs glibc 2.35, but "), "{refusal}");
    for part in ["but provided.al2023 has 2.34:", "\n  GLIBC_2.35: hypot", "--docker", "--static", "cargo-zigbuild"] {
        assert!(refusal.contains(part), "{part}: {refusal}");
    }
    assert!(!project.path("bootstrap").exists(), "nothing is written");
}

#[test]
fn a_retired_runtime_is_refused_with_its_dates() {
    let project = Project::new("runtime", &["tiny"]);
    assert_eq!(
        refusal(&project.build(&["--debug", "--runtime", "provided.al2"])).lines().next(),
        Some(
            "error: invalid value 'provided.al2' for '--runtime <RUNTIME>': it can neither be created (since 31 July 2026) \
             nor updated (since 31 August 2026) on Lambda: use provided.al2023"
        )
    );
    assert!(!project.path("target").exists(), "nothing is built");
}

#[test]
fn a_static_executable_needs_no_glibc_and_runs() {
    let project = Project::new("static", &["tiny"]);
    let output = project.build(&["--debug", "--static"]);
    assert_built(&output);
    assert!(out(&output).contains("the executable needs no glibc"), "{}", out(&output));
    assert!(
        err(&output).contains("warning: a static executable cannot resolve host names through glibc"),
        "{}",
        err(&output)
    );
    assert_eq!(Command::new(project.path("bootstrap")).output().expect("it runs").stdout, b"tiny\n");
}

#[test]
fn missing_tools_for_another_architecture_are_named() {
    let project = Project::new("foreign", &["tiny"]);
    let flag = if cfg!(target_arch = "x86_64") { "--arm64" } else { "--x86-64" };
    let refusal = refusal(&project.build(&[flag]));
    assert!(refusal.starts_with("error: to build for "), "{refusal}");
    for part in [
        "on this machine, install cargo-zigbuild and zig: `pip install cargo-zigbuild`",
        "rustup target add ",
        "; or use --docker",
    ] {
        assert!(refusal.contains(part), "{part}: {refusal}");
    }
}

/// A docker that records its arguments, and runs the container's cargo on this machine.
const DOCKER: &str = r#"
echo "$@" >> "$HOME/docker.log"
case "$1" in
  info) exit 0 ;;
  build) exit 0 ;;
esac
while [ "$1" != cargo ]; do
  case "$1" in
    --workdir) cd "$2" ;;
    CARGO_TARGET_DIR=*) export "$1" ;;
  esac
  shift
done
exec "$@"
"#;

#[test]
fn docker_gets_the_folders_of_the_project() {
    let project = Project::new("docker", &["tiny"]);
    project.program("docker", DOCKER);
    assert_built(&project.build(&["--docker", "--debug", "--zip"]));
    assert!(project.path("lambda.zip").is_file());
    let log = fs::read_to_string(project.folder.join("docker.log")).expect("docker was called");
    let calls: Vec<_> = log.lines().collect();
    assert!(calls[0].starts_with("info"), "{log}");
    assert!(calls[1].starts_with("build --platform linux/") && calls[1].contains("BASE=amazonlinux:2023"), "{log}");
    let folder = project.path("").canonicalize().expect("it is there");
    let words: Vec<_> = calls[2].split(' ').collect();
    let after =
        |option: &str| words.windows(2).filter(|pair| pair[0] == option).map(|pair| pair[1]).collect::<Vec<_>>();
    // The folders, which include the project's or that of its workspace, have the same paths in the container.
    let volumes: Vec<_> = after("--volume").into_iter().filter_map(|volume| volume.split_once(':')).collect();
    assert!(volumes.iter().all(|(here, there)| here == there), "{log}");
    assert!(volumes.iter().any(|(here, _)| folder.starts_with(here)), "{log}");
    assert_eq!(after("--workdir").iter().map(Path::new).collect::<Vec<_>>(), [folder], "{log}");
    assert!(calls[2].starts_with("run --rm --platform linux/") && calls[2].contains(" cargo build "), "{log}");

    project.write("project/lambda.Dockerfile", "FROM somewhere\n");
    assert_built(&project.build(&["--docker", "--debug", "--zip"]));
    let log = fs::read_to_string(project.folder.join("docker.log")).expect("docker was called");
    assert!(log.contains("lambda.Dockerfile"), "the project's own Dockerfile is used: {log}");
}

#[test]
fn a_missing_docker_or_daemon_is_named() {
    let project = Project::new("daemon", &["tiny"]);
    assert_eq!(
        refusal(&project.build(&["--docker"])),
        "error: there is no `docker` on the path: install Docker, or build without --docker"
    );
    project.program("docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1");
    assert_eq!(
        refusal(&project.build(&["--docker"])),
        "error: the docker daemon does not answer: start it, or build without --docker (Cannot connect to the Docker \
         daemon)"
    );
}

#[test]
fn mistakes_are_reported_in_one_sentence() {
    let project = Project::new("broken", &["tiny"]);
    assert_eq!(
        refusal(&project.build(&["--bin", "nope"])),
        "error: there is no binary `nope`; there are: --package tiny --bin tiny"
    );
    assert!(
        refusal(&project.build(&["--runtime", "python3.13"]))
            .starts_with("error: invalid value 'python3.13' for '--runtime <RUNTIME>'")
    );
    assert!(refusal(&project.build(&["--bogus"])).starts_with("error: unexpected argument '--bogus' found"));
    assert!(refusal(&project.build(&["--zip", "--include", "nowhere"])).contains("nowhere"));
    project.write("project/src/bin/tiny.rs", "fn main() { 1 + }");
    assert_eq!(refusal(&project.build(&["--debug"])), "error: the binary `tiny` of package `tiny` does not build");
}

#[test]
fn the_summary_lists_the_values_for_the_handler_setting() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("build/greeter");
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-mayfly"))
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("it is in a workspace"))
        .args(["build", "--package", "greeter", "--debug", "--zip", "--outdir"])
        .arg(&folder)
        .env("CARGO", CARGO)
        .stdin(Stdio::null())
        .output()
        .expect("the command can be run");
    assert_built(&output);
    let summary = out(&output);
    let (_, handlers) = summary.split_once("values for the function's Handler setting:\n").expect("they are listed");
    assert!(handlers.lines().any(|line| line == "    greeter::counter::next"), "{handlers}");
    assert_eq!(handlers.lines().count(), 19, "{handlers}");
}
