//! [`Built`]: an executable that passed the checks, with the files that go beside it.

use crate::build::contents::Contents;
use crate::build::elf::Artifact;
use crate::project::compile::Program;

/// An executable that would start on Lambda.
pub(crate) struct Built {
    pub(crate) program: Program,
    pub(crate) artifact: Artifact,
    pub(crate) contents: Contents,
}
