//! What `cargo mayfly dev` does when the source changes, on a crate of thirty handlers.

#[path = "common/desk.rs"]
mod desk;
#[path = "common/http.rs"]
mod http;

use std::collections::HashSet;
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use desk::{Desk, wait_for};

/// The crate, with a compiler that counts.
struct Crate {
    folder: PathBuf,
}

impl Crate {
    /// Thirty handlers, of which `thirty::h0` answers with a number.
    fn new() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("thirty");
        let this = Self { folder };
        // What an earlier run has left; what it built may be of use.
        let _ = fs::remove_dir_all(this.folder.join("src"));
        let _ = fs::remove_file(this.folder.join("seeded"));
        let mayfly = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("mayfly").display().to_string();
        this.write(
            "Cargo.toml",
            &format!(
                "[package]\nname = \"thirty\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n\
                 mayfly = {{ path = {mayfly:?}, default-features = false }}\n\n[features]\nmore = []\n\n[workspace]\n"
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

    /// Writes the library anew; the expression is what `thirty::h0` answers.
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

    fn start(&self) -> Desk {
        let target = self.folder.join("target");
        let compiler = self.folder.join("compiler");
        let variables = [
            ("CARGO_TARGET_DIR", &*target.to_string_lossy()),
            ("RUSTC_WRAPPER", &*compiler.to_string_lossy()),
            ("CARGO_NET_OFFLINE", "true"),
        ];
        Desk::start(&self.folder, &["--features", "more"], &variables)
    }

    /// How often the compiler made the library, and the binary.
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
    let thirty = Crate::new();
    let mut desk = thirty.start();
    assert_eq!(desk.invoke("thirty::h0", "{}").text(), "0");
    assert_eq!(desk.invoke("thirty::more", "{}").text(), "31");
    assert_eq!(desk.functions().len(), 2, "of thirty handlers two were invoked");
    let (libraries, binaries) = thirty.builds();

    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let callers: Vec<_> = (0..2).map(|_| scope.spawn(|| seen_until(&is_over, &desk))).collect();
        thirty.answer("1000");
        desk.says("the new version is served now");
        wait_for("the new answer", || (desk.invoke("thirty::h0", "{}").text() == "1000").then_some(()));
        is_over.store(true, Ordering::Relaxed);
        for caller in callers {
            let mut seen = caller.join().expect("no caller meets a failure");
            seen.dedup();
            assert!(["0", "0 1000"].contains(&&*seen.join(" ")), "{seen:?}");
        }
    });
    assert_eq!(thirty.builds(), (libraries + 1, binaries + 1));
    assert_eq!(desk.invoke("thirty::h7", "{}").text(), "7");
    wait_for("the end of the old processes", || (desk.functions().len() <= 4).then_some(()));

    // One that does not build is shown as cargo shows it, and changes nothing.
    thirty.answer("\"no number\"");
    desk.says("error: the binary `thirty` of package `thirty` does not build; the version before goes on");
    assert_eq!(desk.count("error[E0308]: mismatched types"), 1);
    assert_eq!(desk.invoke("thirty::h0", "{}").text(), "1000");

    // What is no change of the source makes nothing new: the process goes on.
    thirty.answer("2000");
    wait_for("the answer", || (desk.invoke("thirty::h0", "{}").text() == "2000").then_some(()));
    let (finished, functions) = (desk.count("Finished"), desk.functions());
    thirty.write("notes.txt", "a note");
    wait_for("a look at the note", || (desk.count("Finished") > finished).then_some(()));
    assert_eq!(desk.invoke("thirty::h0", "{}").text(), "2000");
    assert_eq!(desk.functions(), functions);

    // A new handler, in a new file of a new folder, is found.
    thirty.write("src/more/deep.rs", "#[mayfly::handler]\npub fn one() -> u32 { 1 }\n");
    thirty.write("src/more/mod.rs", "pub mod deep;\n");
    let library = fs::read_to_string(thirty.folder.join("src/lib.rs")).expect("it can be read");
    thirty.write("src/lib.rs", &format!("{library}pub mod more;\n"));
    wait_for("the new handler", || (desk.invoke("thirty::more::deep::one", "{}").text() == "1").then_some(()));
    thirty.write("src/more/deep.rs", "#[mayfly::handler]\npub fn one() -> u32 { 2 }\n");
    wait_for("its change", || (desk.invoke("thirty::more::deep::one", "{}").text() == "2").then_some(()));

    // Also after its folder was deleted and made again.
    fs::remove_dir_all(thirty.folder.join("src/more")).expect("it can be removed");
    for answer in ["3", "4"] {
        thirty.write("src/more/mod.rs", "pub mod deep;\n");
        thirty.write("src/more/deep.rs", &format!("#[mayfly::handler]\npub fn one() -> u32 {{ {answer} }}\n"));
        wait_for(answer, || (desk.invoke("thirty::more::deep::one", "{}").text() == answer).then_some(()));
    }

    // A file counts wherever it is.
    thirty.write("../thirty-number/number", "5");
    thirty.answer("include!(\"../../thirty-number/number\")");
    for answer in ["5", "6"] {
        thirty.write("../thirty-number/number", answer);
        wait_for(answer, || (desk.invoke("thirty::h0", "{}").text() == answer).then_some(()));
    }

    // A program that is no function is not run, and keeps nobody from being served.
    thirty.write("src/bin/seed.rs", "fn main() { std::fs::write(\"seeded\", \"\").unwrap(); }\n");
    desk.says("passed over: --package thirty --bin seed, whose `main` is not written by `mayfly::main!`");
    thirty.answer("7");
    wait_for("7", || (desk.invoke("thirty::h0", "{}").text() == "7").then_some(()));
    assert!(!thirty.folder.join("seeded").exists(), "it was run");
    fs::remove_dir_all(thirty.folder.join("src/bin")).expect("it can be removed");

    // An end in the middle of a build leaves nothing.
    let changes = desk.count("changed: ");
    thirty.answer("8");
    wait_for("a look at the change", || (desk.count("changed: ") > changes).then_some(()));
    assert_eq!(desk.end("INT"), Some(0));
    let left = fs::read_dir(thirty.folder.join("target/.mayfly")).expect("builds were there").flatten();
    assert_eq!(left.filter(|entry| entry.path().is_dir()).count(), 0);
}

/// Invokes again and again; every invocation must go well.
fn seen_until(is_over: &AtomicBool, desk: &Desk) -> Vec<String> {
    let (mut seen, mut ids) = (Vec::new(), HashSet::new());
    while !is_over.load(Ordering::Relaxed) {
        let reply = desk.invoke("thirty::h0", "{}");
        assert_eq!((reply.status, reply.header("x-amz-function-error")), (200, None), "{reply}");
        assert!(ids.insert(reply.request_id()), "an id comes twice");
        seen.push(reply.text());
    }
    seen
}
