//! What a binary says that it has: the answer to `MAYFLY_LIST=json`.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

/// A binary's handlers and inits.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Registry {
    /// The version of mayfly in it.
    pub(crate) mayfly: String,
    /// Sorted by path; a path that is registered twice stands here twice.
    pub(crate) handlers: Vec<Handler>,
    /// Sorted by path.
    pub(crate) inits: Vec<Init>,
}

/// A function under `#[mayfly::handler]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Handler {
    pub(crate) path: String,
    /// The path with the package's name in front, where that differs from the crate's.
    pub(crate) alias: Option<String>,
    /// The attribute's `name = "…"`.
    pub(crate) name: Option<String>,
    pub(crate) default: bool,
    #[serde(rename = "async")]
    pub(crate) is_async: bool,
    pub(crate) file: String,
    pub(crate) line: u32,
    /// Source text of the event's type, where there is an event.
    pub(crate) event: Option<String>,
    /// Source text of the return type.
    pub(crate) reply: String,
    /// The types of the states that it takes.
    pub(crate) needs: Vec<String>,
}

/// A function under `#[mayfly::init]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Init {
    pub(crate) path: String,
    #[serde(rename = "async")]
    pub(crate) is_async: bool,
    pub(crate) file: String,
    pub(crate) line: u32,
    /// The type of the state that it makes.
    pub(crate) provides: String,
    pub(crate) needs: Vec<String>,
}

impl Registry {
    /// Runs a binary to ask it.
    ///
    /// # Errors
    /// If it cannot be run, or does not answer as a binary of mayfly's does.
    pub(crate) fn of(executable: &Path) -> Result<Self> {
        let mut command = Command::new(executable);
        // Were it no binary of mayfly's, it should at least not start serving somebody.
        command.env("MAYFLY_LIST", "json").env_remove("AWS_LAMBDA_RUNTIME_API");
        let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
        let output = output.with_context(|| format!("{} could not be run", executable.display()))?;
        match serde_json::from_slice(&output.stdout) {
            Ok(registry) if output.status.success() => Ok(registry),
            _ => bail!(
                "{} does not list handlers ({}); is its `main` written by `mayfly::main!`?",
                executable.display(),
                output.status
            ),
        }
    }
}
