//! [`Infrastructure`]: an artifact, and the definition of a function for each handler.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, anyhow, bail};
use heck::ToUpperCamelCase as _;
use serde::Serialize;

use crate::handlers::registry::{Handler, Registry};
use crate::handlers::select;
use crate::handlers::settings::{Settings, TABLE};
use crate::lambda::limits;

/// The contents of a written template; as JSON, this is the format `json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Infrastructure {
    pub(crate) artifact: String,
    pub(crate) runtime: String,
    pub(crate) architecture: String,
    /// Sorted by handler.
    pub(crate) functions: Vec<FunctionDefinition>,
}

/// The definition of a Lambda function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct FunctionDefinition {
    /// A unique name of letters and digits.
    pub(crate) id: String,
    /// The Handler setting.
    pub(crate) handler: String,
    /// The memory in MB.
    pub(crate) memory: u32,
    /// The timeout in seconds.
    pub(crate) timeout: u32,
    pub(crate) environment: BTreeMap<String, String>,
}

impl Infrastructure {
    /// Defines a function for each handler.
    pub(crate) fn new(registry: &Registry, settings: &Settings) -> Result<Self> {
        if let Some(path) = settings.functions.keys().find(|path| !select::is_named(registry, path)) {
            bail!("the last key of [{TABLE}.functions.{path:?}] {}", select::not_found(registry, path));
        }
        let mut handlers: Vec<_> = registry.handlers.iter().map(|handler| (setting(handler), handler)).collect();
        handlers.sort_by_key(|(setting, _)| *setting);
        if handlers.is_empty() {
            bail!("the binary has no handlers; if they are in a library, name it: `mayfly::main!(my_app);`");
        }
        let twice = handlers.windows(2).find(|pair| pair[0].0 == pair[1].0);
        if let Some([(name, one), (_, other)]) = twice {
            let (one, other) = (format!("{}:{}", one.file, one.line), format!("{}:{}", other.file, other.line));
            bail!("the handler `{name}` is registered at {one} and at {other}; give one a `name`");
        }
        if let Some(wrong) = handlers.iter().find_map(|(setting, _)| limits::handler(setting).err()) {
            bail!("{wrong}: give it a `name`");
        }
        let architecture = settings
            .architecture
            .context("Lambda does not have this machine's architecture: choose --arm64 or --x86-64")?;
        let mut ids = BTreeSet::new();
        let functions = handlers.iter().map(|(setting, handler)| function(setting, handler, settings, &mut ids));
        Ok(Self {
            artifact: settings.artifact.clone(),
            runtime: settings.runtime.to_string(),
            architecture: architecture.to_string(),
            functions: functions.collect::<Result<_>>()?,
        })
    }
}

/// Returns the value of the Handler setting.
fn setting(handler: &Handler) -> &str {
    handler.name.as_ref().unwrap_or(&handler.path)
}

fn function(
    setting: &str,
    handler: &Handler,
    settings: &Settings,
    ids: &mut BTreeSet<String>,
) -> Result<FunctionDefinition> {
    let configured = settings.of(handler);
    limits::environment(configured.environment.iter()).map_err(|wrong| anyhow!("`{setting}`: {wrong}"))?;
    Ok(FunctionDefinition {
        id: id(setting, ids),
        handler: setting.to_owned(),
        memory: configured.memory_mb(),
        timeout: configured.timeout_seconds(),
        environment: configured.environment,
    })
}

/// Returns a logical id: `MyAppOrdersPlace` for `my_app::orders::place`, with a number appended if it is taken.
fn id(setting: &str, ids: &mut BTreeSet<String>) -> String {
    let words = setting.replace("::", "_").to_upper_camel_case();
    let letters: String = words.chars().filter(char::is_ascii_alphanumeric).collect();
    let base = if letters.is_empty() { "Function".to_owned() } else { letters };
    let numbered = (2..).map(|number| format!("{base}{number}"));
    let mut free = std::iter::once(base.clone()).chain(numbered).skip_while(|id| ids.contains(id));
    let id = free.next().unwrap_or(base);
    ids.insert(id.clone());
    id
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::opts::FunctionFlags;

    fn handler(path: &str, name: Option<&str>, line: u32) -> Value {
        json!({
            "path": path, "alias": null, "name": name, "default": false, "async": false, "file": "src/lib.rs",
            "line": line, "event": null, "reply": "()", "needs": [],
        })
    }

    fn infrastructure(handlers: &[Value], table: &Value) -> Result<Infrastructure> {
        let registry = json!({ "mayfly": "0.1.0", "handlers": handlers, "inits": [] });
        let registry = serde_json::from_value(registry).expect("it is a registry");
        Infrastructure::new(&registry, &Settings::new(&FunctionFlags::default(), Some(table)).unwrap())
    }

    #[test]
    fn a_name_replaces_the_path_and_settings_accept_both() {
        let handlers = [handler("a::b", Some("short"), 1), handler("a::c", None, 2)];
        for key in ["a::b", "short"] {
            let table = json!({ "functions": { key: { "memory": 512 } } });
            let functions = infrastructure(&handlers, &table).unwrap().functions;
            let shown: Vec<_> = functions.iter().map(|it| (it.id.as_str(), it.handler.as_str(), it.memory)).collect();
            assert_eq!(shown, [("AC", "a::c", 128), ("Short", "short", 512)]);
        }
    }

    #[test]
    fn a_function_that_would_not_start_is_not_written() {
        let long = "x".repeat(129);
        for (handlers, table, expected) in [
            (
                vec![],
                json!({}),
                "the binary has no handlers; if they are in a library, name it: `mayfly::main!(my_app);`",
            ),
            (
                vec![handler("a::b", None, 1), handler("a::c", Some("a::b"), 2)],
                json!({}),
                "the handler `a::b` is registered at src/lib.rs:1 and at src/lib.rs:2; give one a `name`",
            ),
            (
                vec![handler(&long, None, 1)],
                json!({}),
                &format!(
                    "`{long}` has 129 characters, and Lambda's Handler setting takes at most 128: give it a `name`"
                ),
            ),
            (
                vec![handler("a::place", None, 1)],
                json!({ "functions": { "a::plaec": {} } }),
                "the last key of [package.metadata.mayfly.functions.\"a::plaec\"] is `a::plaec`, and no handler of the \
                 binary has that name; closest: `a::place`",
            ),
            (
                vec![handler("a::b", None, 1)],
                json!({ "environment": { "AB": "x".repeat(4095) } }),
                "`a::b`: its environment variables have 4097 bytes, and Lambda takes at most 4096",
            ),
        ] {
            assert_eq!(infrastructure(&handlers, &table).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn ids_are_unique_and_have_only_letters_and_digits() {
        let mut ids = BTreeSet::new();
        for (setting, expected) in [
            ("my_app::orders::place", "MyAppOrdersPlace"),
            ("my_app::orders_place", "MyAppOrdersPlace2"),
            ("my::app::orders_place", "MyAppOrdersPlace3"),
            ("my_app::v2", "MyAppV2"),
            ("my_app::größe", "MyAppGre"),
            ("ü", "Function"),
            ("ö", "Function2"),
        ] {
            assert_eq!(id(setting, &mut ids), expected);
        }
    }
}
