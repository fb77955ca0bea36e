//! [`Configuration`]: the configuration of a function, and the environment variables of its process.

use std::time::Duration;

use crate::emulator::limits::{DEFAULT_MEMORY_MB, INIT_TIMEOUT};

/// The configuration of a function, which the console or a template sets on Lambda.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The **Handler** setting, which is the variable `_HANDLER` of the process.
    pub handler: String,
    /// The function's name.
    pub name: String,
    /// The function's version.
    pub version: String,
    /// The memory in MB. The process can read it, but it is not enforced.
    pub memory_mb: u32,
    /// The timeout of an invocation.
    pub timeout: Duration,
    /// The time from the start of the process to its first request for an event.
    pub init_timeout: Duration,
    /// The AWS region.
    pub region: String,
    /// The account number in the function's ARN.
    pub account: String,
    /// Whether the function starts from a snapshot. Only then is `/runtime/restore` served.
    pub snap_start: bool,
    /// The function's own environment variables. They never replace one that Lambda reserves.
    pub variables: Vec<(String, String)>,
}

impl Configuration {
    /// Creates a configuration with this handler, a timeout of 300 seconds, and otherwise Lambda's defaults.
    #[must_use]
    pub fn new(handler: impl Into<String>) -> Self {
        Self {
            handler: handler.into(),
            name: "test_function".to_owned(),
            version: "$LATEST".to_owned(),
            memory_mb: DEFAULT_MEMORY_MB,
            timeout: Duration::from_secs(300),
            init_timeout: INIT_TIMEOUT,
            region: "us-east-1".to_owned(),
            account: "012345678912".to_owned(),
            snap_start: false,
            variables: Vec::new(),
        }
    }

    /// Returns the function's Amazon Resource Name.
    #[must_use]
    pub fn arn(&self) -> String {
        format!("arn:aws:lambda:{}:{}:function:{}", self.region, self.account, self.name)
    }

    /// Returns the environment variables of the process, for an API at `address`: the function's own, then those that
    /// Lambda sets.
    #[must_use]
    pub fn environment(&self, address: &str, task_root: &str) -> Vec<(String, String)> {
        let initialization = if self.snap_start { "snap-start" } else { "on-demand" };
        let reserved = [
            ("_HANDLER", self.handler.as_str()),
            ("AWS_LAMBDA_RUNTIME_API", address),
            ("AWS_LAMBDA_FUNCTION_NAME", &self.name),
            ("AWS_LAMBDA_FUNCTION_VERSION", &self.version),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &self.memory_mb.to_string()),
            ("AWS_LAMBDA_LOG_GROUP_NAME", &format!("/aws/lambda/{}", self.name)),
            ("AWS_LAMBDA_LOG_STREAM_NAME", &self.version),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", initialization),
            ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023"),
            ("AWS_REGION", &self.region),
            ("AWS_DEFAULT_REGION", &self.region),
            ("LAMBDA_TASK_ROOT", task_root),
            ("TZ", ":UTC"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.variables.iter().cloned().chain(reserved).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_variables_take_precedence() {
        let mut configuration = Configuration::new("a::b");
        configuration.variables =
            vec![("_HANDLER".to_owned(), "mine".to_owned()), ("LOGLEVEL".to_owned(), "debug".to_owned())];
        let environment: std::collections::HashMap<_, _> =
            configuration.environment("127.0.0.1:9001", "/var/task").into_iter().collect();
        assert_eq!(environment["_HANDLER"], "a::b");
        assert_eq!(environment["LOGLEVEL"], "debug");
        assert_eq!(environment["AWS_LAMBDA_RUNTIME_API"], "127.0.0.1:9001");
    }

    #[test]
    fn the_arn_has_region_account_and_function() {
        assert_eq!(Configuration::new("").arn(), "arn:aws:lambda:us-east-1:012345678912:function:test_function");
    }
}
