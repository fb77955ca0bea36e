//! A new project that is created, tested and built without a network.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::outside;

/// A folder outside of all workspaces.
pub(crate) struct Folder(pub(crate) tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder can be made"))
    }

    /// Runs `cargo mayfly` in a subfolder.
    pub(crate) fn mayfly(&self, folder: &str, arguments: &[&str]) -> Output {
        run(Path::new(env!("CARGO_BIN_EXE_cargo-mayfly")), &self.0.path().join(folder), arguments)
    }

    /// Runs cargo in a subfolder, with the Cargo.lock of this repository.
    pub(crate) fn cargo(&self, folder: &str, arguments: &[&str]) -> Output {
        let folder = self.0.path().join(folder);
        let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
        fs::copy(lock, folder.join("Cargo.lock")).expect("the lock file can be copied");
        run(Path::new(env!("CARGO")), &folder, arguments)
    }

    /// Creates the project `my-app`, runs its tests, builds its zip, and extracts the bootstrap.
    pub(crate) fn bootstrap(&self) -> PathBuf {
        assert_fine(&self.mayfly("", &["new", "my-app"]));
        let tests = self.cargo("my-app", &["test", "--offline"]);
        assert_fine(&tests);
        let ran = String::from_utf8_lossy(&tests.stdout);
        assert_eq!(ran.matches(" ... ok\n").count(), 4, "{ran}");
        assert_fine(&self.mayfly("my-app", &["build", "--zip", "--debug"]));

        let zip = fs::File::open(self.0.path().join("my-app/lambda.zip")).expect("there is a zip");
        let mut zip = zip::ZipArchive::new(zip).expect("it is a zip");
        let bootstrap = self.0.path().join("bootstrap");
        let mut file = fs::File::create(&bootstrap).expect("a file can be made");
        std::io::copy(&mut zip.by_name("bootstrap").expect("it is in the zip"), &mut file).expect("it can be read");
        fs::set_permissions(&bootstrap, fs::Permissions::from_mode(0o755)).expect("a mode can be set");
        bootstrap
    }
}

fn run(program: &Path, folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    // `cargo mayfly list` would warn about them.
    for variable in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy", "LOGLEVEL"] {
        command.env_remove(variable);
    }
    command.envs(outside::variables()).output().expect("the command can be run")
}

/// Checks that a command succeeded without a warning.
pub(crate) fn assert_fine(output: &Output) {
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !err.contains("warning"), "{err}");
}
