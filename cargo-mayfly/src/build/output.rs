//! [`Output`]: a file that a build writes, and the check that it overwrites only outputs of builds.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use zip::ZipArchive;

use crate::lambda::runtime::BOOTSTRAP;

/// A file that a build writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// The executable itself, as `bootstrap`.
    Executable(PathBuf),
    /// A zip.
    Zip(PathBuf),
}

impl Output {
    /// Returns the path of the file.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Executable(path) | Self::Zip(path) => path,
        }
    }

    /// Checks that an existing file may be overwritten: an executable by an executable, a zip with a `bootstrap` by a
    /// zip, and with `force` any file, but never a folder.
    pub(crate) fn check(&self, force: bool) -> Result<()> {
        let path = self.path();
        let Ok(metadata) = path.symlink_metadata() else { return Ok(()) };
        ensure!(!metadata.is_dir(), "{} is a folder: choose another place with --outdir", path.display());
        let may_be_overwritten = force || metadata.is_file() && self.is_of_a_build();
        if !may_be_overwritten {
            bail!(
                "{} exists and is not the output of a build: move it, choose another folder with --outdir, or use \
                 --force",
                path.display()
            );
        }
        Ok(())
    }

    /// Returns whether the existing file looks like the output of a build.
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
