//! The functions that a template declares.

use anyhow::{Result, bail};
use serde_json::Value;

use crate::template::document::Document;
use crate::template::{cloudformation, serverless};

/// The functions of a template, and what of it could not be read.
#[derive(Debug, Default)]
pub(crate) struct Declarations {
    pub(crate) functions: Vec<Declared>,
    /// Places that may hold further functions, each with the reason that it is not read.
    pub(crate) unread: Vec<(Place, String)>,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// `Resources.Place`.
    pub(crate) path: String,
    pub(crate) line: Option<usize>,
}

/// A function of a template.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    /// Its name in the template.
    pub(crate) id: String,
    pub(crate) place: Place,
    /// Its configuration in each case: what conditions and parameters decide makes several.
    pub(crate) cases: Vec<Configured>,
}

/// The configuration of a function, as far as it bears on its handler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Configured {
    /// When it has this configuration: ``where condition `Live` is true, ``, or nothing.
    pub(crate) when: String,
    pub(crate) runtime: Setting,
    pub(crate) handler: Setting,
    /// `MAYFLY_HANDLER`.
    pub(crate) instead: Setting,
    /// The code as the template has it, which functions of one binary share.
    pub(crate) artifact: Value,
    /// The reason that it has no handler of a binary, if there is one: it is an image or inline code.
    pub(crate) other: Option<&'static str>,
}

/// The value of a property, as far as the template tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    Absent,
    Text(String),
    /// With a clause that says why: it "depends on …".
    Unknown(String),
}

impl Setting {
    /// The text, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl Place {
    /// A place of a document, with its line.
    pub(crate) fn new(document: &Document, path: String) -> Self {
        Self { line: document.line(&path), path }
    }
}

impl Declarations {
    /// Collects the functions of a template of SAM, `CloudFormation` or the Serverless Framework, or of our own JSON.
    ///
    /// # Errors
    /// When no document is any of them.
    pub(crate) fn of(documents: &[Document]) -> Result<Self> {
        let mut declarations = Self::default();
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
            bail!("it is no template: it has neither `Resources` nor `functions`");
        }
        // The members of a tree are sorted by name.
        declarations.functions.sort_by_key(|function| function.place.line);
        declarations.unread.sort_by_key(|(place, _)| place.line);
        Ok(declarations)
    }
}

/// The functions of our own JSON.
fn ours(document: &Document, functions: &[Value]) -> impl Iterator<Item = Declared> {
    let text = |value: Option<&Value>| {
        value.and_then(Value::as_str).map_or(Setting::Absent, |text| Setting::Text(text.to_owned()))
    };
    let runtime = text(document.tree.get("runtime"));
    functions.iter().enumerate().map(move |(at, function)| Declared {
        id: function.get("id").and_then(Value::as_str).unwrap_or_default().to_owned(),
        place: Place::new(document, format!("functions[{at}]")),
        cases: vec![Configured {
            when: String::new(),
            // A file of ours is of functions of ours.
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
