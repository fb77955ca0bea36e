//! The binaries under test, built by cargo as a user builds them.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::Value;

/// A way to build a binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// `cargo build`: panics unwind.
    Debug,
    /// `cargo build` with `panic = "abort"`.
    Abort,
    /// `cargo build --release` with this workspace's profile, as for Lambda: LTO, panics abort, function names stay.
    Release,
    /// The binary of [`Release`](Self::Release) without its symbols, as `strip = true` leaves it: no function names.
    Stripped,
}

impl Profile {
    /// The profiles of [`greeter`] and of `odd` itself.
    pub const ALL: [Self; 3] = [Self::Debug, Self::Release, Self::Stripped];
}

/// Builds the example `greeter` and returns its binary.
#[must_use]
pub fn greeter(profile: Profile) -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let directory = match profile {
        Profile::Debug => BUILT.get_or_init(|| built("greeter", &["-p", "greeter"])),
        _ => for_lambda(profile),
    };
    directory.join("bootstrap")
}

/// Builds the fixture `odd` and returns one of its binaries; only `odd` itself exists in [`Profile::Release`] and
/// [`Profile::Stripped`].
#[must_use]
pub fn odd(profile: Profile, name: &str) -> PathBuf {
    if profile == Profile::Debug { fixture(name) } else { for_lambda(profile).join(name) }
}

/// Builds `odd` and `workers` with Mayfly's feature `trace-env` and returns one of the two.
#[must_use]
pub fn odd_with_trace_env(name: &str) -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    const ARGS: [&str; 7] = ["--workspace", "--bin", "odd", "--bin", "workers", "--features", "odd/trace-env"];
    BUILT.get_or_init(|| built("traced", &ARGS)).join(name)
}

/// Builds `odd` as in [`Profile::Release`], except that panics unwind and the process survives them.
#[must_use]
pub fn odd_unwinding() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    const ARGS: [&str; 7] = ["-p", "odd", "--bin", "odd", "--release", "--config", "profile.release.panic='unwind'"];
    BUILT.get_or_init(|| built("unwinding", &ARGS)).join("odd")
}

/// Builds the fixture `plain`, which does without Mayfly's feature `async`.
#[must_use]
pub fn plain() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| built("plain", &["-p", "plain"])).join("plain")
}

/// Builds the fixture `raw`, the only one with `serde_json`'s feature `raw_value` and no other.
#[must_use]
pub fn raw() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| built("raw", &["-p", "raw"])).join("raw")
}

/// Builds `plain` in release, with line tables but no other debugging information.
#[must_use]
pub fn plain_with_line_tables() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    const ARGS: [&str; 7] = [
        "-p",
        "plain",
        "--release",
        "--config",
        "profile.release.debug='line-tables-only'",
        "--config",
        "profile.release.strip='none'",
    ];
    BUILT.get_or_init(|| built("line-tables", &ARGS)).join("plain")
}

/// Builds and returns a binary of the fixture `routes`.
#[must_use]
pub fn routes(name: &str) -> PathBuf {
    fixture(name)
}

/// Builds the fixture `batches`, in [`Profile::Debug`] or [`Profile::Abort`].
#[must_use]
pub fn batches(profile: Profile) -> PathBuf {
    unwinding_or_not(profile, "batches")
}

/// Builds the fixture `streams`, in [`Profile::Debug`] or [`Profile::Abort`].
#[must_use]
pub fn streams(profile: Profile) -> PathBuf {
    unwinding_or_not(profile, "streams")
}

/// Builds the example `streaming`.
#[must_use]
pub fn streaming() -> PathBuf {
    fixture("streaming")
}

/// Builds the fixture `around`, in [`Profile::Debug`] or [`Profile::Abort`].
#[must_use]
pub fn around(profile: Profile) -> PathBuf {
    unwinding_or_not(profile, "around")
}

/// Builds the fixture `hooks`.
#[must_use]
pub fn hooks() -> PathBuf {
    fixture("hooks")
}

/// Builds the binary of the fixture `hooks` whose shutdown function does not apply to its handler `quick`.
#[must_use]
pub fn lone_hook() -> PathBuf {
    fixture("lone_hook")
}

/// Builds the binary of the fixture `hooks` with functions around a snapshot, in [`Profile::Debug`] or
/// [`Profile::Abort`].
#[must_use]
pub fn snapshots(profile: Profile) -> PathBuf {
    unwinding_or_not(profile, "snapshots")
}

/// Builds and returns the command `cargo-mayfly`.
#[must_use]
pub fn cargo_mayfly() -> PathBuf {
    fixture("cargo-mayfly")
}

/// Prepares a cargo command in the workspace.
#[must_use]
pub fn cargo(command: &str) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").as_deref().unwrap_or(OsStr::new("cargo")));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR")).args([command, "--quiet"]).stdin(Stdio::null());
    cargo
}

/// Builds a binary of the workspace in [`Profile::Debug`]. With `--workspace`, its dependencies are those of `cargo test
/// --workspace`; each package alone would have them compiled again, with fewer features.
fn fixture(name: &str) -> PathBuf {
    static BUILT: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut built_before = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    let directory = built_before.entry(name.to_owned());
    directory.or_insert_with(|| built("debug", &["--workspace", "--bin", name])).join(name)
}

fn unwinding_or_not(profile: Profile, name: &str) -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    match profile {
        Profile::Debug => fixture(name),
        Profile::Abort => BUILT.get_or_init(|| built("abort", &ABORTING)).join(name),
        Profile::Release | Profile::Stripped => panic!("{name} is not built with {profile:?}"),
    }
}

/// The fixtures that tests need with `panic = "abort"`. They are built together, and without optimization, since each
/// compilation of their dependencies costs more than all of their tests.
const ABORTING: [&str; 18] = [
    "-p",
    "around",
    "--bin",
    "around",
    "-p",
    "batches",
    "--bin",
    "batches",
    "-p",
    "hooks",
    "--bin",
    "snapshots",
    "-p",
    "streams",
    "--bin",
    "streams",
    "--config",
    "profile.dev.panic='abort'",
];

/// Builds `greeter` and `odd` for Lambda and returns the directory of their binaries.
fn for_lambda(profile: Profile) -> &'static Path {
    static BUILT: [OnceLock<PathBuf>; 2] = [const { OnceLock::new() }; 2];
    const ARGS: [&str; 9] = ["-p", "greeter", "-p", "odd", "--bin", "bootstrap", "--bin", "odd", "--release"];
    match profile {
        Profile::Release => BUILT[0].get_or_init(|| built("release", &ARGS)),
        Profile::Stripped => BUILT[1].get_or_init(|| stripped(for_lambda(Profile::Release))),
        Profile::Debug | Profile::Abort => panic!("{profile:?} is not for Lambda"),
    }
}

/// Keeps other test binaries from building and copying at the same time.
fn alone() -> File {
    let lock = File::open(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).expect("the manifest is there");
    lock.lock().expect("a file can be locked");
    lock
}

/// Copies binaries without their symbols, and returns the directory of the copies.
fn stripped(binaries: &Path) -> PathBuf {
    let _alone = alone();
    let directory = binaries.with_file_name("stripped");
    fs::create_dir_all(&directory).expect("the target directory can be written");
    for binary in fs::read_dir(binaries).expect("something was built") {
        let binary = binary.expect("a binary has a name").path();
        let name = binary.file_name().expect("a binary has a name");
        let fresh = directory.join(format!("{}.fresh", name.display()));
        let status = Command::new("strip").arg("-o").args([&fresh, &binary]).status();
        assert!(status.is_ok_and(|status| status.success()), "strip, which comes with a linker, works");
        // A process may be running an earlier one, which a rename leaves intact.
        fs::rename(&fresh, directory.join(name)).expect("a file can be renamed");
    }
    directory
}

/// Builds binaries and copies them to a directory for this `variant`; cargo itself puts the binaries of all variants of
/// a profile in the same directory.
fn built(variant: &str, args: &[&str]) -> PathBuf {
    let _alone = alone();
    let output = cargo("build").args(args).args(["--message-format", "json"]).stderr(Stdio::inherit()).output();
    let output = output.expect("cargo can be run");
    assert!(output.status.success(), "cargo build {args:?}");
    let executables = output.stdout.split(|&byte| byte == b'\n').filter_map(executable);
    let copies: Vec<_> = executables.map(|executable| copy(&executable, variant)).collect();
    copies.first().and_then(|copy| copy.parent()).expect("something was built").to_owned()
}

/// Returns the executable that a message of cargo names, if it names one.
fn executable(message: &[u8]) -> Option<PathBuf> {
    let message: Value = serde_json::from_slice(message).ok()?;
    message["executable"].as_str().map(PathBuf::from)
}

/// Copies `target/<profile>/<name>` to `target/mayfly-tests/<variant>/<name>`, unless the copy is up to date.
fn copy(executable: &Path, variant: &str) -> PathBuf {
    let target = executable.ancestors().nth(2).expect("cargo has a target directory");
    let directory = target.join("mayfly-tests").join(variant);
    let name = executable.file_name().expect("an executable has a name");
    let to = directory.join(name);
    let modified = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    if modified(&to) <= modified(executable) {
        fs::create_dir_all(&directory).expect("the target directory can be written");
        let fresh = directory.join(format!("{}.fresh", name.display()));
        fs::copy(executable, &fresh).expect("an executable can be copied");
        // A process may be running the old one, which a rename leaves intact.
        fs::rename(&fresh, &to).expect("a file can be renamed");
    }
    to
}
