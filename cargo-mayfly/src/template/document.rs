//! [`Document`]: a template as a tree, read from YAML or JSON.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use saphyr::{LoadableYamlNode as _, MarkedYaml, Scalar, YamlData};
use serde_json::{Map, Value};

/// The depth to which the lines of keys are recorded: down to a resource or function.
const DEPTH: usize = 2;
/// The key of YAML whose value is merged into the mapping around it.
const MERGE: &str = "<<";

/// A document of a file.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) tree: Value,
    /// The lines by paths such as `Resources.Order` and `functions[0]`.
    lines: BTreeMap<String, usize>,
}

impl Document {
    /// Returns the line of a key in the first two levels.
    pub(crate) fn line(&self, place: &str) -> Option<usize> {
        self.lines.get(place).copied()
    }
}

/// Reads the documents of a file. Short forms of functions, such as `!Sub x`, become their long forms, such as
/// `Fn::Sub: x`; aliases and merge keys are resolved.
pub(crate) fn read(text: &str) -> Result<Vec<Document>> {
    let text = text.trim_start_matches('\u{feff}');
    let json: Option<Value> = serde_json::from_str(text).ok();
    let marked = MarkedYaml::load_from_str(text);
    if let Some(tree) = json {
        // The YAML parser, which knows the lines, reads nearly all JSON.
        let lines = marked.ok().and_then(|documents| Some(lines(documents.first()?)));
        return Ok(vec![Document { tree, lines: lines.unwrap_or_default() }]);
    }
    let documents = marked.context("it is neither JSON nor YAML")?;
    Ok(documents.iter().map(|document| Document { tree: value(document), lines: lines(document) }).collect())
}

fn value(yaml: &MarkedYaml<'_>) -> Value {
    match &yaml.data {
        YamlData::Value(scalar) => match scalar {
            Scalar::Null => Value::Null,
            Scalar::Boolean(truth) => (*truth).into(),
            Scalar::Integer(number) => (*number).into(),
            Scalar::FloatingPoint(number) => number.into_inner().into(),
            Scalar::String(text) => text.as_ref().into(),
        },
        YamlData::Representation(text, ..) => text.as_ref().into(),
        YamlData::Sequence(items) => items.iter().map(value).collect(),
        YamlData::Mapping(members) => {
            merged(members.iter().map(|(key, member)| (key_of(key), value(member))).collect())
        }
        YamlData::Tagged(tag, inner) if tag.is_yaml_core_schema() => value(inner),
        YamlData::Tagged(tag, inner) => {
            let name = match tag.suffix.as_str() {
                name @ ("Ref" | "Condition") => name.to_owned(),
                name => format!("Fn::{name}"),
            };
            Value::Object(Map::from_iter([(name, value(inner))]))
        }
        YamlData::Alias(_) | YamlData::BadValue => Value::Null,
    }
}

fn key_of(key: &MarkedYaml<'_>) -> String {
    match value(key) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// Adds the members of the mappings under `<<`. Own members take precedence, then those of earlier mappings.
fn merged(mut members: Map<String, Value>) -> Value {
    let sources = match members.get(MERGE) {
        Some(Value::Object(_)) => members.remove(MERGE).into_iter().collect(),
        Some(Value::Array(sources)) if sources.iter().all(Value::is_object) => sources.clone(),
        _ => return Value::Object(members),
    };
    members.remove(MERGE);
    for (key, member) in sources.iter().filter_map(Value::as_object).flatten() {
        members.entry(key).or_insert_with(|| member.clone());
    }
    Value::Object(members)
}

fn lines(document: &MarkedYaml<'_>) -> BTreeMap<String, usize> {
    let mut lines = BTreeMap::new();
    note_lines(document, "", DEPTH, &mut lines);
    lines
}

fn note_lines(yaml: &MarkedYaml<'_>, place: &str, depth: usize, lines: &mut BTreeMap<String, usize>) {
    if depth == 0 {
        return;
    }
    let mut note = |place: String, at: &MarkedYaml<'_>, below: &MarkedYaml<'_>| {
        lines.insert(place.clone(), at.span.start.line());
        note_lines(below, &place, depth - 1, lines);
    };
    match &yaml.data {
        YamlData::Mapping(members) => members.iter().for_each(|(key, member)| {
            let dot = if place.is_empty() { "" } else { "." };
            note(format!("{place}{dot}{}", key_of(key)), key, member);
        }),
        YamlData::Sequence(items) => {
            items.iter().enumerate().for_each(|(at, item)| note(format!("{place}[{at}]"), item, item));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tree(text: &str) -> Value {
        read(text).unwrap().remove(0).tree
    }

    #[test]
    fn short_forms_become_long_forms() {
        let text = "A: !Ref Name\nB: !Sub \"${A}-x\"\nC: !If [Yes, !GetAtt a.b, 3]\nD: {Fn::Sub: y}\nE: ${no}\n";
        let long = json!({
            "A": { "Ref": "Name" }, "B": { "Fn::Sub": "${A}-x" }, "D": { "Fn::Sub": "y" }, "E": "${no}",
            "C": { "Fn::If": ["Yes", { "Fn::GetAtt": "a.b" }, 3] },
        });
        assert_eq!(tree(text), long);
        assert_eq!(tree(&long.to_string()), long);
        assert_eq!(tree(&format!("\u{feff}{text}")), long, "a byte order mark is ignored");
        assert!(read("a: [").is_err());
    }

    #[test]
    fn merge_keys_add_what_a_mapping_lacks() {
        let text = "base: &base {A: 1, B: 1}\nother: &other {B: 2, C: 2}\n\
                    one:\n  <<: *base\n  B: 3\nboth:\n  <<: [*base, *other]\nnone: {<<: text}\n";
        let tree = tree(text);
        assert_eq!(tree["one"], json!({ "A": 1, "B": 3 }));
        assert_eq!(tree["both"], json!({ "A": 1, "B": 1, "C": 2 }));
        assert_eq!(tree["none"], json!({ "<<": "text" }));
    }

    #[test]
    fn a_place_has_a_line_in_yaml_and_in_json() {
        let yaml = read("# one\nResources:\n  A: {}\n  B:\n    C: 1\n---\nfunctions:\n- a: 1\n- b: 2\n").unwrap();
        let json = read("{\n\t\"Resources\": {\n\t\t\"A\": {},\n\n\t\t\"B\": 1\n\t}\n}").unwrap();
        assert_eq!((yaml[0].line("Resources.A"), yaml[0].line("Resources.B")), (Some(3), Some(4)));
        assert_eq!(yaml[0].line("Resources.B.C"), None);
        assert_eq!(yaml[1].line("functions[1]"), Some(9));
        assert_eq!(json[0].line("Resources.B"), Some(5));
    }
}
