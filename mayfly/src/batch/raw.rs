//! `Raw`: one record as it stands in the event.

use std::ops::Range;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::scanner;
use crate::error::Error;

/// One record as it stands in the event. A member is read when it is asked for.
#[derive(Clone, Debug)]
pub struct Raw {
    event: Arc<[u8]>,
    range: Range<usize>,
}

impl Raw {
    pub(super) fn new(event: &Arc<[u8]>, range: Range<usize>) -> Self {
        Self { event: Arc::clone(event), range }
    }

    /// Creates a record from its JSON.
    pub(crate) fn of(json: Vec<u8>) -> Self {
        Self { range: 0..json.len(), event: json.into() }
    }

    /// Creates a record without any members, for a test.
    pub(super) fn empty() -> Self {
        Self::of(b"{}".to_vec())
    }

    /// Returns the JSON of the record.
    pub(super) fn json(&self) -> &[u8] {
        &self.event[self.range.clone()]
    }

    /// Returns the JSON of the member at that path; `None` if it is absent or `null`.
    pub(super) fn find(&self, path: &[&str]) -> Option<&[u8]> {
        find(self.json(), path)
    }

    /// Reads the member at that path; `None` if it is absent, `null` or of another type.
    pub(super) fn get<T: DeserializeOwned>(&self, path: &[&str]) -> Option<T> {
        serde_json::from_slice(self.find(path)?).ok()
    }

    /// Reads the text at that path; an empty one if there is none.
    pub(super) fn text(&self, path: &[&str]) -> String {
        self.get(path).unwrap_or_default()
    }
}

/// Returns the JSON of the member at that path inside `json`; `None` if it is absent or `null`.
pub(super) fn find<'a>(json: &'a [u8], path: &[&str]) -> Option<&'a [u8]> {
    let found = path.iter().try_fold(json, |json, name| Some(&json[scanner::member(json, name)?]))?;
    (found != b"null").then_some(found)
}

/// Reads the text of the member at that path inside `json`.
pub(super) fn required_text(json: &[u8], path: &[&str]) -> Result<String, Error> {
    let found = find(json, path).ok_or_else(|| invalid(&format!("it has no `{}`", dotted(path))))?;
    serde_json::from_slice(found).map_err(|error| invalid(&format!("its `{}` is no text: {error}", dotted(path))))
}

/// Creates the error of a record that cannot be read.
#[cold]
pub(crate) fn invalid(why: &str) -> Error {
    Error::runtime("Runtime.InvalidRecord", format!("the record cannot be read: {why}"))
}

/// Writes a path for a message. (`join` would have one more instance in each binary, even in one without a batch: there
/// it would no longer be inlined into its only other caller.)
pub(super) fn dotted(path: &[&str]) -> String {
    let mut dotted = String::new();
    for name in path {
        if !dotted.is_empty() {
            dotted.push('.');
        }
        dotted.push_str(name);
    }
    dotted
}
