//! `Env` and `Function`: all environment variables that the runtime reads.

use std::env::var_os;
use std::sync::Arc;

/// The environment variables that the runtime reads at startup.
#[derive(Debug)]
pub(crate) struct Env {
    /// `_HANDLER`: the path of the function to run.
    pub(crate) handler: Option<String>,
    /// `MAYFLY_HANDLER`: the same, for deployment tools that hard-code `_HANDLER` to `bootstrap` or set none.
    pub(crate) mayfly_handler: Option<String>,
    /// `AWS_LAMBDA_RUNTIME_API`: the address of the Runtime API.
    pub(crate) runtime_api: Option<String>,
    /// `MAYFLY_LIST`: the request of a tool to print the registry instead of running a handler.
    pub(crate) list: Option<String>,
    /// The first of `LOGLEVEL`, `AWS_LAMBDA_LOG_LEVEL` and `RUST_LOG` that is set: its name and its value.
    pub(crate) log_level: Option<(&'static str, String)>,
    /// `AWS_LAMBDA_LOG_FORMAT`: `JSON`; any other value means text.
    pub(crate) log_format: Option<String>,
    /// `AWS_LAMBDA_MAX_CONCURRENCY`: the number of invocations that may be in flight at once.
    pub(crate) max_concurrency: Option<String>,
    /// The variables that a handler sees in its `Context`.
    pub(crate) function: Arc<Function>,
}

impl Env {
    pub(crate) fn read() -> Self {
        Self {
            handler: var("_HANDLER"),
            mayfly_handler: var("MAYFLY_HANDLER"),
            runtime_api: var("AWS_LAMBDA_RUNTIME_API"),
            list: var("MAYFLY_LIST"),
            log_level: ["LOGLEVEL", "AWS_LAMBDA_LOG_LEVEL", "RUST_LOG"]
                .into_iter()
                .find_map(|name| var(name).map(|value| (name, value))),
            log_format: var("AWS_LAMBDA_LOG_FORMAT"),
            max_concurrency: var("AWS_LAMBDA_MAX_CONCURRENCY"),
            function: Arc::new(Function::read()),
        }
    }
}

impl Env {
    /// Returns the number of pollers that `AWS_LAMBDA_MAX_CONCURRENCY` asks for: one if it is unset, and one with a
    /// warning if it is not a positive number.
    pub(crate) fn pollers(&self) -> usize {
        let Some(value) = &self.max_concurrency else { return 1 };
        value.parse().ok().filter(|&pollers| pollers > 0).unwrap_or_else(|| {
            log::warn!(
                "AWS_LAMBDA_MAX_CONCURRENCY is `{value}`, which is not a number above 0; handling one invocation at \
                 a time"
            );
            1
        })
    }
}

/// The properties of the Lambda function, which are the same for all invocations of a process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Function {
    /// The function's name (`AWS_LAMBDA_FUNCTION_NAME`).
    pub name: Option<String>,
    /// The function's version (`AWS_LAMBDA_FUNCTION_VERSION`).
    pub version: Option<String>,
    /// The function's memory in MiB (`AWS_LAMBDA_FUNCTION_MEMORY_SIZE`); `None` if it is not a number.
    pub memory_mb: Option<u32>,
    /// The `CloudWatch` log group (`AWS_LAMBDA_LOG_GROUP_NAME`).
    pub log_group: Option<String>,
    /// The `CloudWatch` log stream of this process (`AWS_LAMBDA_LOG_STREAM_NAME`).
    pub log_stream: Option<String>,
    /// The type of initialization (`AWS_LAMBDA_INITIALIZATION_TYPE`): `on-demand`, `provisioned-concurrency` or
    /// `snap-start`.
    pub initialization_type: Option<String>,
}

impl Function {
    fn read() -> Self {
        Self {
            name: var("AWS_LAMBDA_FUNCTION_NAME"),
            version: var("AWS_LAMBDA_FUNCTION_VERSION"),
            memory_mb: var("AWS_LAMBDA_FUNCTION_MEMORY_SIZE").and_then(|text| text.parse().ok()),
            log_group: var("AWS_LAMBDA_LOG_GROUP_NAME"),
            log_stream: var("AWS_LAMBDA_LOG_STREAM_NAME"),
            initialization_type: var("AWS_LAMBDA_INITIALIZATION_TYPE"),
        }
    }
}

/// Reads a variable. Surrounding white space is trimmed, and an empty value counts as unset. Bytes that are not UTF-8
/// are replaced: such a value is invalid anyway, and the error message then shows it.
fn var(name: &str) -> Option<String> {
    let value = var_os(name)?.into_string().unwrap_or_else(|odd| odd.to_string_lossy().into_owned());
    match value.trim() {
        "" => None,
        trimmed if trimmed.len() < value.len() => Some(trimmed.to_owned()),
        _ => Some(value),
    }
}
