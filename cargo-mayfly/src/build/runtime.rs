//! What Lambda offers a binary: the runtimes and the architectures.

use std::fmt;

use clap::ValueEnum;

use crate::build::glibc::Version;

/// An OS-only runtime of Lambda.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Runtime {
    /// Amazon Linux 2023, with glibc 2.34
    #[default]
    #[value(name = "provided.al2023")]
    Al2023,
    /// Amazon Linux 2, with glibc 2.26
    #[value(name = "provided.al2")]
    Al2,
}

impl Runtime {
    /// The clause that says why Lambda does not take a runtime any more.
    pub(crate) fn refusal(name: &str) -> Option<&'static str> {
        match name {
            "provided.al2" => Some(
                "is `provided.al2`, which can neither be created (since 31 July 2026) nor updated (since 31 August 2026) \
                 on Lambda: use provided.al2023",
            ),
            "provided" => {
                Some("is `provided`, which can neither be created nor updated on Lambda: use provided.al2023")
            }
            _ => None,
        }
    }

    /// Its glibc.
    pub(crate) fn glibc(self) -> Version {
        match self {
            Self::Al2023 => Version::new(&[2, 34]),
            Self::Al2 => Version::new(&[2, 26]),
        }
    }

    /// The container image of the system that it runs on.
    pub(crate) fn image(self) -> &'static str {
        match self {
            Self::Al2023 => "amazonlinux:2023",
            Self::Al2 => "amazonlinux:2",
        }
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Al2023 => "provided.al2023",
            Self::Al2 => "provided.al2",
        })
    }
}

/// An architecture that Lambda has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Architecture {
    X86_64,
    Arm64,
}

impl Architecture {
    /// The architecture of this machine, if Lambda has it.
    pub(crate) fn of_this_machine() -> Option<Self> {
        match std::env::consts::ARCH {
            "x86_64" => Some(Self::X86_64),
            "aarch64" => Some(Self::Arm64),
            _ => None,
        }
    }

    /// Rust's target.
    pub(crate) fn triple(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64-unknown-linux-gnu",
            Self::Arm64 => "aarch64-unknown-linux-gnu",
        }
    }

    /// Docker's platform.
    pub(crate) fn platform(self) -> &'static str {
        match self {
            Self::X86_64 => "linux/amd64",
            Self::Arm64 => "linux/arm64",
        }
    }

    /// The loader that glibc has on Lambda for it.
    pub(crate) fn loader(self) -> &'static str {
        match self {
            Self::X86_64 => "/lib64/ld-linux-x86-64.so.2",
            Self::Arm64 => "/lib/ld-linux-aarch64.so.1",
        }
    }
}

impl fmt::Display for Architecture {
    /// The name that a function's setting **Architectures** has for it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        })
    }
}
