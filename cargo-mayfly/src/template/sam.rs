//! Writes the infrastructure as an AWS SAM template.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::handlers::settings::{FunctionSettings, Settings};
use crate::template::infrastructure::{FunctionDefinition, Infrastructure};

/// Writes the template. Values that all functions share are in its globals.
pub(crate) fn text(infrastructure: &Infrastructure, settings: &Settings) -> String {
    let Infrastructure { artifact, runtime, architecture, functions } = infrastructure;
    let mut text = format!(
        "AWSTemplateFormatVersion: \"2010-09-09\"\n\
         Transform: AWS::Serverless-2016-10-31\n\
         \n\
         Globals:\n  \
           Function:\n    \
             CodeUri: {}\n    \
             Runtime: {runtime}\n    \
             Architectures: [{architecture}]\n    \
             MemorySize: {}\n    \
             Timeout: {}\n",
        scalar(artifact),
        settings.general.memory_mb(),
        settings.general.timeout_seconds()
    );
    text.push_str(&environment("    ", settings.general.environment.iter()));
    text.push_str("\nResources:\n");
    let functions: Vec<_> = functions.iter().map(|function| resource(function, &settings.general)).collect();
    text + &functions.join("\n")
}

fn resource(function: &FunctionDefinition, general: &FunctionSettings) -> String {
    let mut text = format!(
        "  {}:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: {}\n",
        function.id,
        scalar(&function.handler)
    );
    for (property, own, shared) in
        [("MemorySize", function.memory, general.memory_mb()), ("Timeout", function.timeout, general.timeout_seconds())]
    {
        if own != shared {
            writeln!(text, "      {property}: {own}").expect("a string takes everything");
        }
    }
    let own = function.environment.iter().filter(|(name, value)| general.environment.get(*name) != Some(value));
    text + &environment("      ", own)
}

fn environment<'a>(indent: &str, variables: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    let variables: BTreeMap<_, _> = variables.collect();
    if variables.is_empty() {
        return String::new();
    }
    let lines: Vec<_> =
        variables.iter().map(|(name, value)| format!("{indent}    {name}: {}\n", quoted(value))).collect();
    format!("{indent}Environment:\n{indent}  Variables:\n{}", lines.concat())
}

/// Writes a YAML string, with quotes only if they are needed.
fn scalar(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:".contains(c);
    let is_word = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"].contains(&&*text.to_lowercase());
    let begins_well = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let reads_plain = begins_well && !text.ends_with(':') && !is_word && text.chars().all(is_plain);
    if reads_plain { text.to_owned() } else { quoted(text) }
}

/// Writes a string in double quotes, in which YAML has the same escapes as JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
