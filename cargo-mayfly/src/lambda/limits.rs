//! What Lambda takes as the configuration of a function.

use std::ops::RangeInclusive;

/// The memory of a function.
pub(crate) const MEMORY_MB: RangeInclusive<i64> = 128..=10_240;
/// The time-out of a function, on Managed Instances; elsewhere it ends earlier.
pub(crate) const TIMEOUT_SECONDS: RangeInclusive<i64> = 1..=5400;
/// The longest time-out of a function that has no instances of its own.
pub(crate) const SHORT_TIMEOUT_SECONDS: u32 = 900;
/// The longest Handler setting, in characters.
pub(crate) const HANDLER: usize = 128;
/// The most bytes that the names and values of an environment have together.
const ENVIRONMENT: usize = 4096;
/// The names that Lambda keeps for itself.
const RESERVED: [&str; 16] = [
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
];

/// Checks what is to stand in the Handler setting: by characters and white space, as the attribute's `name` is.
pub(crate) fn handler(setting: &str) -> Result<(), String> {
    let characters = setting.chars().count();
    if characters > HANDLER {
        return Err(format!(
            "`{setting}` has {characters} characters, and Lambda's Handler setting takes at most {HANDLER}"
        ));
    }
    if setting.is_empty() || setting.contains(char::is_whitespace) {
        let has = if setting.is_empty() { "is empty" } else { "has white space" };
        return Err(format!("`{setting}` {has}, and Lambda's Handler setting does not take that"));
    }
    Ok(())
}

/// Checks the name of a variable.
pub(crate) fn variable(name: &str) -> Result<(), String> {
    if RESERVED.contains(&name) || name == "_HANDLER" || name == "_X_AMZN_TRACE_ID" {
        return Err(format!("the variable {name} is set by Lambda itself"));
    }
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let begins_well = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if !begins_well || name.len() < 2 || !name.chars().all(is_allowed) {
        return Err(format!(
            "`{name}` is no name of a variable for Lambda: it begins with a letter, and at least one letter, digit or `_` \
             follows"
        ));
    }
    Ok(())
}

/// Checks the size of an environment.
pub(crate) fn environment<'a>(variables: impl Iterator<Item = (&'a String, &'a String)>) -> Result<(), String> {
    let size: usize = variables.map(|(name, value)| name.len() + value.len()).sum();
    if size > ENVIRONMENT {
        return Err(format!("its environment has {size} bytes, and Lambda takes at most {ENVIRONMENT}"));
    }
    Ok(())
}

/// Checks a number that stands in a table under that key.
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
    fn names_of_variables_are_lambdas() {
        for name in ["TABLE", "Table_1", "MAYFLY_HANDLER", "ab"] {
            assert_eq!(variable(name), Ok(()));
        }
        for name in ["", "A", "1A", "_A", "A-B", "Ä1"] {
            assert!(variable(name).unwrap_err().contains("is no name of a variable"), "{name}");
        }
        for name in ["_HANDLER", "AWS_REGION"] {
            assert_eq!(variable(name), Err(format!("the variable {name} is set by Lambda itself")));
        }
    }

    #[test]
    fn a_handler_has_at_most_128_characters_however_many_bytes_and_no_white_space() {
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
    fn an_environment_has_a_size() {
        let sized = |size: usize| vec![("AB".to_owned(), "x".repeat(size - 2))];
        let check = |variables: Vec<(String, String)>| environment(variables.iter().map(|(name, value)| (name, value)));
        assert_eq!(check(sized(4096)), Ok(()));
        assert_eq!(check(sized(4097)), Err("its environment has 4097 bytes, and Lambda takes at most 4096".to_owned()));
    }
}
