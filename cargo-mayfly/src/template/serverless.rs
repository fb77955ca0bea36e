//! Reads the functions of a `serverless.yml`.

use serde_json::Value;

use crate::template::declared::{Configured, Declarations, Declared, Location, Setting};
use crate::template::document::Document;

/// The largest number of variables that refer to each other.
const MAX_DEPTH: usize = 8;

/// Adds the functions to the declarations.
pub(crate) fn read(document: &Document, functions: &Value, declarations: &mut Declarations) {
    let (groups, texts): (Vec<_>, Vec<_>) = match functions {
        Value::Array(groups) => groups
            .iter()
            .enumerate()
            .map(|(at, group)| (format!("functions[{at}]"), group))
            .partition(|it| it.1.is_object()),
        group => [("functions".to_owned(), group)].into_iter().partition(|(_, group)| group.is_object()),
    };
    for (location, group) in groups {
        let members = group.as_object().into_iter().flatten();
        declarations.functions.extend(members.map(|(name, function)| {
            let line = document.line(&format!("functions.{name}")).or_else(|| document.line(&location));
            let location = Location { path: format!("functions.{name}"), line };
            Declared { id: name.clone(), location, cases: vec![configured(&document.tree, function)] }
        }));
    }
    declarations.unread.extend(texts.into_iter().map(|(location, text)| {
        let why = match text {
            Value::String(text) => format!("depends on `{text}`, and the functions in it are not compared"),
            _ => "is not a function, and is not compared".to_owned(),
        };
        (Location::new(document, location), why)
    }));
}

fn configured(document: &Value, function: &Value) -> Configured {
    let setting = |value: Option<&Value>| value.map_or(Setting::Absent, |value| text(document, value));
    let own_or_shared =
        |own: &str| setting(function.pointer(own).or_else(|| document.pointer(&format!("/provider{own}"))));
    let artifact = function.pointer("/package/artifact").or_else(|| document.pointer("/package/artifact"));
    Configured {
        when: String::new(),
        runtime: own_or_shared("/runtime"),
        handler: setting(function.get("handler")),
        instead: own_or_shared("/environment/MAYFLY_HANDLER"),
        artifact: [artifact.cloned().unwrap_or_default()].into_iter().collect(),
        other: function.get("image").map(|_| "is a container image"),
    }
}

/// Returns the text of a value. Of the framework's variables, only those that name another place in the file are known.
fn text(document: &Value, value: &Value) -> Setting {
    match value {
        Value::String(text) => substitute(document, text, MAX_DEPTH),
        Value::Number(_) | Value::Bool(_) => Setting::Text(value.to_string()),
        Value::Null => Setting::Absent,
        Value::Array(_) | Value::Object(_) => {
            let name = value.as_object().and_then(|members| members.keys().next());
            Setting::Unknown(name.map_or_else(|| "is not a string".to_owned(), |name| format!("depends on `{name}`")))
        }
    }
}

fn substitute(document: &Value, text: &str, depth: usize) -> Setting {
    let mut done = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        done.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            return Setting::Unknown(format!("depends on `${{{after}`"));
        };
        let named =
            name.strip_prefix("self:").and_then(|path| document.pointer(&format!("/{}", path.replace('.', "/"))));
        match named {
            Some(Value::String(text)) if depth > 0 => match substitute(document, text, depth - 1) {
                Setting::Text(text) => done.push_str(&text),
                other => return other,
            },
            _ => return Setting::Unknown(format!("depends on `${{{name}}}`")),
        }
        rest = after;
    }
    Setting::Text(done + rest)
}
