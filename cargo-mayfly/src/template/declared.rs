//! [`Declarations`]: the functions that a template declares.

use serde_json::Value;

use crate::template::document::Document;

/// The functions of a template, and its parts that could not be read.
#[derive(Debug, Default)]
pub(crate) struct Declarations {
    pub(crate) functions: Vec<Declared>,
    /// The places that may have more functions, each with the reason why it is not read.
    pub(crate) unread: Vec<(Location, String)>,
}

/// A place in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Location {
    /// The path of keys, such as `Resources.Order`.
    pub(crate) path: String,
    pub(crate) line: Option<usize>,
}

/// A function of a template.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    /// The name of the function in the template.
    pub(crate) id: String,
    pub(crate) location: Location,
    /// The configuration in each case of the conditions and parameters that it depends on.
    pub(crate) cases: Vec<Configured>,
}

/// The configuration of a function, as far as it concerns the handler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Configured {
    /// The case, such as ``where condition `Live` is true, ``, or nothing.
    pub(crate) when: String,
    pub(crate) runtime: Setting,
    pub(crate) handler: Setting,
    /// The variable `MAYFLY_HANDLER`.
    pub(crate) instead: Setting,
    /// The code in the template, which is the same for all functions of one binary.
    pub(crate) artifact: Value,
    /// The reason why the function cannot belong to a binary, if there is one: it is an image or has inline code.
    pub(crate) other: Option<&'static str>,
}

/// The value of a property, as far as it is known before the deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    Absent,
    Text(String),
    /// The value is known only at deployment; a predicate such as "depends on …".
    Unknown(String),
}

impl Setting {
    /// Returns the text, if it is known.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl Location {
    /// Creates a place in a document, with its line.
    pub(crate) fn new(document: &Document, path: String) -> Self {
        Self { line: document.line(&path), path }
    }
}
