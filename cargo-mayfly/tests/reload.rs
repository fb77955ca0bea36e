//! Tests how `cargo mayfly dev` rebuilds after changes, on a crate with thirty handlers and on small ones.

#[path = "common/cargo.rs"]
mod cargo;
#[path = "common/dev_server.rs"]
mod dev_server;
#[path = "common/http.rs"]
mod http;
#[path = "common/outside.rs"]
mod outside;

use std::collections::HashSet;
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use dev_server::{DevServer, wait_for};

/// A crate.
struct Crate {
    folder: PathBuf,
    /// Its own target folder, if it has one.
    target: Option<PathBuf>,
}

impl Crate {
    /// Creates a crate of a few files.
    fn small(name: &str, files: &[(&str, &str)]) -> Self {
        Self::below(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("reload"), name, files)
    }

    /// Creates such a crate below a folder.
    fn below(base: &Path, name: &str, files: &[(&str, &str)]) -> Self {
        // The files of an earlier run.
        let _ = fs::remove_dir_all(base.join(name));
        let this = Self { folder: base.join(name).join("crate"), target: None };
        let mayfly = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("mayfly").display().to_string();
        this.write(
            "Cargo.toml",
            &format!(
                "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
                 [dependencies]\nmayfly = {{ path = {mayfly:?} }}\nserde = {{ version = \"1\", features = [\"derive\"] }}\n"
            ),
        );
        this.write("src/main.rs", &format!("mayfly::main!({name});\n"));
        for (file, text) in files {
            this.write(file, text);
        }
        this.lock();
        this
    }

    /// Copies this repository's Cargo.lock and removes the packages that the crate does not need, as a build would.
    fn lock(&self) {
        let lock = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("Cargo.lock");
        fs::copy(lock, self.folder.join("Cargo.lock")).expect("the lock file can be copied");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["metadata", "--offline", "--format-version", "1"]).current_dir(&self.folder);
        assert!(cargo.output().is_ok_and(|output| output.status.success()));
    }

    /// Creates a crate with thirty handlers, of which `thirty::h0` replies with a number, and a compiler that records
    /// its calls.
    fn thirty() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("thirty");
        let this = Self { target: Some(folder.join("target")), folder };
        // The sources of an earlier run; its target folder is kept.
        let _ = fs::remove_dir_all(this.folder.join("src"));
        let _ = fs::remove_file(this.folder.join("seeded"));
        let mayfly = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("mayfly").display().to_string();
        this.write(
            "Cargo.toml",
            &format!(
                "[package]\nname = \"thirty\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n\
                 mayfly = {{ path = {mayfly:?} }}\nserde = {{ version = \"1\", features = [\"derive\"] }}\n\n\
                 [features]\nmore = []\n\n[workspace]\n"
            ),
        );
        let lock = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("Cargo.lock");
        fs::copy(lock, this.folder.join("Cargo.lock")).expect("the lock file can be copied");
        this.write("src/main.rs", "mayfly::main!(thirty);\n");
        this.answer("0");
        this.write("compiler", "#!/bin/sh\necho \"$@\" >>\"$0.calls\"\nexec \"$@\"\n");
        this.write("compiler.calls", "");
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(this.folder.join("compiler"), executable).expect("it can be made executable");
        this
    }

    /// Writes the library; `thirty::h0` replies with the expression.
    fn answer(&self, expression: &str) {
        let mut source = "//! Thirty handlers, or one more.\n".to_owned();
        source.push_str("#[cfg(feature = \"more\")]\n#[mayfly::handler]\npub fn more() -> u32 { 31 }\n");
        for number in 0..30 {
            let body = if number == 0 { expression.to_owned() } else { number.to_string() };
            let handler = format!("#[mayfly::handler]\npub fn h{number}() -> u32 {{ {body} }}\n");
            source.write_str(&handler).expect("a string takes everything");
        }
        self.write("src/lib.rs", &source);
    }

    fn write(&self, file: &str, text: &str) {
        let file = self.folder.join(file);
        fs::create_dir_all(file.parent().expect("a file has a folder")).expect("a folder can be made");
        fs::write(file, text).expect("a file can be written");
    }

    fn start(&self, arguments: &[&str]) -> DevServer {
        let mut variables = self.variables();
        let compiler = self.folder.join("compiler");
        variables.extend(compiler.is_file().then(|| ("RUSTC_WRAPPER", compiler.display().to_string())));
        let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, &**value)).collect();
        DevServer::start(&self.folder, arguments, &variables)
    }

    /// Returns the variables for its builds.
    fn variables(&self) -> Vec<(&'static str, String)> {
        let own = self.target.iter().map(|target| ("CARGO_TARGET_DIR", target.display().to_string()));
        outside::variables().into_iter().chain(own).collect()
    }

    /// Removes what its builds have written, as `cargo clean` does. Its dependencies stay, since compiling them again
    /// would show no more. Cargo finds files by the name of the crate, so no test of the workspace may have that name.
    fn clean(&self) {
        if let Some(target) = &self.target {
            fs::remove_dir_all(target).expect("it can be removed");
        }
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["clean", "--package"]).arg(self.folder.parent().and_then(Path::file_name).expect("its name"));
        cargo.current_dir(&self.folder).envs(self.variables());
        assert!(cargo.output().is_ok_and(|output| output.status.success()));
    }

    /// Returns how often the compiler built the library and the binary.
    fn builds(&self) -> (usize, usize) {
        let calls = fs::read_to_string(self.folder.join("compiler.calls")).expect("it is there");
        let count = |kind: &str| {
            let of_kind = |line: &&str| line.contains("--crate-name thirty ") && line.contains(kind);
            calls.lines().filter(of_kind).count()
        };
        (count("--crate-type lib"), count("--crate-type bin"))
    }
}

#[test]
fn a_change_is_built_once_and_no_caller_notices() {
    let thirty = Crate::thirty();
    let mut server = thirty.start(&["--features", "more"]);
    assert_eq!(server.invoke("thirty::h0", "{}").text(), "0");
    assert_eq!(server.invoke("thirty::more", "{}").text(), "31");
    assert_eq!(server.functions().len(), 2, "of thirty handlers two were invoked");
    let (libraries, binaries) = thirty.builds();

    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let callers: Vec<_> = (0..2).map(|_| scope.spawn(|| seen_until(&is_over, &server))).collect();
        thirty.answer("1000");
        server.says("serving the new build");
        wait_for("the new answer", || (server.invoke("thirty::h0", "{}").text() == "1000").then_some(()));
        is_over.store(true, Ordering::Relaxed);
        for caller in callers {
            let mut seen = caller.join().expect("no caller meets a failure");
            seen.dedup();
            assert!(["0", "0 1000"].contains(&&*seen.join(" ")), "{seen:?}");
        }
    });
    assert_eq!(thirty.builds(), (libraries + 1, binaries + 1));
    assert_eq!(server.invoke("thirty::h7", "{}").text(), "7");
    wait_for("the end of the old processes", || (server.functions().len() <= 4).then_some(()));

    // A failed build prints cargo's errors, and the previous build serves.
    thirty.answer("\"no number\"");
    server.says("error: the binary `thirty` of package `thirty` does not build; still serving the previous build");
    assert_eq!(server.count("error[E0308]: mismatched types"), 1);
    assert_eq!(server.invoke("thirty::h0", "{}").text(), "1000");

    thirty.answer("2000");
    wait_for("the answer", || (server.invoke("thirty::h0", "{}").text() == "2000").then_some(()));

    // A new handler in a new file of a new folder is found.
    thirty.write("src/more/deep.rs", "#[mayfly::handler]\npub fn one() -> u32 { 1 }\n");
    thirty.write("src/more/mod.rs", "pub mod deep;\n");
    let library = fs::read_to_string(thirty.folder.join("src/lib.rs")).expect("it can be read");
    thirty.write("src/lib.rs", &format!("{library}pub mod more;\n"));
    wait_for("the new handler", || (server.invoke("thirty::more::deep::one", "{}").text() == "1").then_some(()));
    thirty.write("src/more/deep.rs", "#[mayfly::handler]\npub fn one() -> u32 { 2 }\n");
    wait_for("its change", || (server.invoke("thirty::more::deep::one", "{}").text() == "2").then_some(()));

    // The same after its folder was deleted and created again.
    fs::remove_dir_all(thirty.folder.join("src/more")).expect("it can be removed");
    for answer in ["3", "4"] {
        thirty.write("src/more/mod.rs", "pub mod deep;\n");
        thirty.write("src/more/deep.rs", &format!("#[mayfly::handler]\npub fn one() -> u32 {{ {answer} }}\n"));
        wait_for(answer, || (server.invoke("thirty::more::deep::one", "{}").text() == answer).then_some(()));
    }

    // Included files count in any folder.
    thirty.write("../thirty-number/number", "5");
    thirty.answer("include!(\"../../thirty-number/number\")");
    for answer in ["5", "6"] {
        thirty.write("../thirty-number/number", answer);
        wait_for(answer, || (server.invoke("thirty::h0", "{}").text() == answer).then_some(()));
    }

    // A helper program is not run, and does not affect the functions.
    thirty.write("src/bin/seed.rs", "fn main() { std::fs::write(\"seeded\", \"\").unwrap(); }\n");
    server.says("skipped: --package thirty --bin seed, whose `main` is not written by `mayfly::main!`");
    thirty.answer("7");
    wait_for("7", || (server.invoke("thirty::h0", "{}").text() == "7").then_some(()));
    assert!(!thirty.folder.join("seeded").exists(), "it was run");
    fs::remove_dir_all(thirty.folder.join("src/bin")).expect("it can be removed");

    // An interrupt during a build ends that as well, and leaves no folders.
    let builds = thirty.builds();
    thirty.answer("8");
    wait_for("a compiler", || (thirty.builds() != builds).then_some(()));
    assert_eq!(server.end("INT"), Some(0));
    thread::sleep(Duration::from_secs(1)); // in which cargo would link the binary
    let left = fs::read_dir(thirty.folder.join("target/.mayfly")).expect("builds were there").flatten();
    assert_eq!(left.filter(|entry| entry.path().is_dir()).count(), 0);
}

/// A handler that counts its invocations in a state, and writes a file in the source folder.
const COUNTING: &str = "\
mod generated;

struct Count {
    next: std::sync::atomic::AtomicU32,
}

#[mayfly::init]
fn count() -> Count {
    Count { next: std::sync::atomic::AtomicU32::new(generated::FIRST) }
}

#[mayfly::handler]
fn next(_: (), count: mayfly::State<Count>) -> u32 {
    let number = count.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    std::fs::write(\"src/last.txt\", number.to_string()).unwrap();
    number
}
";

#[test]
fn a_file_that_no_build_reads_starts_no_build_and_the_state_is_kept() {
    let script = "fn main() { std::fs::write(\"src/generated.rs\", \"pub const FIRST: u32 = 1;\\n\").unwrap(); }\n";
    let generated = ("src/generated.rs", "pub const FIRST: u32 = 1;\n");
    let calm = Crate::small("calm", &[("src/lib.rs", COUNTING), ("build.rs", script), generated]);
    let server = calm.start(&[]);
    let end = Instant::now() + Duration::from_secs(5);
    let mut calls = 0;
    while Instant::now() < end {
        calls += 1;
        assert_eq!(server.invoke("calm::next", "null").text(), calls.to_string());
        calm.write("dev.log", &format!("{} lines", server.count("")));
        if calls % 5 == 0 {
            // Saved again with the same content.
            calm.write("src/lib.rs", COUNTING);
        }
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(server.count("changed: "), 0);

    // A build of the same executable does not replace the process either.
    let manifest = fs::read_to_string(calm.folder.join("Cargo.toml")).expect("it can be read");
    let finished = server.count("Finished");
    calm.write("Cargo.toml", &format!("{manifest}# a comment\n"));
    server.says("changed: Cargo.toml");
    wait_for("the build", || (server.count("Finished") > finished).then_some(()));
    assert_eq!(server.invoke("calm::next", "null").text(), (calls + 1).to_string());
    assert_eq!(server.count("serving the new build"), 0);
}

#[test]
fn a_build_script_that_changes_a_source_each_time_does_not_start_builds_without_end() {
    let script = "fn main() {\n    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);\n    \
                  let text = format!(\"pub const NOW: u128 = {};\\n\", now.unwrap().as_nanos());\n    \
                  std::fs::write(\"src/now.rs\", text).unwrap();\n}\n";
    let library = |answer: u32| {
        format!("pub mod now;\n#[mayfly::handler]\nfn answer() -> u32 {{\n    let _ = now::NOW;\n    {answer}\n}}\n")
    };
    let restless = Crate::small("restless", &[("src/lib.rs", &library(1)), ("build.rs", script)]);
    let server = restless.start(&[]);
    server.says("src/now.rs changes during each build and no longer starts one");
    let changes = server.count("changed: ");
    assert!(changes <= 3, "{changes}");
    restless.write("src/lib.rs", &library(2));
    wait_for("the answer", || (server.invoke("restless::answer", "{}").text() == "2").then_some(()));
    thread::sleep(Duration::from_secs(2));
    assert_eq!(server.count("changed: "), changes + 1, "{:#?}", server.said());
    assert_eq!(server.count("changes during each build"), 1, "it is printed once");
}

#[test]
fn a_file_that_a_build_script_writes_to_its_own_folder_starts_no_build() {
    // It is written each time. The build directory is neither in the target folder nor around the crate.
    let script = "fn main() {\n    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);\n    \
                  let text = format!(\"pub const NOW: u128 = {};\\n\", now.unwrap().as_nanos());\n    \
                  std::fs::write(std::env::var(\"OUT_DIR\").unwrap() + \"/now.rs\", text).unwrap();\n    \
                  println!(\"cargo::rerun-if-changed=missing\");\n}\n";
    let library = |answer: u32| {
        format!(
            "pub mod now {{\n    include!(concat!(env!(\"OUT_DIR\"), \"/now.rs\"));\n}}\n#[mayfly::handler]\n\
             fn answer() -> u32 {{\n    let _ = now::NOW;\n    {answer}\n}}\n"
        )
    };
    let folder = tempfile::tempdir().expect("a folder can be made");
    let stamped = Crate::below(folder.path(), "stamped", &[("src/lib.rs", &library(1)), ("build.rs", script)]);
    let server = stamped.start(&[]);
    for answer in 2..4 {
        stamped.write("src/lib.rs", &library(answer));
        let answer = answer.to_string();
        wait_for(&answer, || (server.invoke("stamped::answer", "{}").text() == answer).then_some(()));
        thread::sleep(Duration::from_secs(2)); // in which another build would begin
    }
    assert_eq!(server.count("changed: src/lib.rs"), 2, "{:#?}", server.said());
    assert_eq!(server.count("now.rs"), 0, "{:#?}", server.said());
    drop(server);
    stamped.clean();
}

#[test]
fn all_files_that_a_build_reads_are_watched() {
    let library = "pub mod greeting;\n#[mayfly::handler]\nfn greet() -> String {\n    \
                   format!(\"{} {}\", greeting::GREETING.trim(), env!(\"GREETED\"))\n}\n";
    let eager = Crate::small(
        "eager",
        &[
            ("src/lib.rs", library),
            ("src/greeting.rs", "pub const GREETING: &str = include_str!(\"../.greeting\");\n"),
            (".greeting", "Hello,"),
            ("../.cargo/config.toml", "[env]\nGREETED = \"World\"\n"),
        ],
    );
    let server = eager.start(&[]);
    let greets = |expected: &str| {
        wait_for(expected, || (server.invoke("eager::greet", "{}").text() == format!("\"{expected}\"")).then_some(()));
    };
    greets("Hello, World");
    eager.write(".greeting", "Goodbye,");
    greets("Goodbye, World");
    // Existing and new configuration files count.
    eager.write("../.cargo/config.toml", "[env]\nGREETED = \"Ada\"\n");
    greets("Goodbye, Ada");
    eager.write(".cargo/config.toml", "[env]\nGREETED = \"Grace\"\n");
    greets("Goodbye, Grace");

    // A path dependency outside of the workspace.
    let manifest = fs::read_to_string(eager.folder.join("Cargo.toml")).expect("it can be read");
    let name = "[package]\nname = \"beside\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    eager.write("../beside/Cargo.toml", name);
    eager.write("../beside/src/lib.rs", "pub const GREETING: &str = \"Hi,\";\n");
    eager.write("Cargo.toml", &format!("{manifest}beside = {{ path = \"../beside\" }}\n"));
    eager.write("src/greeting.rs", "pub use beside::GREETING;\n");
    greets("Hi, Grace");
    eager.write("../beside/src/lib.rs", "pub const GREETING: &str = \"Ho,\";\n");
    greets("Ho, Grace");

    // Files that were missing in a failed build, and mistakes in files that no build has read yet.
    eager.write("src/greeting.rs", "mod late;\npub use late::GREETING;\n");
    server.says("error[E0583]");
    eager.write("src/greeting/late.rs", "pub const GREETING: &str = include_str!(\"late.txt\"\n");
    wait_for("the error", || (server.count("still serving the previous build") >= 2).then_some(()));
    eager.write("src/greeting/late.rs", "pub const GREETING: &str = include_str!(\"late.txt\");\n");
    wait_for("the error", || (server.count("still serving the previous build") >= 3).then_some(()));
    eager.write("src/greeting/late.txt", "At last,");
    greets("At last, Grace");

    // An invalid manifest fails once, until it is valid again.
    eager.write("Cargo.toml", "[package");
    wait_for("the error", || (server.count("still serving the previous build") >= 4).then_some(()));
    eager.write("Cargo.toml", &manifest);
    eager.write("src/greeting.rs", "pub const GREETING: &str = \"Again,\";\n");
    fs::remove_dir_all(eager.folder.join("src/greeting")).expect("it can be removed");
    greets("Again, Grace");
}

#[test]
fn binaries_with_the_same_name_are_both_watched() {
    let twins = Crate::small("twins", &[("src/lib.rs", "")]);
    let manifest = fs::read_to_string(twins.folder.join("Cargo.toml")).expect("it can be read");
    twins.write("Cargo.toml", "[workspace]\nmembers = [\"orders\", \"mail\"]\nresolver = \"3\"\n");
    for member in ["orders", "mail"] {
        let binary = "[[bin]]\nname = \"twin\"\npath = \"src/main.rs\"\n";
        let manifest = manifest.replace("\"twins\"", &format!("{member:?}")).replace("[workspace]\n", binary);
        twins.write(&format!("{member}/Cargo.toml"), &manifest);
        twins.write(&format!("{member}/src/main.rs"), &format!("mayfly::main!({member});\n"));
        let handler = "#[mayfly::handler]\nfn text() -> &'static str { include_str!(\"../text\") }\n";
        twins.write(&format!("{member}/src/lib.rs"), handler);
        twins.write(&format!("{member}/text"), "one");
    }
    twins.lock();
    let server = twins.start(&[]);
    for member in ["orders", "mail"] {
        let finished = server.count("Finished");
        twins.write(&format!("{member}/text"), "two");
        server.says(&format!("changed: {member}/text"));
        wait_for("the build", || (server.count("Finished") > finished).then_some(()));
    }
}

#[test]
fn an_executable_that_cargo_clean_removed_is_named_and_built_again_after_the_next_change() {
    let library = |number: u32| format!("#[mayfly::handler]\npub fn number() -> u32 {{ {number} }}\n");
    let mut cleaned = Crate::small("cleaned", &[("src/lib.rs", &library(1))]);
    cleaned.target = Some(cleaned.folder.join("target"));
    let server = cleaned.start(&[]);
    cleaned.clean();
    let failure = server.invoke("cleaned::number", "{}").text();
    assert!(failure.contains("/cleaned cannot be started: No such file or directory"), "{failure}");
    cleaned.write("src/lib.rs", &library(2));
    server.says("serving the new build");
    assert_eq!(server.invoke("cleaned::number", "{}").text(), "2");
}

/// Invokes a function repeatedly; every invocation must succeed.
fn seen_until(is_over: &AtomicBool, server: &DevServer) -> Vec<String> {
    let (mut seen, mut ids) = (Vec::new(), HashSet::new());
    while !is_over.load(Ordering::Relaxed) {
        let reply = server.invoke("thirty::h0", "{}");
        assert_eq!((reply.status, reply.header("x-amz-function-error")), (200, None), "{reply}");
        assert!(ids.insert(reply.request_id()), "an id comes twice");
        seen.push(reply.text());
    }
    seen
}
