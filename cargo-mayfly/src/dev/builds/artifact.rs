//! [`Artifact`]: a binary of one build, which later builds do not overwrite.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::handlers::registry::Registry;
use crate::handlers::settings::Settings;
use crate::project::link_directory::Executable;
use crate::project::metadata::Binary;

/// A binary of one build. Its executable is kept as long as this value, so that it can serve while the next one is
/// built.
#[derive(Debug)]
pub(crate) struct Artifact {
    pub(crate) binary: Binary,
    /// The configuration of its functions in Cargo.toml.
    pub(crate) settings: Settings,
    pub(crate) registry: Registry,
    /// The number of its build.
    pub(crate) generation: u64,
    pub(crate) executable: Executable,
}

impl Artifact {
    /// Reads the registry of an executable.
    pub(crate) fn new(binary: Binary, settings: Settings, executable: Executable, generation: u64) -> Result<Self> {
        let registry = Registry::of(&executable)?;
        Ok(Self { binary, settings, registry, generation, executable })
    }

    /// Returns whether it has the same executable and settings.
    pub(crate) fn is_of(&self, binary: &Binary, settings: &Settings, executable: &Path) -> bool {
        self.binary == *binary && self.settings == *settings && is_same(&self.executable, executable)
    }
}

/// Returns whether two files have the same content: cargo may link the same executable again.
fn is_same(one: &Path, other: &Path) -> bool {
    let size = |path| fs::metadata(path).map(|metadata| metadata.len()).ok();
    size(one) == size(other) && matches!((fs::read(one), fs::read(other)), (Ok(one), Ok(other)) if one == other)
}
