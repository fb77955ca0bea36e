//! [`CargoConfig`]: the user's own settings for cargo, which a build must not override.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_config2::{Config, Walk, cargo_home_with_cwd};
use toml::{Table, Value};

/// The manifest of the workspace, and the cargo configuration of the current folder.
///
/// Profiles are read here because `cargo-config2` does not know them. A file that cannot be read counts as absent:
/// cargo itself reports it.
#[derive(Clone, Debug)]
pub(crate) struct CargoConfig {
    tables: Vec<Table>,
    variables: Vec<String>,
}

impl CargoConfig {
    /// Reads the configuration that cargo uses for a workspace when it is called in the current folder.
    pub(crate) fn read(workspace: &Path) -> Self {
        let here = env::current_dir().unwrap_or_default();
        let files = [workspace.join("Cargo.toml")].into_iter().chain(Walk::new(&here));
        let variables =
            env::vars_os().filter(|(_, value)| !value.is_empty()).filter_map(|(name, _)| name.into_string().ok());
        Self {
            tables: files.filter_map(|file| fs::read_to_string(file).ok()?.parse().ok()).collect(),
            variables: variables.collect(),
        }
    }

    /// Returns the configuration of a workspace with this manifest and nothing else.
    #[cfg(test)]
    pub(crate) fn of(manifest: &str) -> Self {
        Self { tables: vec![manifest.parse().unwrap()], variables: Vec::new() }
    }

    /// Returns whether the user configures the release profile in any way.
    pub(crate) fn has_release_profile(&self) -> bool {
        self.values(["profile", "release"]).next().is_some()
            || self.variables.iter().any(|name| name.starts_with("CARGO_PROFILE_RELEASE_"))
    }

    /// Returns whether a panic aborts in the release profile of `cargo mayfly build`, which is the user's if there is one.
    pub(crate) fn aborts_in_release(&self) -> bool {
        const VARIABLE: &str = "CARGO_PROFILE_RELEASE_PANIC";
        let panic = |table: &Table| Some(table.get("profile")?.get("release")?.get("panic")?.as_str()?.to_owned());
        let mut tables = self.tables.iter();
        let in_manifest = tables.next().and_then(panic);
        let variable = self.variables.iter().find(|name| *name == VARIABLE).and_then(|name| env::var(name).ok());
        match variable.or_else(|| tables.find_map(panic)).or(in_manifest) {
            Some(panic) => panic == "abort",
            None => !self.has_release_profile(),
        }
    }

    /// Returns the compiler flags of a profile.
    pub(crate) fn profile_rustflags(&self, profile: &str) -> Vec<String> {
        let flags = self.values(["profile", profile, "rustflags"]).filter_map(Value::as_array).flatten();
        flags.filter_map(|flag| Some(flag.as_str()?.to_owned())).collect()
    }

    /// Returns the values at a path of keys, in all files.
    fn values<const N: usize>(&self, path: [&str; N]) -> impl Iterator<Item = &Value> {
        self.tables.iter().filter_map(move |table| {
            let (first, rest) = path.split_first().expect("a path has a first part");
            rest.iter().try_fold(table.get(*first)?, |value, key| value.get(*key))
        })
    }
}

/// Returns whether the cargo configuration of the current folder has a linker for a target.
pub(crate) fn has_linker(triple: &str) -> bool {
    let linker = Config::load().and_then(|config| config.linker(triple));
    linker.is_ok_and(|linker| linker.is_some())
}

/// Returns cargo's home folder.
pub(crate) fn home() -> Option<PathBuf> {
    cargo_home_with_cwd(&env::current_dir().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(toml: &str, variables: &[&str]) -> CargoConfig {
        CargoConfig { variables: variables.iter().map(ToString::to_string).collect(), ..CargoConfig::of(toml) }
    }

    #[test]
    fn any_setting_of_the_release_profile_is_the_users_own_profile() {
        assert!(config("[profile.release]\nopt-level = 'z'", &[]).has_release_profile());
        assert!(config("", &["CARGO_PROFILE_RELEASE_LTO"]).has_release_profile());
        assert!(!config("[profile.dev]\nopt-level = 1", &["CARGO_PROFILE_DEV_LTO"]).has_release_profile());
        assert!(!config("profile = 1", &[]).has_release_profile());
    }

    #[test]
    fn panics_abort_in_the_release_profile_if_it_says_so_or_is_absent() {
        assert!(config("", &[]).aborts_in_release());
        assert!(config("[profile.release]\npanic = 'abort'", &[]).aborts_in_release());
        assert!(!config("[profile.release]\npanic = 'unwind'", &[]).aborts_in_release());
        assert!(!config("[profile.release]\nlto = true", &[]).aborts_in_release());
        assert!(config("[profile.dev]\npanic = 'unwind'", &[]).aborts_in_release());
        let mut overruled = config("[profile.release]\npanic = 'abort'", &[]);
        overruled.tables.extend(["[build]", "[profile.release]\npanic = 'unwind'"].map(|toml| toml.parse().unwrap()));
        assert!(!overruled.aborts_in_release());
    }

    #[test]
    fn a_profile_may_have_compiler_flags() {
        let config = config("[profile.release]\nrustflags = ['-C', 'target-cpu=native']", &[]);
        assert_eq!(config.profile_rustflags("release"), ["-C", "target-cpu=native"]);
        assert_eq!(config.profile_rustflags("dev"), [""; 0]);
    }
}
