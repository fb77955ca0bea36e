//! The functions that a template declares.

use serde_json::Value;

use crate::template::document::Document;

/// The functions of a template, and what of it could not be read.
#[derive(Debug, Default)]
pub(crate) struct Declarations {
    pub(crate) functions: Vec<Declared>,
    /// Places that may hold further functions, each with the reason that it is not read.
    pub(crate) unread: Vec<(Location, String)>,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Location {
    /// `Resources.Location`.
    pub(crate) path: String,
    pub(crate) line: Option<usize>,
}

/// A function of a template.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    /// Its name in the template.
    pub(crate) id: String,
    pub(crate) location: Location,
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

impl Location {
    /// A place of a document, with its line.
    pub(crate) fn new(document: &Document, path: String) -> Self {
        Self { line: document.line(&path), path }
    }
}
