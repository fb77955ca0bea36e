//! The flags that cargo has, too, under cargo's names and headings.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

const FEATURES: &str = "Feature Selection";
const COMPILATION: &str = "Compilation Options";
const MANIFEST: &str = "Manifest Options";

/// The flags that decide how binaries are compiled.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Compilation {
    /// Build with the release profile
    #[arg(long, conflicts_with = "profile", help_heading = COMPILATION)]
    pub(crate) release: bool,
    #[command(flatten)]
    pub(crate) cargo: CargoFlags,
}

impl Compilation {
    /// Returns these flags as arguments of cargo.
    pub(crate) fn arguments(&self) -> Vec<OsString> {
        let mut arguments = self.cargo.arguments();
        arguments.extend(self.release.then(|| "--release".into()));
        arguments.extend(self.cargo.profile.iter().flat_map(|profile| ["--profile".into(), profile.into()]));
        arguments.extend(self.cargo.target.iter().flat_map(|target| ["--target".into(), target.into()]));
        arguments
    }

    /// Returns cargo's name of the profile.
    pub(crate) fn profile(&self) -> &str {
        self.cargo.profile.as_deref().unwrap_or(if self.release { "release" } else { "dev" })
    }
}

/// The flags of `cargo build` that all commands share; each command has its own default profile.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct CargoFlags {
    #[command(flatten)]
    pub(crate) features: FeatureFlags,
    /// Build with this profile
    #[arg(long, value_name = "PROFILE-NAME", help_heading = COMPILATION)]
    pub(crate) profile: Option<String>,
    /// Build for this target triple
    #[arg(long, value_name = "TRIPLE", help_heading = COMPILATION)]
    pub(crate) target: Option<String>,
    /// Print no progress messages
    #[arg(long, short)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) manifest: ManifestFlags,
}

impl CargoFlags {
    /// Returns these flags as arguments of cargo, without profile and target, which a command may choose itself.
    pub(crate) fn arguments(&self) -> Vec<OsString> {
        let mut arguments = self.manifest.arguments();
        arguments.extend(self.features.arguments());
        arguments.extend(self.quiet.then(|| "--quiet".into()));
        arguments
    }
}

/// The flags that locate the project, and that limit changes of Cargo.lock and use of the network.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ManifestFlags {
    /// Use the project of this Cargo.toml [default: the one in this folder or above]
    #[arg(long, value_name = "PATH", help_heading = MANIFEST)]
    pub(crate) manifest_path: Option<PathBuf>,
    /// Fail if Cargo.lock would change
    #[arg(long, help_heading = MANIFEST)]
    locked: bool,
    /// Do not use the network
    #[arg(long, help_heading = MANIFEST)]
    offline: bool,
    /// Same as --locked and --offline together
    #[arg(long, help_heading = MANIFEST)]
    frozen: bool,
}

impl ManifestFlags {
    /// Returns these flags as arguments of cargo.
    pub(crate) fn arguments(&self) -> Vec<OsString> {
        let mut arguments = Vec::new();
        if let Some(path) = &self.manifest_path {
            // A container may have another working directory.
            let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            arguments.extend(["--manifest-path".into(), path.into()]);
        }
        arguments.extend(self.lock_arguments().into_iter().map(Into::into));
        arguments
    }

    /// Returns the flags other than `--manifest-path`.
    pub(crate) fn lock_arguments(&self) -> Vec<String> {
        let flags = [(self.locked, "--locked"), (self.offline, "--offline"), (self.frozen, "--frozen")];
        flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| flag.to_owned()).collect()
    }
}

/// The flags that select features.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct FeatureFlags {
    /// Enable these features, separated by commas or spaces
    #[arg(long, short = 'F', value_name = "FEATURES", help_heading = FEATURES)]
    pub(crate) features: Vec<String>,
    /// Enable all features
    #[arg(long, help_heading = FEATURES)]
    pub(crate) all_features: bool,
    /// Disable the default features
    #[arg(long, help_heading = FEATURES)]
    pub(crate) no_default_features: bool,
}

impl FeatureFlags {
    /// Returns these flags as arguments of cargo.
    pub(crate) fn arguments(&self) -> Vec<OsString> {
        let mut arguments = Vec::new();
        arguments.extend(self.features.iter().flat_map(|features| ["--features".into(), features.into()]));
        arguments.extend(self.all_features.then(|| "--all-features".into()));
        arguments.extend(self.no_default_features.then(|| "--no-default-features".into()));
        arguments
    }
}
