//! Every environment variable that the runtime reads, by name, once.

use std::env::var_os;
use std::sync::Arc;

/// What the environment says to the runtime.
#[derive(Debug)]
pub(crate) struct Env {
    /// `_HANDLER`: the path of the function to run.
    pub(crate) handler: Option<String>,
    /// `MAYFLY_HANDLER`: the same, where a deployment tool hard-codes `_HANDLER` to `bootstrap`, or sets none.
    pub(crate) mayfly_handler: Option<String>,
    /// `AWS_LAMBDA_RUNTIME_API`: where the Runtime API is.
    pub(crate) runtime_api: Option<String>,
    /// `MAYFLY_LIST`: what the tools ask for instead of a run.
    pub(crate) list: Option<String>,
    /// `LOGLEVEL`, else `AWS_LAMBDA_LOG_LEVEL`, else `RUST_LOG`: the variable's name and what it says.
    pub(crate) log_level: Option<(&'static str, String)>,
    /// `AWS_LAMBDA_LOG_FORMAT`: `JSON`, or text.
    pub(crate) log_format: Option<String>,
    /// `AWS_LAMBDA_MAX_CONCURRENCY`: how many invocations may be open at once.
    pub(crate) max_concurrency: Option<String>,
    /// What a handler may see, in its `Context`.
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
    /// How many pollers `AWS_LAMBDA_MAX_CONCURRENCY` asks for: one, if it is unset or makes no sense.
    pub(crate) fn pollers(&self) -> usize {
        let Some(most) = &self.max_concurrency else { return 1 };
        most.parse().ok().filter(|&most| most > 0).unwrap_or_else(|| {
            log::warn!(
                "AWS_LAMBDA_MAX_CONCURRENCY is `{most}`, which is no number above 0; taking one invocation at a time"
            );
            1
        })
    }
}

/// The function as Lambda knows it, the same in every invocation of a process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Function {
    /// `AWS_LAMBDA_FUNCTION_NAME`.
    pub name: Option<String>,
    /// `AWS_LAMBDA_FUNCTION_VERSION`.
    pub version: Option<String>,
    /// `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`, in MiB; none if it is not a number.
    pub memory_mb: Option<u32>,
    /// `AWS_LAMBDA_LOG_GROUP_NAME`.
    pub log_group: Option<String>,
    /// `AWS_LAMBDA_LOG_STREAM_NAME`.
    pub log_stream: Option<String>,
    /// `AWS_LAMBDA_INITIALIZATION_TYPE`: `on-demand`, `provisioned-concurrency` or `snap-start`.
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

/// Reads a variable; surrounding white space is trimmed, and what is empty then counts as unset. Bytes that are not
/// UTF-8 are replaced: they make no valid value anyway, and the message about it shows them.
fn var(name: &str) -> Option<String> {
    let value = var_os(name)?.into_string().unwrap_or_else(|odd| odd.to_string_lossy().into_owned());
    match value.trim() {
        "" => None,
        trimmed if trimmed.len() < value.len() => Some(trimmed.to_owned()),
        _ => Some(value),
    }
}
