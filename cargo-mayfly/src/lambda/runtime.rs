//! The runtimes and architectures that Lambda has for a compiled binary.

use std::fmt;

use crate::lambda::glibc::Version;

/// The file name of the executable that Lambda starts.
pub(crate) const BOOTSTRAP: &str = "bootstrap";

/// An OS-only runtime of Lambda.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Runtime {
    /// `provided.al2023`: Amazon Linux 2023 with glibc 2.34.
    #[default]
    Al2023,
}

impl Runtime {
    /// Returns the runtime of this name. The error is a clause that lists the runtimes, or says why Lambda no longer
    /// accepts this one.
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        match (name, Self::refusal(name)) {
            ("provided.al2023", _) => Ok(Self::Al2023),
            (_, Some(refusal)) => Err(format!("it {refusal}")),
            _ => Err("for Rust Lambda has provided.al2023".to_owned()),
        }
    }

    /// Returns why Lambda no longer accepts a runtime, as a predicate.
    pub(crate) fn refusal(name: &str) -> Option<&'static str> {
        match name {
            "provided.al2" => Some(
                "can neither be created (since 31 July 2026) nor updated (since 31 August 2026) on Lambda: use \
                 provided.al2023",
            ),
            "provided" => Some("can neither be created nor updated on Lambda: use provided.al2023"),
            _ => None,
        }
    }

    /// Returns the runtime's version of glibc.
    pub(crate) fn glibc(self) -> Version {
        match self {
            Self::Al2023 => Version::new(&[2, 34]),
        }
    }

    /// Returns the container image of the runtime's operating system.
    pub(crate) fn image(self) -> &'static str {
        match self {
            Self::Al2023 => "amazonlinux:2023",
        }
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Al2023 => "provided.al2023",
        })
    }
}

/// A processor architecture that Lambda has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Architecture {
    X86_64,
    Arm64,
}

impl Architecture {
    /// Returns the architecture of this machine, if Lambda has it.
    pub(crate) fn of_this_machine() -> Option<Self> {
        match std::env::consts::ARCH {
            "x86_64" => Some(Self::X86_64),
            "aarch64" => Some(Self::Arm64),
            _ => None,
        }
    }

    /// Returns the architecture of a Linux target, if Lambda has it.
    pub(crate) fn of_target(triple: &str) -> Option<Self> {
        let is_for = |architecture: &Self| {
            triple.split('-').next() == architecture.triple().split('-').next() && triple.contains("-linux-")
        };
        [Self::X86_64, Self::Arm64].into_iter().find(is_for)
    }

    /// Returns the Rust target triple.
    pub(crate) fn triple(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64-unknown-linux-gnu",
            Self::Arm64 => "aarch64-unknown-linux-gnu",
        }
    }

    /// Returns the Docker platform.
    pub(crate) fn platform(self) -> &'static str {
        match self {
            Self::X86_64 => "linux/amd64",
            Self::Arm64 => "linux/arm64",
        }
    }

    /// Returns the path of glibc's dynamic loader on Lambda.
    pub(crate) fn loader(self) -> &'static str {
        match self {
            Self::X86_64 => "/lib64/ld-linux-x86-64.so.2",
            Self::Arm64 => "/lib/ld-linux-aarch64.so.1",
        }
    }
}

impl fmt::Display for Architecture {
    /// Writes the value of the function's **Architectures** setting.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        })
    }
}
