//! Lambda's limits, and the checks of a function's configuration against them.

use std::ops::RangeInclusive;

pub(crate) use cargo_mayfly::emulator::{DEFAULT_MEMORY_MB, MAX_PAYLOAD};

/// The memory of a function.
pub(crate) const MEMORY_MB: RangeInclusive<i64> = 128..=10_240;
/// The timeout of a function on Managed Instances.
pub(crate) const TIMEOUT_SECONDS: RangeInclusive<i64> = 1..=5400;
/// The longest timeout of a function that does not run on Managed Instances.
pub(crate) const MAX_ON_DEMAND_TIMEOUT_SECONDS: u32 = 900;
/// The timeout of a function that configures none.
pub(crate) const DEFAULT_TIMEOUT_SECONDS: u32 = 3;
/// The longest Handler setting, in characters.
pub(crate) const MAX_HANDLER_CHARS: usize = 128;
/// The largest environment: the bytes of all names and values.
const MAX_ENVIRONMENT_BYTES: usize = 4096;
/// The largest event of a synchronous invocation.
pub(crate) const MAX_EVENT_BYTES: usize = 6 * 1024 * 1024;
/// The largest event of an asynchronous invocation.
pub(crate) const MAX_ASYNC_EVENT_BYTES: usize = 1024 * 1024;
/// The largest client context, encoded as base64.
pub(crate) const MAX_CLIENT_CONTEXT_BYTES: usize = 3583;
/// The longest tenant id, in characters.
pub(crate) const MAX_TENANT_ID_CHARS: usize = 256;
/// The end of an invocation's logs that a caller can ask for.
pub(crate) const LOG_TAIL_BYTES: usize = 4096;
/// The largest deployment package, unpacked.
pub(crate) const MAX_UNPACKED_BYTES: u64 = 250 * 1024 * 1024;
/// The largest zip that can be uploaded without S3.
pub(crate) const MAX_DIRECT_ZIP_BYTES: u64 = 50 * 1024 * 1024;
/// The variables that Lambda reserves.
const RESERVED_VARIABLES: [&str; 18] = [
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
];

/// Checks a Handler setting for its length and for white space, as the macro checks the attribute's `name`. The error
/// is a clause that begins with the setting.
pub(crate) fn handler(setting: &str) -> Result<(), String> {
    let characters = setting.chars().count();
    if characters > MAX_HANDLER_CHARS {
        return Err(format!(
            "`{setting}` has {characters} characters, and Lambda's Handler setting takes at most {MAX_HANDLER_CHARS}"
        ));
    }
    if setting.is_empty() || setting.contains(char::is_whitespace) {
        let has = if setting.is_empty() { "is empty" } else { "has white space" };
        return Err(format!("`{setting}` {has}, and Lambda's Handler setting does not take that"));
    }
    Ok(())
}

/// Checks the name of an environment variable.
pub(crate) fn variable(name: &str) -> Result<(), String> {
    if RESERVED_VARIABLES.contains(&name) {
        return Err(format!("the variable {name} is set by Lambda itself"));
    }
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let begins_well = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if !begins_well || name.len() < 2 || !name.chars().all(is_allowed) {
        return Err(format!(
            "`{name}` is not a valid name of a Lambda environment variable: it must begin with a letter, followed by \
             at least one letter, digit or `_`"
        ));
    }
    Ok(())
}

/// Checks the size of an environment.
pub(crate) fn environment<'a>(variables: impl Iterator<Item = (&'a String, &'a String)>) -> Result<(), String> {
    let size: usize = variables.map(|(name, value)| name.len() + value.len()).sum();
    if size > MAX_ENVIRONMENT_BYTES {
        return Err(format!(
            "its environment variables have {size} bytes, and Lambda takes at most {MAX_ENVIRONMENT_BYTES}"
        ));
    }
    Ok(())
}

/// Checks a number that a table has under a key.
pub(crate) fn number(key: &str, number: u32, range: &RangeInclusive<i64>) -> Result<(), String> {
    if range.contains(&i64::from(number)) {
        return Ok(());
    }
    Err(format!("`{key}` is {number}, and Lambda takes {} to {}", range.start(), range.end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_have_the_names_that_lambda_allows() {
        for name in ["TABLE", "Table_1", "MAYFLY_HANDLER", "ab"] {
            assert_eq!(variable(name), Ok(()));
        }
        for name in ["", "A", "1A", "_A", "A-B", "Ä1"] {
            assert!(variable(name).unwrap_err().contains("is not a valid name of a Lambda"), "{name}");
        }
        for name in ["_HANDLER", "AWS_REGION"] {
            assert_eq!(variable(name), Err(format!("the variable {name} is set by Lambda itself")));
        }
    }

    #[test]
    fn a_handler_setting_has_at_most_128_characters_and_no_white_space() {
        for letter in ["a", "ß", "\u{1f44b}"] {
            assert_eq!(handler(&letter.repeat(128)), Ok(()), "{letter}");
            assert!(handler(&letter.repeat(129)).unwrap_err().contains("` has 129 characters, and "), "{letter}");
        }
        for blank in [' ', '\t', '\n', '\r', '\u{b}', '\u{85}', '\u{a0}', '\u{2003}', '\u{2028}', '\u{3000}'] {
            for name in [format!("a{blank}b"), format!("a{blank}"), format!("{blank}a")] {
                assert!(handler(&name).unwrap_err().contains("` has white space, and "), "{name:?}");
            }
        }
        assert!(handler("").unwrap_err().contains("is empty"));
    }

    #[test]
    fn an_environment_has_at_most_4096_bytes() {
        let sized = |size: usize| vec![("AB".to_owned(), "x".repeat(size - 2))];
        let check = |variables: Vec<(String, String)>| environment(variables.iter().map(|(name, value)| (name, value)));
        assert_eq!(check(sized(4096)), Ok(()));
        assert_eq!(
            check(sized(4097)),
            Err("its environment variables have 4097 bytes, and Lambda takes at most 4096".to_owned())
        );
    }
}
