//! [`ArchitectureFlags`]: `--arm64` and `--x86-64`.

use clap::Args;

use crate::lambda::runtime::Architecture;

/// The flags that select an architecture. The default is this machine's.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct ArchitectureFlags {
    /// Use arm64, for Graviton [default: this machine's architecture]
    #[arg(long, conflicts_with = "x86_64")]
    pub(crate) arm64: bool,
    /// Use x86-64, for Intel and AMD [default: this machine's architecture]
    #[arg(long = "x86-64")]
    pub(crate) x86_64: bool,
}

impl ArchitectureFlags {
    /// Returns the selected architecture, if any.
    pub(crate) fn wanted(self) -> Option<Architecture> {
        match (self.arm64, self.x86_64) {
            (true, _) => Some(Architecture::Arm64),
            (_, true) => Some(Architecture::X86_64),
            _ => None,
        }
    }
}
