//! The configuration of functions: flags, and `[package.metadata.mayfly]` in Cargo.toml.

use std::collections::BTreeMap;
use std::env;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use cargo_mayfly::emulator;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::handlers::registry::{Handler, Registry};
use crate::handlers::select;
use crate::lambda::limits;
use crate::lambda::runtime::{Architecture, Runtime};
use crate::opts::FunctionFlags;

/// The name of the table in Cargo.toml, for messages.
pub(crate) const TABLE: &str = "package.metadata.mayfly";

/// The configuration of the functions of a binary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) artifact: String,
    pub(crate) runtime: Runtime,
    /// `None` if none is configured and Lambda does not have this machine's architecture.
    pub(crate) architecture: Option<Architecture>,
    /// The configuration that all functions share.
    pub(crate) general: FunctionSettings,
    /// The configuration of single handlers, by path or name.
    pub(crate) functions: BTreeMap<String, FunctionSettings>,
}

/// The configuration of a function, as far as it is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FunctionSettings {
    pub(crate) memory: Option<u32>,
    pub(crate) timeout: Option<u32>,
    pub(crate) environment: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Table {
    artifact: Option<String>,
    memory: Option<u32>,
    timeout: Option<u32>,
    architecture: Option<String>,
    runtime: Option<String>,
    environment: BTreeMap<String, String>,
    functions: BTreeMap<String, Value>,
}

impl Settings {
    /// The file that `cargo mayfly build --zip` writes.
    pub(crate) const ARTIFACT: &str = "lambda.zip";

    /// Combines the flags, the table and the defaults, in this order of precedence.
    pub(crate) fn new(flags: &FunctionFlags, table: Option<&Value>) -> Result<Self> {
        let table: Table = table.map_or_else(|| Ok(Table::default()), |table| read(TABLE, table))?;
        let mut general =
            FunctionSettings { memory: table.memory, timeout: table.timeout, environment: table.environment };
        general.check().map_err(|wrong| anyhow!("[{TABLE}]: {wrong}"))?;
        general.memory = flags.memory.or(general.memory);
        general.timeout = flags.timeout.or(general.timeout);
        general.environment.extend(flags.env.iter().cloned());

        let architecture = table.architecture.map(|name| architecture(&name)).transpose()?;
        let architecture = flags.architecture.wanted().or(architecture).or_else(Architecture::of_this_machine);
        let runtime = table.runtime.map(|name| runtime(&name)).transpose()?;
        let own = |(path, table): (String, Value)| {
            let place = format!("{TABLE}.functions.{path:?}");
            if path.is_empty() || path.contains(char::is_whitespace) {
                bail!(
                    "[{place}]: its last key is a handler's path or `name`, which is not empty and has no white space"
                );
            }
            let own: FunctionSettings = read(&place, &table)?;
            own.check().map_err(|wrong| anyhow!("[{place}]: {wrong}"))?;
            Ok((path, own))
        };
        Ok(Self {
            artifact: flags.artifact.clone().or(table.artifact).unwrap_or_else(|| Self::ARTIFACT.to_owned()),
            runtime: flags.runtime.or(runtime).unwrap_or_default(),
            architecture,
            general,
            functions: table.functions.into_iter().map(own).collect::<Result<_>>()?,
        })
    }
}

impl Settings {
    /// Returns the configuration of the handler with this name, or the shared one if there is no such handler.
    pub(crate) fn named(&self, registry: &Registry, name: &str) -> FunctionSettings {
        select::named(registry, name).map_or_else(|| self.general.clone(), |handler| self.of(handler))
    }

    /// Returns the configuration of a handler: its own values take precedence over the shared ones.
    pub(crate) fn of(&self, handler: &Handler) -> FunctionSettings {
        let own = handler.names().find_map(|name| self.functions.get(name)).cloned().unwrap_or_default();
        let mut environment = self.general.environment.clone();
        environment.extend(own.environment);
        FunctionSettings {
            memory: own.memory.or(self.general.memory),
            timeout: own.timeout.or(self.general.timeout),
            environment,
        }
    }
}

impl FunctionSettings {
    /// Returns the memory in MB; the default is Lambda's.
    pub(crate) fn memory_mb(&self) -> u32 {
        self.memory.unwrap_or(limits::DEFAULT_MEMORY_MB)
    }

    /// Returns the timeout in seconds; the default is Lambda's.
    pub(crate) fn timeout_seconds(&self) -> u32 {
        self.timeout.unwrap_or(limits::DEFAULT_TIMEOUT_SECONDS)
    }

    /// Applies the configuration to a local function. A variable that is already set in the environment of this process
    /// keeps that value.
    pub(crate) fn apply(&self, configuration: &mut emulator::Configuration) {
        configuration.memory_mb = self.memory_mb();
        let region = ["AWS_REGION", "AWS_DEFAULT_REGION"].into_iter().find_map(|name| env::var(name).ok());
        configuration.region = region.unwrap_or_else(|| configuration.region.clone());
        let timeout = self.timeout.map(|seconds| Duration::from_secs(seconds.into()));
        configuration.timeout = timeout.unwrap_or(configuration.timeout);
        let variables = self.environment.iter().filter(|(name, _)| env::var_os(name).is_none());
        configuration.variables.extend(variables.map(|(name, value)| (name.clone(), value.clone())));
    }

    fn check(&self) -> Result<(), String> {
        if let Some(memory) = self.memory {
            limits::number("memory", memory, &limits::MEMORY_MB)?;
        }
        if let Some(timeout) = self.timeout {
            limits::number("timeout", timeout, &limits::TIMEOUT_SECONDS)?;
        }
        self.environment.keys().try_for_each(|name| limits::variable(name))
    }
}

fn read<T: DeserializeOwned>(place: &str, table: &Value) -> Result<T> {
    serde_path_to_error::deserialize(table).map_err(|error| {
        let path = error.path().to_string();
        let key = if path == "." { String::new() } else { format!("`{path}`: ") };
        anyhow!("[{place}]: {key}{}", error.inner())
    })
}

fn architecture(name: &str) -> Result<Architecture> {
    let known = [Architecture::X86_64, Architecture::Arm64];
    let known = known.into_iter().find(|architecture| architecture.to_string() == name);
    known.with_context(|| format!("[{TABLE}]: `architecture` is `{name}`, and Lambda has x86_64 and arm64"))
}

fn runtime(name: &str) -> Result<Runtime> {
    Runtime::named(name).map_err(|wrong| anyhow!("[{TABLE}]: `runtime` is `{name}`: {wrong}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::opts::architecture::ArchitectureFlags;

    fn on(architecture: ArchitectureFlags) -> FunctionFlags {
        FunctionFlags { architecture, ..FunctionFlags::default() }
    }

    fn settings(table: &Value) -> Result<Settings> {
        Settings::new(&on(ArchitectureFlags { x86_64: true, arm64: false }), Some(table))
    }

    #[test]
    fn flags_take_precedence_over_the_table_and_a_handlers_own_values_over_both() {
        let table = json!({
            "memory": 256, "timeout": 5400, "runtime": "provided.al2023", "architecture": "arm64", "artifact": "a.zip",
            "environment": { "TABLE": "one", "STAGE": "test" },
            "functions": { "my_app::a": { "memory": 512, "environment": { "TABLE": "two" } } },
        });
        let flags = FunctionFlags {
            memory: Some(1024),
            env: vec![("STAGE".to_owned(), "live".to_owned())],
            ..FunctionFlags::default()
        };
        let settings = Settings::new(&flags, Some(&table)).unwrap();
        assert_eq!((settings.general.memory, settings.general.timeout), (Some(1024), Some(5400)));
        assert_eq!((settings.runtime, settings.architecture), (Runtime::Al2023, Some(Architecture::Arm64)));
        assert_eq!(settings.artifact, "a.zip");
        assert_eq!(settings.general.environment["STAGE"], "live");
        assert_eq!(settings.functions["my_app::a"].memory, Some(512));

        let settings = Settings::new(&on(ArchitectureFlags { arm64: true, x86_64: false }), None).unwrap();
        let (memory, timeout) = (settings.general.memory_mb(), settings.general.timeout_seconds());
        assert_eq!((memory, timeout, settings.artifact.as_str()), (128, 3, "lambda.zip"));
        assert_eq!((settings.runtime, settings.architecture), (Runtime::Al2023, Some(Architecture::Arm64)));
    }

    #[test]
    fn a_mistake_in_the_table_is_named_with_its_key() {
        for (table, expected) in [
            (json!({ "memori": 1 }), "unknown field `memori`"),
            (json!({ "memory": 127 }), "[package.metadata.mayfly]: `memory` is 127, and Lambda takes 128 to 10240"),
            (json!({ "memory": 10241 }), "`memory` is 10241"),
            (json!({ "timeout": 0 }), "`timeout` is 0, and Lambda takes 1 to 5400"),
            (json!({ "timeout": 5401 }), "`timeout` is 5401"),
            (
                json!({ "timeout": "3" }),
                "[package.metadata.mayfly]: `timeout`: invalid type: string \"3\", expected u32",
            ),
            (json!({ "environment": { "A": "x" } }), "`A` is not a valid name of a Lambda environment variable"),
            (json!({ "environment": { "PORT": 80 } }), "`environment.PORT`: invalid type: integer `80`"),
            (json!({ "architecture": "mips" }), "`architecture` is `mips`, and Lambda has x86_64 and arm64"),
            (json!({ "runtime": "python3.13" }), "`runtime` is `python3.13`: for Rust Lambda has provided.al2023"),
            (
                json!({ "runtime": "provided.al2" }),
                "[package.metadata.mayfly]: `runtime` is `provided.al2`: it can neither be created (since 31 July 2026) nor \
                 updated (since 31 August 2026) on Lambda: use provided.al2023",
            ),
            (
                json!({ "functions": { "a::b": { "runtime": "x" } } }),
                "[package.metadata.mayfly.functions.\"a::b\"]: `runtime`: unknown field `runtime`",
            ),
            (
                json!({ "functions": { "a::b ": {} } }),
                "[package.metadata.mayfly.functions.\"a::b \"]: its last key is a handler's path or `name`",
            ),
            (json!({ "functions": { "a\u{a0}b": {} } }), "which is not empty and has no white space"),
            (json!({ "functions": { "": {} } }), "[package.metadata.mayfly.functions.\"\"]: its last key"),
            (
                json!({ "functions": { "a::b": { "timeout": 5401 } } }),
                "[package.metadata.mayfly.functions.\"a::b\"]: `timeout` is 5401",
            ),
        ] {
            let error = settings(&table).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
