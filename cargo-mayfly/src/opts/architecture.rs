//! [`ArchitectureFlags`]: `--arm64` and `--x86-64`.

use clap::Args;

use crate::lambda::runtime::Architecture;

/// What the functions run on; the default is this machine's architecture.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct ArchitectureFlags {
    /// For Graviton
    #[arg(long, conflicts_with = "x86_64")]
    pub(crate) arm64: bool,
    /// For Intel and AMD
    #[arg(long = "x86-64")]
    pub(crate) x86_64: bool,
}

impl ArchitectureFlags {
    /// The architecture, if one was asked for.
    pub(crate) fn wanted(self) -> Option<Architecture> {
        match (self.arm64, self.x86_64) {
            (true, _) => Some(Architecture::Arm64),
            (_, true) => Some(Architecture::X86_64),
            _ => None,
        }
    }
}
