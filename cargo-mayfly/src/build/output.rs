//! Where what was built goes; what is not a build's own product stays.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use zip::ZipArchive;

use crate::build::archive;
use crate::build::contents::{BOOTSTRAP, Contents};

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

    /// Writes the file and says how large it is. It appears whole or not at all.
    ///
    /// # Errors
    /// When something cannot be read or written.
    pub(crate) fn write(&self, contents: &Contents, executable: &Path) -> Result<u64> {
        let path = self.path();
        let write = || format!("cannot write {}", path.display());
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(write)?;
        }
        let unfinished = path.with_extension(format!("unfinished-{}", std::process::id()));
        let placed = self.write_to(&unfinished, contents, executable).and_then(|size| {
            fs::rename(&unfinished, path)?;
            Ok(size)
        });
        if placed.is_err() {
            // What went wrong is told; that the rest of it cannot be removed either adds nothing.
            let _ = fs::remove_file(&unfinished);
        }
        placed.with_context(write)
    }

    fn write_to(&self, path: &Path, contents: &Contents, executable: &Path) -> Result<u64> {
        match self {
            Self::Executable(_) => {
                fs::copy(executable, path)?;
                let file = File::open(path)?;
                make_executable(&file)?;
                Ok(file.metadata()?.len())
            }
            Self::Zip(_) => Ok(archive::write(contents, File::create(path)?)?.metadata()?.len()),
        }
    }

    fn is_of_a_build(&self) -> bool {
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
