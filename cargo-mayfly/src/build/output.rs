//! Where what was built goes; what is not a build's own product stays.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use tempfile::{Builder, NamedTempFile};
use tokio::runtime;
use tokio::task::spawn_blocking;
use zip::ZipArchive;

use crate::build::archive;
use crate::build::contents::{BOOTSTRAP, Contents};
use crate::interrupt::interrupt;

/// A file that a build writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// The executable itself, as `bootstrap`.
    Executable(PathBuf),
    /// A zip.
    Zip(PathBuf),
}

impl Output {
    /// The file's path.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Executable(path) | Self::Zip(path) => path,
        }
    }

    /// Checks that what is there may go: an executable for an executable, a zip with a `bootstrap` for a zip.
    ///
    /// # Errors
    /// When it may not. `--force` lets go of any file, but of nothing else.
    pub(crate) fn check(&self, force: bool) -> Result<()> {
        let path = self.path();
        let Ok(metadata) = path.symlink_metadata() else { return Ok(()) };
        ensure!(!metadata.is_dir(), "{} is a folder: name another place with --outdir", path.display());
        let may_go = force || metadata.is_file() && self.is_of_a_build();
        if !may_go {
            bail!(
                "{} exists and is not a build's own: move it, name another place with --outdir, or use --force",
                path.display()
            );
        }
        Ok(())
    }

    /// Writes the file and says how large it is. It appears whole or not at all, also after an interrupt.
    ///
    /// # Errors
    /// When something cannot be read or written, or an interrupt comes first.
    pub(crate) fn write(&self, contents: &Contents, executable: &Path) -> Result<u64> {
        let path = self.path();
        let write = || format!("cannot write {}", path.display());
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(write)?;
        }
        let runtime = runtime::Builder::new_current_thread().enable_io().build()?;
        let written = runtime.block_on(async {
            tokio::select! {
                biased; // an interrupt is waited for before there is anything to remove
                () = interrupt() => Err(anyhow!("interrupted")),
                size = self.replace(contents.clone(), executable.to_owned()) => size,
            }
        });
        // After an interrupt a thread may still be packing, into a file that is removed.
        runtime.shutdown_background();
        written.with_context(write)
    }

    /// Writes a hidden file, which then takes the place of the one that is meant; if this ends before, it is removed.
    async fn replace(&self, contents: Contents, executable: PathBuf) -> Result<u64> {
        let folder = self.path().parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let (file, unfinished) = self.unfinished(folder)?.into_parts();
        let output = self.clone();
        let size = spawn_blocking(move || output.write_to(file, &contents, &executable)).await??;
        unfinished.persist(self.path())?;
        Ok(size)
    }

    /// Makes a hidden file in the folder.
    fn unfinished(&self, folder: &Path) -> io::Result<NamedTempFile> {
        let mut builder = Builder::new();
        builder.prefix(".mayfly-").suffix(".unfinished");
        #[cfg(unix)]
        builder.permissions(self.mode());
        builder.tempfile_in(folder)
    }

    /// The umask is taken from it.
    #[cfg(unix)]
    fn mode(&self) -> fs::Permissions {
        use std::os::unix::fs::PermissionsExt as _;
        fs::Permissions::from_mode(match self {
            Self::Executable(_) => 0o777,
            Self::Zip(_) => 0o666,
        })
    }

    fn write_to(&self, mut file: File, contents: &Contents, executable: &Path) -> Result<u64> {
        let file = match self {
            Self::Executable(_) => {
                io::copy(&mut File::open(executable)?, &mut file)?;
                make_executable(&file)?;
                file
            }
            Self::Zip(_) => archive::write(contents, file)?,
        };
        Ok(file.metadata()?.len())
    }

    /// Whether the file is one that a build writes.
    pub(crate) fn is_of_a_build(&self) -> bool {
        let Ok(mut file) = File::open(self.path()) else { return false };
        match self {
            Self::Executable(_) => {
                let mut magic = [0; 4];
                file.read_exact(&mut magic).is_ok() && magic == *b"\x7fELF"
            }
            Self::Zip(_) => ZipArchive::new(file).is_ok_and(|zip| zip.index_for_name(BOOTSTRAP).is_some()),
        }
    }
}

/// Whatever the umask says, as the file is for another machine.
#[cfg(unix)]
fn make_executable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_: &File) -> io::Result<()> {
    Ok(())
}
