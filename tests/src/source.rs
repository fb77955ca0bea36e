//! `place` and `line_of`: places in the sources, in the form that stack traces use.

use std::fs;
use std::path::Path;

/// Returns the `file:line:column` of `text`, which must occur in exactly one line of that file of the workspace.
///
/// The column is that of the first character, or of the one after the marker `^` if `text` has one.
#[must_use]
pub fn place(file: &str, text: &str) -> String {
    let (before, after) = text.split_once('^').unwrap_or(("", text));
    let whole = format!("{before}{after}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace is around it").join(file);
    let source = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let found: Vec<_> = source
        .lines()
        .enumerate()
        .filter_map(|(line, content)| {
            let column = content.find(&whole)? + before.len();
            Some(format!("{file}:{}:{}", line + 1, content[..column].chars().count() + 1))
        })
        .collect();
    let [place] = &found[..] else { panic!("`{whole}` is found {} times in {file}", found.len()) };
    place.clone()
}

/// Returns the `file:line` of `text`, for places that are shown without a column, such as functions.
#[must_use]
pub fn line_of(file: &str, text: &str) -> String {
    let place = place(file, text);
    place.rsplit_once(':').expect("a place has a column").0.to_owned()
}
