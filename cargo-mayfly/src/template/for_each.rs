//! Lists the resources of a template, with `Fn::ForEach` expanded.

use serde_json::{Map, Value};

use crate::template::case;
use crate::template::declared::Setting;

/// The largest number of resources in a `CloudFormation` template.
const MAX_RESOURCES: usize = 500;

/// A resource of a template.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Resource<'a> {
    /// The key in the template; for a resource that a loop creates, that of the loop.
    pub(crate) key: &'a str,
    pub(crate) id: String,
    pub(crate) value: Value,
}

/// Lists the resources, and the keys that may have more resources, each with the reason why they are not known.
pub(crate) fn resources<'a>(
    document: &Value,
    members: &'a Map<String, Value>,
) -> (Vec<Resource<'a>>, Vec<(&'a str, String)>) {
    let (mut resources, mut unknown) = (Vec::new(), Vec::new());
    for (key, value) in members {
        let mut made = Vec::new();
        match expand(document, key, value, &mut made) {
            Ok(()) => resources.extend(made.into_iter().map(|(id, value)| Resource { key, id, value })),
            Err(why) => unknown.push((key.as_str(), why)),
        }
    }
    (resources, unknown)
}

fn expand(document: &Value, key: &str, value: &Value, made: &mut Vec<(String, Value)>) -> Result<(), String> {
    if !key.starts_with("Fn::") {
        made.push((key.to_owned(), value.clone()));
        return if made.len() > MAX_RESOURCES {
            Err(format!("makes more than {MAX_RESOURCES} resources"))
        } else {
            Ok(())
        };
    }
    let parts = value.as_array().map(Vec::as_slice).filter(|_| key.starts_with("Fn::ForEach::"));
    let Some([Value::String(name), collection, Value::Object(body)]) = parts else {
        return Err(format!("depends on `{key}`"));
    };
    for item in items(document, collection)? {
        for (key, value) in body {
            expand(document, &replaced_text(key, name, &item), &replaced(value, name, &item), made)?;
        }
    }
    Ok(())
}

/// Returns the items of a loop: strings, or a parameter that is a list.
fn items(document: &Value, collection: &Value) -> Result<Vec<String>, String> {
    let text = |value: &Value| {
        let cases = case::each(document, |case| case.text(value)).unwrap_or_default();
        match cases.into_iter().map(|(_, text)| text).collect::<Vec<_>>().as_slice() {
            [Setting::Text(text)] => Ok(text.clone()),
            [Setting::Unknown(why)] => Err(why.clone()),
            _ => Err("depends on a condition".to_owned()),
        }
    };
    match collection {
        Value::Array(items) => items.iter().map(text).collect(),
        list => Ok(text(list)?.split(',').map(|item| item.trim().to_owned()).collect()),
    }
}

fn replaced(value: &Value, name: &str, item: &str) -> Value {
    match value {
        Value::String(text) => replaced_text(text, name, item).into(),
        Value::Array(items) => items.iter().map(|value| replaced(value, name, item)).collect(),
        Value::Object(members) if members.len() == 1 && members.get("Ref").is_some_and(|it| it == name) => item.into(),
        Value::Object(members) => {
            members.iter().map(|(key, value)| (replaced_text(key, name, item), replaced(value, name, item))).collect()
        }
        other => other.clone(),
    }
}

fn replaced_text(text: &str, name: &str, item: &str) -> String {
    text.replace(&format!("${{{name}}}"), item).replace(&format!("&{{{name}}}"), item)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ids(members: &Value) -> (Vec<String>, Vec<(&str, String)>) {
        let document = json!({ "Parameters": {
            "List": { "Type": "CommaDelimitedList", "Default": "a, b" }, "None": { "Type": "CommaDelimitedList" },
        } });
        let (resources, unknown) = resources(&document, members.as_object().expect("an object"));
        let ids = resources.into_iter().map(|resource| format!("{} {}", resource.id, resource.value));
        (ids.collect(), unknown)
    }

    #[test]
    fn a_loop_over_known_items_is_written_out() {
        let body = json!({ "F${X}": { "&{X}": [{ "Ref": "X" }, "${X}-${Y}"] } });
        let written = |x: &str| format!(r#"F{x} {{"{x}":["{x}","{x}-${{Y}}"]}}"#);
        for collection in [json!(["a", "b"]), json!({ "Ref": "List" })] {
            let members = json!({ "Fn::ForEach::L": ["X", collection, body] });
            assert_eq!(ids(&members), (vec![written("a"), written("b")], vec![]));
        }
        let inner = json!({ "Fn::ForEach::I": ["Y", ["1", "2"], { "F${X}${Y}": {} }] });
        let members = json!({ "A": 1, "Fn::ForEach::O": ["X", ["a", "b"], inner] });
        assert_eq!(ids(&members).0, ["A 1", "Fa1 {}", "Fa2 {}", "Fb1 {}", "Fb2 {}"]);
    }

    #[test]
    fn loops_are_bounded_and_unknown_resources_have_a_reason() {
        let many: Vec<_> = (0..30).map(|number| number.to_string()).collect();
        let inner = json!({ "Fn::ForEach::I": ["Y", many, { "F${X}${Y}": {} }] });
        for (key, value, why) in [
            ("Fn::ForEach::L", json!(["X", many, inner]), "makes more than 500 resources"),
            (
                "Fn::ForEach::L",
                json!(["X", { "Ref": "None" }, {}]),
                "depends on the parameter `None`, which has no default",
            ),
            ("Fn::ForEach::L", json!("x"), "depends on `Fn::ForEach::L`"),
            ("Fn::Transform", json!({ "Name": "AWS::Include" }), "depends on `Fn::Transform`"),
        ] {
            let members = json!({ key: value });
            assert_eq!(ids(&members), (vec![], vec![(key, why.to_owned())]), "{value}");
        }
    }
}
