//! [`Built`]: an executable that passed the checks, with the files that go beside it.

use crate::build::contents::Contents;
use crate::build::elf::Elf;
use crate::project::compile::CompiledBinary;

/// An executable that would start on Lambda.
pub(crate) struct Built {
    pub(crate) program: CompiledBinary,
    pub(crate) elf: Elf,
    pub(crate) contents: Contents,
}
