//! [`Built`]: an executable that passed the checks.

use crate::build::contents::Contents;
use crate::build::elf::Elf;
use crate::project::compile::CompiledBinary;

/// An executable that would start on Lambda, with the files of its deployment package.
pub(crate) struct Built {
    pub(crate) program: CompiledBinary,
    pub(crate) elf: Elf,
    pub(crate) contents: Contents,
}
