//! What the user has set for cargo, as far as a build must leave it alone.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// The manifest of the workspace, and the cargo configuration that holds in the current folder.
///
/// A file that cannot be read counts as absent: cargo says what is wrong with it.
#[derive(Clone, Debug)]
pub(crate) struct CargoConfig {
    tables: Vec<Table>,
    variables: Vec<String>,
}

impl CargoConfig {
    /// Reads what holds for a workspace when cargo is called in the current folder.
    pub(crate) fn read(workspace: &Path) -> Self {
        let here = env::current_dir().unwrap_or_default();
        let folders = here.ancestors().map(|folder| folder.join(".cargo")).chain(home());
        let configurations = folders.flat_map(|folder| [folder.join("config.toml"), folder.join("config")]);
        let files = [workspace.join("Cargo.toml")].into_iter().chain(configurations);
        let variables =
            env::vars_os().filter(|(_, value)| !value.is_empty()).filter_map(|(name, _)| name.into_string().ok());
        Self {
            tables: files.filter_map(|file| fs::read_to_string(file).ok()?.parse().ok()).collect(),
            variables: variables.collect(),
        }
    }

    /// Whether the user has a release profile of their own, of whatever settings.
    pub(crate) fn has_release_profile(&self) -> bool {
        self.values(["profile", "release"]).next().is_some()
            || self.variables.iter().any(|name| name.starts_with("CARGO_PROFILE_RELEASE_"))
    }

    /// The flags of the compiler that a profile has.
    pub(crate) fn profile_rustflags(&self, profile: &str) -> Vec<String> {
        let flags = self.values(["profile", profile, "rustflags"]).filter_map(Value::as_array).flatten();
        flags.filter_map(|flag| Some(flag.as_str()?.to_owned())).collect()
    }

    /// Whether the user says how to link for a target.
    pub(crate) fn has_linker(&self, triple: &str) -> bool {
        let variable = format!("CARGO_TARGET_{}_LINKER", triple.to_uppercase().replace('-', "_"));
        self.values(["target", triple, "linker"]).next().is_some() || self.variables.contains(&variable)
    }

    /// What stands at a path of keys, wherever it stands.
    fn values<const N: usize>(&self, path: [&str; N]) -> impl Iterator<Item = &Value> {
        self.tables.iter().filter_map(move |table| {
            let (first, rest) = path.split_first().expect("a path has a first part");
            rest.iter().try_fold(table.get(*first)?, |value, key| value.get(*key))
        })
    }
}

/// Cargo's own folder, where the configuration of last resort is.
pub(crate) fn home() -> Option<PathBuf> {
    env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cargo")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(toml: &str, variables: &[&str]) -> CargoConfig {
        let tables = vec![toml.parse().unwrap()];
        CargoConfig { tables, variables: variables.iter().map(ToString::to_string).collect() }
    }

    #[test]
    fn any_release_profile_is_the_users_own() {
        assert!(settings("[profile.release]\nopt-level = 'z'", &[]).has_release_profile());
        assert!(settings("", &["CARGO_PROFILE_RELEASE_LTO"]).has_release_profile());
        assert!(!settings("[profile.dev]\nopt-level = 1", &["CARGO_PROFILE_DEV_LTO"]).has_release_profile());
        assert!(!settings("profile = 1", &[]).has_release_profile());
    }

    #[test]
    fn a_profile_may_have_flags_of_the_compiler() {
        let settings = settings("[profile.release]\nrustflags = ['-C', 'target-cpu=native']", &[]);
        assert_eq!(settings.profile_rustflags("release"), ["-C", "target-cpu=native"]);
        assert_eq!(settings.profile_rustflags("dev"), [""; 0]);
    }

    #[test]
    fn a_linker_belongs_to_one_target() {
        let triple = "aarch64-unknown-linux-gnu";
        assert!(settings("[target.aarch64-unknown-linux-gnu]\nlinker = 'x'", &[]).has_linker(triple));
        assert!(settings("", &["CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER"]).has_linker(triple));
        assert!(!settings("[target.x86_64-unknown-linux-gnu]\nlinker = 'x'", &[]).has_linker(triple));
    }
}
