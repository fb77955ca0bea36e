//! [`Instructions`]: the instruction sets that compiler flags enable, compared with those of all machines of Lambda.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use cargo_config2::Config;

use crate::build::toolchain::rustc;
use crate::lambda::runtime::Architecture;
use crate::project::cargo_config::CargoConfig;

/// The instruction sets of a build.
#[derive(Debug, Default)]
pub(crate) struct Instructions {
    /// The processor that the flags name, if any.
    cpu: Option<String>,
    /// The instruction sets that the executable may use.
    used: Vec<String>,
    /// The used instruction sets that a machine of Lambda may lack.
    beyond: Vec<String>,
    /// A processor whose instruction sets all machines of Lambda have.
    promised: &'static str,
}

impl Instructions {
    /// Collects the compiler flags for a target as cargo does, from environment variables and configuration, and asks
    /// the compiler for their instruction sets. The default target is that of the configuration, else this machine's.
    pub(crate) fn of(target: Option<&str>, profile: &str, settings: &CargoConfig) -> Result<Self> {
        let config = Config::load().context("cargo's configuration cannot be read")?;
        let mut targets = config.build_target_for_config(target).context("cargo's configuration names no target")?;
        let target = targets.remove(0);
        let mut flags =
            config.rustflags(&target).context("cargo's configuration cannot be read")?.unwrap_or_default().flags;
        flags.extend(settings.profile_rustflags(profile));
        let Some(architecture) = Architecture::of_target(target.triple()).filter(|_| !flags.is_empty()) else {
            return Ok(Self::default());
        };
        let flags: Vec<_> = flags.iter().map(String::as_str).collect();
        let promised = promised(architecture);
        let used = features(target.triple(), &flags)?;
        let everywhere = features(target.triple(), &["-C", &format!("target-cpu={promised}")])?;
        let beyond = used.iter().filter(|feature| !everywhere.contains(feature)).cloned().collect();
        Ok(Self { cpu: cpu(&flags), used, beyond, promised })
    }

    /// Warns about instruction sets that a machine of Lambda may lack, and about `native`, which depends on the machine
    /// that builds.
    pub(crate) fn warning(&self) -> Option<String> {
        let is_native = self.cpu.as_deref() == Some("native");
        if self.beyond.is_empty() && !is_native {
            return None;
        }
        let mut text = "the executable was built".to_owned();
        // Writing to a string cannot fail.
        if let Some(cpu) = &self.cpu {
            let _ = write!(text, " for target-cpu={cpu},");
        }
        let _ = write!(text, " with the instruction sets {}", self.used.join(", "));
        if !self.beyond.is_empty() {
            let lacking = self.beyond.join(", ");
            let _ = write!(text, "; a machine of Lambda may lack {lacking}, and would end the function with SIGILL");
        }
        let _ = write!(text, "; all machines of Lambda have target-cpu={}", self.promised);
        Some(text)
    }
}

/// Returns the newest processor whose instruction sets all machines of Lambda have: AWS guarantees AVX2 on Intel and
/// AMD, which Haswell introduced, and the oldest Arm machine is Graviton2.
fn promised(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "haswell",
        Architecture::Arm64 => "neoverse-n1",
    }
}

fn features(triple: &str, flags: &[&str]) -> Result<Vec<String>> {
    let cfg = rustc(&[&["--print", "cfg", "--target", triple], flags].concat())?;
    let feature = |line: &str| Some(line.strip_prefix("target_feature=\"")?.strip_suffix('"')?.to_owned());
    // `crt-static` is listed as a feature, too, but is no instruction set.
    Ok(cfg.lines().filter_map(feature).filter(|feature| feature != "crt-static").collect())
}

/// Returns the processor that the flags name; the last one counts.
fn cpu(flags: &[&str]) -> Option<String> {
    let mut named = flags.iter().filter_map(|flag| flag.trim_start_matches("-C").strip_prefix("target-cpu="));
    named.next_back().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instructions(cpu: Option<&str>, used: &[&str], beyond: &[&str]) -> Instructions {
        let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        Instructions { cpu: cpu.map(str::to_owned), used: owned(used), beyond: owned(beyond), promised: "haswell" }
    }

    #[test]
    fn a_warning_names_the_used_and_the_missing_instruction_sets() {
        assert_eq!(instructions(None, &["avx2"], &[]).warning(), None);
        assert_eq!(instructions(Some("haswell"), &["avx2"], &[]).warning(), None);
        assert_eq!(
            instructions(Some("native"), &["avx2"], &[]).warning().as_deref(),
            Some(
                "the executable was built for target-cpu=native, with the instruction sets avx2; all machines of \
                 Lambda have target-cpu=haswell"
            )
        );
        assert_eq!(
            instructions(None, &["avx2", "avx512f"], &["avx512f"]).warning().as_deref(),
            Some(
                "the executable was built with the instruction sets avx2, avx512f; a machine of Lambda may lack \
                 avx512f, and would end the function with SIGILL; all machines of Lambda have target-cpu=haswell"
            )
        );
    }

    #[test]
    fn the_last_processor_counts() {
        for (flags, expected) in [
            (&["-C", "target-cpu=native"][..], Some("native")),
            (&["-Ctarget-cpu=native", "-C", "target-cpu=haswell"], Some("haswell")),
            (&["--cfg", "tokio_unstable"], None),
        ] {
            assert_eq!(cpu(flags).as_deref(), expected);
        }
    }
}
