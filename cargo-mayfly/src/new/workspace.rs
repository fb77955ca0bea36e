//! [`Workspace`]: the workspace around a new package.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use glob::{MatchOptions, Pattern};
use toml_edit::{Array, DocumentMut, Item, TableLike, Value};

use crate::new::line_ends;

/// A workspace whose root is not the new package itself.
#[derive(Clone, Debug)]
pub(crate) struct Workspace {
    /// The folder of the workspace's manifest.
    pub(crate) root: PathBuf,
    /// The text of the manifest.
    text: String,
    manifest: DocumentMut,
}

impl Workspace {
    /// Finds the workspace that cargo would find for a package in this folder.
    pub(crate) fn around(folder: &Path) -> Result<Option<Self>> {
        for root in folder.ancestors() {
            let file = root.join("Cargo.toml");
            let Ok(text) = fs::read_to_string(&file) else { continue };
            let manifest = text.parse::<DocumentMut>();
            let manifest = manifest.with_context(|| format!("{} cannot be read", file.display()))?;
            if manifest.contains_key("workspace") {
                if root == folder {
                    return Ok(None);
                }
                let workspace = Self { root: root.to_owned(), text, manifest };
                return Ok(Some(workspace).filter(|workspace| !workspace.excludes(folder)));
            }
        }
        Ok(None)
    }

    /// Returns whether `[workspace.dependencies]` has this dependency.
    pub(crate) fn has_dependency(&self, name: &str) -> bool {
        self.table("dependencies").is_some_and(|table| table.contains_key(name))
    }

    /// Returns the keys of `[workspace.package]`.
    pub(crate) fn package_keys(&self) -> Vec<String> {
        self.table("package").map(|table| table.iter().map(|(key, _)| key.to_owned()).collect()).unwrap_or_default()
    }

    /// Returns whether there is a `[workspace.lints]`.
    pub(crate) fn has_lints(&self) -> bool {
        self.table("lints").is_some()
    }

    /// Returns whether it has a release profile; those of members have no effect.
    pub(crate) fn has_release_profile(&self) -> bool {
        self.manifest.get("profile").and_then(|profile| profile.get("release")).is_some()
    }

    /// Returns the manifest with a package added to the members, or `None` if it is one already.
    pub(crate) fn with_member(&self, folder: &Path) -> Option<(PathBuf, String)> {
        let member = self.relative(folder)?;
        let options = MatchOptions { require_literal_separator: true, ..MatchOptions::default() };
        let is_member = self.strings("members").iter().any(|pattern| {
            Pattern::new(pattern.trim_end_matches('/')).is_ok_and(|pattern| pattern.matches_with(&member, options))
        });
        if is_member {
            return None;
        }
        let mut manifest = self.manifest.clone();
        let members = manifest["workspace"].as_table_like_mut()?.entry("members").or_insert(Item::from(Array::new()));
        add(members.as_array_mut()?, member);
        Some((self.root.join("Cargo.toml"), line_ends::restored(&self.text, &manifest.to_string())))
    }

    fn excludes(&self, folder: &Path) -> bool {
        let relative = folder.strip_prefix(&self.root).unwrap_or(folder);
        self.strings("exclude").iter().any(|excluded| relative.starts_with(excluded))
    }

    fn relative(&self, folder: &Path) -> Option<String> {
        let relative = folder.strip_prefix(&self.root).ok()?;
        Some(relative.to_string_lossy().replace('\\', "/"))
    }

    fn table(&self, key: &str) -> Option<&dyn TableLike> {
        self.manifest.get("workspace")?.get(key)?.as_table_like()
    }

    fn strings(&self, key: &str) -> Vec<String> {
        let array = self.manifest.get("workspace").and_then(|workspace| workspace.get(key)?.as_array());
        array.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }
}

/// Adds a string to an array with the same white space as the others: in its place if the array is sorted, else at the
/// end.
fn add(array: &mut Array, text: String) {
    let texts: Vec<_> = array.iter().map(|value| value.as_str().unwrap_or_default()).collect();
    let at = if texts.is_sorted() { texts.partition_point(|other| *other < text.as_str()) } else { texts.len() };
    let first = array.get(0).map(prefix).unwrap_or_default();
    let between = first.rfind('\n').map_or_else(|| " ".to_owned(), |line| first[line..].to_owned());
    let before = if let Some(next) = array.get_mut(at) {
        // A comment before the next element belongs to the line of the previous one.
        let before = prefix(next);
        next.decor_mut().set_prefix(&between);
        before
    } else {
        let trailing = array.trailing().as_str().unwrap_or_default().to_owned();
        let comment = trailing.split('\n').next().filter(|comment| comment.contains('#')).unwrap_or_default();
        array.set_trailing(&trailing[comment.len()..]);
        if array.is_empty() { String::new() } else { format!("{comment}{between}") }
    };
    array.insert_formatted(at, Value::from(text).decorated(before, ""));
}

fn prefix(value: &Value) -> String {
    value.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_member(manifest: &str, member: &str) -> Option<String> {
        let workspace = Workspace { root: "/w".into(), text: manifest.to_owned(), manifest: manifest.parse().unwrap() };
        workspace.with_member(&Path::new("/w").join(member)).map(|(_, text)| text)
    }

    #[test]
    fn a_member_is_added_in_the_style_of_the_array() {
        for (before, after) in [
            ("members = [\"a\", \"c\"]", "members = [\"a\", \"b\", \"c\"]"),
            ("members = [\"c\", \"a\"] # ours", "members = [\"c\", \"a\", \"b\"] # ours"),
            ("members = [\"c\"]", "members = [\"b\", \"c\"]"),
            (
                "members = [\n    \"a\", # first\n    \"c\",\n]",
                "members = [\n    \"a\", # first\n    \"b\",\n    \"c\",\n]",
            ),
            ("members = [\n    \"a\", # first\n]", "members = [\n    \"a\", # first\n    \"b\",\n]"),
            ("members = []", "members = [\"b\"]"),
            ("resolver = \"3\"", "resolver = \"3\"\nmembers = [\"b\"]"),
        ] {
            let added = with_member(&format!("# top\n[workspace]\n{before}\n"), "b");
            assert_eq!(added, Some(format!("# top\n[workspace]\n{after}\n")));
        }
    }

    /// Returns a generator of pseudorandom numbers, the same in each run.
    fn numbers() -> impl FnMut(usize) -> usize {
        let mut state: usize = 1;
        move |below| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        }
    }

    #[test]
    fn any_manifest_keeps_its_bytes_around_the_new_member() {
        const LINES: [&str; 8] = [
            "",
            "# note",
            "resolver = \"3\"",
            "exclude = [\"x\"]",
            "  # indented",
            "\t",
            "default-members = [] # so",
            "",
        ];
        const MEMBERS: [&str; 4] =
            ["members = []", "members = [\"a\", \"c\"]", "members = [ # why\n  \"a\",\n  \"c\",\n]", ""];
        const AFTER: [&str; 3] =
            ["", "[profile.dev]\nopt-level = 1", "[workspace.package]\ndescription = \"\"\"\ntwo\n\nlines\"\"\""];
        let mut below = numbers();
        for case in 0..2000 {
            let mut lines = vec!["# first".to_owned(), "[workspace]".to_owned()];
            let mut keys: Vec<_> = LINES.into_iter().filter(|_| below(2) == 0).map(str::to_owned).collect();
            keys.insert(below(keys.len() + 1), MEMBERS[below(MEMBERS.len())].to_owned());
            lines.extend(keys);
            lines.push(AFTER[below(AFTER.len())].to_owned());
            let kind = below(3);
            let mut original: String = if below(2) == 0 { "\u{feff}".to_owned() } else { String::new() };
            for line in lines.join("\n").split('\n') {
                original.push_str(line);
                original.push_str(if kind == 0 || kind == 2 && below(2) == 0 { "\r\n" } else { "\n" });
            }
            let edited = with_member(&original, "b").expect("it is not a member yet");
            let new_end = if original.lines().next() == original.split('\n').next() { "\n" } else { "\r\n" };
            let mut after = edited.split_inclusive('\n').collect::<Vec<_>>().into_iter();
            for line in original
                .split_inclusive('\n')
                .filter(|line| !line.starts_with("members = [\"") && !line.starts_with("members = []"))
            {
                assert!(after.any(|other| other == line), "{case}: {line:?} in {edited:?} of {original:?}");
            }
            let added = edited.split_inclusive('\n').find(|line| line.contains("\"b\"")).expect("it is added");
            assert!(added.ends_with(new_end) && (new_end == "\r\n" || !added.ends_with("\r\n")), "{case}: {added:?}");
            let parsed: DocumentMut = edited.parse().expect("it is TOML");
            assert!(parsed["workspace"]["members"].to_string().contains("\"b\""), "{case}: {edited}");
        }
    }

    #[test]
    fn a_folder_that_a_pattern_matches_is_not_added() {
        assert_eq!(with_member("[workspace]\nmembers = [\"apps/*\"]\n", "apps/b"), None);
        assert!(with_member("[workspace]\nmembers = [\"apps/*\"]\n", "apps/b/c").is_some());
    }
}
