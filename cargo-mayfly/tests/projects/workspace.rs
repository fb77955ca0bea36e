//! [`Workspace`]: a folder of packages that depend on mayfly, and commands in it.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use crate::outside;

/// Variables for quick builds, since these tests are not about the code that the compiler makes.
pub(crate) const QUICK: [(&str, &str); 4] = [
    ("CARGO_PROFILE_DEV_DEBUG", "0"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
];

/// A temporary folder outside of all workspaces.
pub(crate) struct Workspace(tempfile::TempDir);

impl Workspace {
    /// Creates a folder with these files, in which `{mayfly}` is replaced by the path of this repository's mayfly.
    pub(crate) fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let folder = tempfile::Builder::new().prefix(name).tempdir().expect("a folder can be made");
        let workspace = Self(folder);
        for (file, text) in files {
            workspace.write(file, text);
        }
        workspace
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let mayfly = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("mayfly").display().to_string();
        let file = self.path(file);
        fs::create_dir_all(file.parent().expect("a file has a folder")).expect("a folder can be made");
        fs::write(file, text.replace("{mayfly}", &mayfly)).expect("a file can be written");
    }

    /// Copies the Cargo.lock of this repository to a subfolder.
    pub(crate) fn lock(&self, folder: &str) {
        let lock = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("Cargo.lock");
        fs::copy(lock, self.path(folder).join("Cargo.lock")).expect("the lock file can be copied");
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.0.path().canonicalize().expect("it is there").join(file)
    }

    /// Returns `cargo mayfly` in a subfolder, with the target folder of other tests, where mayfly is compiled already.
    pub(crate) fn command(&self, folder: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mayfly"));
        command.current_dir(self.path(folder)).args(arguments).stdin(Stdio::null());
        for variable in ["_HANDLER", "MAYFLY_HANDLER", "LOGLEVEL", "RUST_LOG", "AWS_LAMBDA_LOG_LEVEL", "RUSTFLAGS"] {
            command.env_remove(variable);
        }
        command.envs(outside::variables()).envs(QUICK);
        command
    }

    /// Returns `cargo mayfly` in a subfolder, with cargo's own choice of a target folder.
    pub(crate) fn command_with_own_target(&self, folder: &str, arguments: &[&str]) -> Command {
        let mut command = self.command(folder, arguments);
        command.env_remove("CARGO_TARGET_DIR").env_remove("CARGO_BUILD_BUILD_DIR");
        command
    }

    pub(crate) fn run(&self, folder: &str, arguments: &[&str]) -> Output {
        finish(self.command(folder, arguments))
    }
}

/// Runs a command to its end; `dev` is stopped as soon as it serves.
pub(crate) fn finish(mut command: Command) -> Output {
    if !command.get_args().any(|argument| argument == "dev") {
        return command.output().expect("the command can be run");
    }
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command can be run");
    let mut stderr = String::new();
    for line in BufReader::new(child.stderr.take().expect("it is piped")).lines().map_while(Result::ok) {
        stderr.extend([&line, "\n"]);
        if line.starts_with("Changed sources are rebuilt") {
            terminate(&child);
        }
    }
    let mut stdout = Vec::new();
    child.stdout.take().expect("it is piped").read_to_end(&mut stdout).expect("it can be read");
    Output { status: child.wait().expect("it ends"), stdout, stderr: stderr.into_bytes() }
}

fn terminate(child: &Child) {
    let killed = Command::new("sh").args(["-c", &format!("kill -TERM {}", child.id())]).status();
    assert!(killed.is_ok_and(|status| status.success()));
}

pub(crate) fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Extracts the bootstrap from a zip, runs it and returns its output.
pub(crate) fn bootstrap_of(zip: &Path) -> String {
    use std::os::unix::fs::PermissionsExt as _;

    let mut zip = zip::ZipArchive::new(fs::File::open(zip).expect("there is a zip")).expect("it is a zip");
    let folder = tempfile::tempdir().expect("a folder can be made");
    let executable = folder.path().join("bootstrap");
    let mut file = fs::File::create(&executable).expect("a file can be made");
    std::io::copy(&mut zip.by_name("bootstrap").expect("it is in the zip"), &mut file).expect("it can be read");
    drop(file);
    fs::set_permissions(&executable, fs::Permissions::from_mode(0o755)).expect("a mode can be set");
    // A process that another test forks may briefly hold the file open.
    let output = loop {
        match Command::new(&executable).env("MAYFLY_LIST", "json").output() {
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {}
            output => break output.expect("it runs"),
        }
    };
    out(&output)
}
