//! Where what was built goes; what is not a build's own product stays.

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
    /// The file's path.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Executable(path) | Self::Zip(path) => path,
        }
    }

    /// Checks that what is there may go: an executable for an executable, a zip with a `bootstrap` for a zip.
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
