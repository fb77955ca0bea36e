//! Reads the functions that a template of any format declares.

use anyhow::{Result, bail};
use serde_json::Value;

use crate::template::declared::{Configured, Declarations, Declared, Location, Setting};
use crate::template::document::Document;
use crate::template::{cloudformation, serverless};

/// Collects the functions of a SAM or `CloudFormation` template, a `serverless.yml`, or our own JSON.
pub(crate) fn declarations(documents: &[Document]) -> Result<Declarations> {
    let mut declarations = Declarations::default();
    let mut is_template = false;
    for document in documents {
        let tree = &document.tree;
        is_template |= match (tree.get("Resources"), tree.get("functions"), tree.get("provider")) {
            (Some(Value::Object(resources)), ..) => {
                cloudformation::read(document, resources, &mut declarations);
                true
            }
            (_, Some(functions), Some(_)) => {
                serverless::read(document, functions, &mut declarations);
                true
            }
            (_, Some(Value::Array(functions)), None) => {
                declarations.functions.extend(ours(document, functions));
                true
            }
            _ => false,
        };
    }
    if !is_template {
        bail!("it is not a template: it has neither `Resources` nor `functions`");
    }
    // By line, since the members of a tree are sorted by name.
    declarations.functions.sort_by_key(|function| function.location.line);
    declarations.unread.sort_by_key(|(place, _)| place.line);
    Ok(declarations)
}

/// Reads the functions of our own JSON.
fn ours(document: &Document, functions: &[Value]) -> impl Iterator<Item = Declared> {
    let text = |value: Option<&Value>| {
        value.and_then(Value::as_str).map_or(Setting::Absent, |text| Setting::Text(text.to_owned()))
    };
    let runtime = text(document.tree.get("runtime"));
    functions.iter().enumerate().map(move |(at, function)| Declared {
        id: function.get("id").and_then(Value::as_str).unwrap_or_default().to_owned(),
        location: Location::new(document, format!("functions[{at}]")),
        cases: vec![Configured {
            when: String::new(),
            // Our own format describes only functions of ours.
            runtime: if runtime == Setting::Absent {
                Setting::Text("provided.al2023".to_owned())
            } else {
                runtime.clone()
            },
            handler: text(function.get("handler")),
            instead: text(function.pointer("/environment/MAYFLY_HANDLER")),
            artifact: Value::Null,
            other: None,
        }],
    })
}
