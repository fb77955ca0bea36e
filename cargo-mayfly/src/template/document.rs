//! A template as a tree, from YAML or JSON.

use anyhow::{Context as _, Result};
use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Map, Value};

/// Reads a template. The short form of a function, `!Sub x`, becomes its long one, `Fn::Sub: x`.
///
/// # Errors
/// When it is neither JSON nor YAML.
pub(crate) fn read(text: &str) -> Result<Value> {
    if let Ok(json) = serde_json::from_str(text) {
        return Ok(json);
    }
    let documents = Yaml::load_from_str(text).context("it is neither JSON nor YAML")?;
    Ok(documents.first().map_or(Value::Null, value))
}

fn value(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(scalar) => match scalar {
            Scalar::Null => Value::Null,
            Scalar::Boolean(truth) => (*truth).into(),
            Scalar::Integer(number) => (*number).into(),
            Scalar::FloatingPoint(number) => number.into_inner().into(),
            Scalar::String(text) => text.as_ref().into(),
        },
        Yaml::Representation(text, ..) => text.as_ref().into(),
        Yaml::Sequence(items) => items.iter().map(value).collect(),
        Yaml::Mapping(members) => members.iter().map(|(key, member)| (key_of(key), value(member))).collect(),
        Yaml::Tagged(tag, inner) if tag.is_yaml_core_schema() => value(inner),
        Yaml::Tagged(tag, inner) => {
            let name = match tag.suffix.as_str() {
                name @ ("Ref" | "Condition") => name.to_owned(),
                name => format!("Fn::{name}"),
            };
            Value::Object(Map::from_iter([(name, value(inner))]))
        }
        Yaml::Alias(_) | Yaml::BadValue => Value::Null,
    }
}

fn key_of(key: &Yaml<'_>) -> String {
    match value(key) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn short_forms_become_long_ones() {
        let text = "A: !Ref Name\nB: !Sub \"${A}-x\"\nC: !If [Yes, !GetAtt a.b, 3]\nD: {Fn::Sub: y}\nE: ${no}\n";
        let tree = json!({
            "A": { "Ref": "Name" }, "B": { "Fn::Sub": "${A}-x" }, "D": { "Fn::Sub": "y" }, "E": "${no}",
            "C": { "Fn::If": ["Yes", { "Fn::GetAtt": "a.b" }, 3] },
        });
        assert_eq!(read(text).unwrap(), tree);
        assert_eq!(read(&tree.to_string()).unwrap(), tree);
        assert!(read("a: [").is_err());
    }
}
