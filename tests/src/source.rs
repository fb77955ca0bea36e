//! Places in the sources, as stack traces name them.

use std::fs;
use std::path::Path;

/// The `file:line:column` where the only line with `text` has it, in a file of the workspace; the marker `^` in `text`
/// stands before the character that is meant, otherwise it is the first.
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

/// The `file:line` of a place, where no column is shown: that of a function.
#[must_use]
pub fn line_of(file: &str, text: &str) -> String {
    let place = place(file, text);
    place.rsplit_once(':').expect("a place has a column").0.to_owned()
}
