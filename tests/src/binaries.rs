//! The binaries under test, built by cargo as a user would build them.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// How a binary is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// `cargo build`: panics unwind.
    Debug,
    /// `cargo build --release` with this workspace's profile, as on Lambda: LTO, panics abort, function names are kept.
    Release,
    /// The same with `strip = true`: no function names.
    Stripped,
}

impl Profile {
    /// All of them, to be run through.
    pub const ALL: [Self; 3] = [Self::Debug, Self::Release, Self::Stripped];
}

/// The binary of the example `greeter`.
#[must_use]
pub fn greeter(profile: Profile) -> PathBuf {
    build(profile).join("bootstrap")
}

/// A binary of the fixture `odd`; beside `odd` itself the others exist only in [`Profile::Debug`].
#[must_use]
pub fn odd(profile: Profile, name: &str) -> PathBuf {
    build(profile).join(name)
}

/// The binary `odd` or `workers` with the feature `trace-env` of Mayfly.
#[must_use]
pub fn odd_with_trace_env(name: &str) -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    const ARGS: [&str; 8] = ["-p", "odd", "--bin", "odd", "--bin", "workers", "--features", "trace-env"];
    BUILT.get_or_init(|| built("traced", &ARGS)).join(name)
}

/// The binary `odd` as in [`Profile::Release`], but with panics that unwind, so that it lives on after them.
#[must_use]
pub fn odd_unwinding() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    const ARGS: [&str; 7] = ["-p", "odd", "--bin", "odd", "--release", "--config", "profile.release.panic='unwind'"];
    BUILT.get_or_init(|| built("unwinding", &ARGS)).join("odd")
}

/// The binary of the fixture `plain`, which is built without Mayfly's feature `async`.
#[must_use]
pub fn plain() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| built("plain", &["-p", "plain"])).join("plain")
}

/// The binary of the fixture `raw`, the only one that is built with `serde_json`'s feature `raw_value`.
#[must_use]
pub fn raw() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| built("raw", &["-p", "raw"])).join("raw")
}

/// The binary `plain` in release, with line tables and no more of the debugging information.
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

/// A binary of the fixture `routes`, which is built with Mayfly's feature `axum`.
#[must_use]
pub fn routes(name: &str) -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| built("routes", &["-p", "routes", "--bins"])).join(name)
}

/// A cargo command in the workspace.
#[must_use]
pub fn cargo(command: &str) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").as_deref().unwrap_or(OsStr::new("cargo")));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR")).args([command, "--quiet"]).stdin(Stdio::null());
    cargo
}

/// The directory with all binaries of a profile.
fn build(profile: Profile) -> &'static Path {
    static BUILT: [OnceLock<PathBuf>; 3] = [const { OnceLock::new() }; 3];
    const RELEASE: [&str; 9] = ["-p", "greeter", "-p", "odd", "--bin", "bootstrap", "--bin", "odd", "--release"];
    // Only the last step differs, so that nothing else is compiled once more.
    const STRIPPED: [&str; 4] = [
        "--config",
        "profile.release.package.greeter.strip=true",
        "--config",
        "profile.release.package.odd.strip=true",
    ];
    BUILT[profile as usize].get_or_init(|| match profile {
        Profile::Debug => built("debug", &["-p", "greeter", "-p", "odd", "--bins"]),
        Profile::Release => built("release", &RELEASE),
        Profile::Stripped => built("stripped", &[RELEASE.as_slice(), &STRIPPED].concat()),
    })
}

/// Builds, and puts the binaries in a directory that belongs to `variant`: cargo itself puts those of every variant of
/// a profile in the same place.
fn built(variant: &str, args: &[&str]) -> PathBuf {
    // Every test binary comes here; the lock keeps them from building, and copying, at the same time.
    let lock = File::open(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).expect("the manifest is there");
    lock.lock().expect("a file can be locked");
    let output = cargo("build").args(args).args(["--message-format", "json"]).stderr(Stdio::inherit()).output();
    let output = output.expect("cargo can be run");
    assert!(output.status.success(), "cargo build {args:?}");
    let executables = output.stdout.split(|&byte| byte == b'\n').filter_map(executable);
    let copies: Vec<_> = executables.map(|executable| copy(&executable, variant)).collect();
    copies.first().and_then(|copy| copy.parent()).expect("something was built").to_owned()
}

/// The executable that a message of cargo's tells of.
fn executable(message: &[u8]) -> Option<PathBuf> {
    let message: Value = serde_json::from_slice(message).ok()?;
    message["executable"].as_str().map(PathBuf::from)
}

/// Copies `target/<profile>/<name>` to `target/mayfly-tests/<variant>/<name>`, unless it is there already.
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
        // A process may be running the old one, which so stays as it is.
        fs::rename(&fresh, &to).expect("a file can be renamed");
    }
    to
}
