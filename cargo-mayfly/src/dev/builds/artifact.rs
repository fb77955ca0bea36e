//! A built binary, which no later build reaches.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::handlers::registry::Registry;
use crate::handlers::settings::Settings;
use crate::project::link_directory::Executable;
use crate::project::metadata::Binary;

/// A binary of one build. It is there as long as this is, so that it goes on while its successor is built.
#[derive(Debug)]
pub(crate) struct Artifact {
    pub(crate) binary: Binary,
    /// What its package's manifest says of the functions.
    pub(crate) settings: Settings,
    pub(crate) registry: Registry,
    /// The number of the build that made it.
    pub(crate) generation: u64,
    pub(crate) executable: Executable,
}

impl Artifact {
    /// Asks an executable for its handlers.
    pub(crate) fn new(binary: Binary, settings: Settings, executable: Executable, generation: u64) -> Result<Self> {
        let registry = Registry::of(&executable)?;
        Ok(Self { binary, settings, registry, generation, executable })
    }

    /// Whether it is the same program with the same settings.
    pub(crate) fn is_of(&self, binary: &Binary, settings: &Settings, executable: &Path) -> bool {
        self.binary == *binary && self.settings == *settings && is_same(&self.executable, executable)
    }
}

/// Whether two files have the same content: one that cargo has linked anew may be what it was.
fn is_same(one: &Path, other: &Path) -> bool {
    let size = |path| fs::metadata(path).map(|metadata| metadata.len()).ok();
    size(one) == size(other) && matches!((fs::read(one), fs::read(other)), (Ok(one), Ok(other)) if one == other)
}
