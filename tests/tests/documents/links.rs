//! The links between pages, and the files that pages name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::page::{Page, pages, workspace};

/// Folders and files at the top, as a path from there begins.
const TOP: [&str; 8] =
    ["mayfly/", "mayfly-macros/", "cargo-mayfly/", "examples/", "tests/", "docs/", ".ci/", ".cargo/"];

/// Returns the anchors of a page: one for each heading, as GitHub makes them.
fn anchors(page: &Page) -> BTreeSet<String> {
    let headings = page.prose().into_iter().filter_map(|line| line.strip_prefix('#'));
    let slug = |heading: &str| {
        let heading = heading.trim_start_matches('#').trim();
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
        kept.collect::<String>().to_lowercase().replace(' ', "-")
    };
    headings.map(slug).collect()
}

/// Checks that a link of a page leads to a file, and its anchor to a heading.
fn check(page: &Page, link: &str) {
    if link.starts_with("https://") {
        return;
    }
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target =
        if path.is_empty() { page.resolve(page.path.rsplit('/').next().expect("a name")) } else { page.resolve(path) };
    let target = fs::canonicalize(&target).unwrap_or_else(|error| panic!("{}: {link}: {error}", page.path));
    if anchor.is_empty() {
        return;
    }
    let is_target = |other: &&Page| fs::canonicalize(workspace().join(&other.path)).is_ok_and(|path| path == target);
    let other = pages().iter().find(is_target).unwrap_or_else(|| panic!("{}: {link} is not a page", page.path));
    assert!(anchors(other).contains(anchor), "{}: {link}: there is no such heading", page.path);
}

#[test]
fn links_lead_somewhere() {
    for page in pages() {
        let (words, _) = page.words_and_code();
        for rest in words.split("](").skip(1) {
            check(page, rest.split(')').next().expect("a link ends"));
        }
        let definitions: BTreeMap<_, _> =
            words.lines().filter_map(|line| line.strip_prefix('[')?.split_once("]: ")).collect();
        for link in definitions.values() {
            check(page, link);
        }
        let used: BTreeSet<_> = words.split("][").skip(1).filter_map(|rest| rest.split(']').next()).collect();
        let defined: BTreeSet<_> = definitions.keys().copied().collect();
        assert_eq!(used, defined, "{}: the left ones are used, the right ones are defined", page.path);
    }
}

#[test]
fn files_that_pages_name_exist() {
    let mut missing = Vec::new();
    for page in pages() {
        let is_path = |code: &String| {
            TOP.iter().any(|top| code.starts_with(top))
                && code.chars().all(|c| c.is_ascii_alphanumeric() || "_-./".contains(c))
        };
        for path in page.words_and_code().1.into_iter().filter(is_path) {
            if !workspace().join(&path).exists() {
                missing.push(format!("{}: {path}", page.path));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn every_page_is_in_the_index_and_in_the_documentation_of_the_crate() {
    let index = pages().iter().find(|page| page.path == "docs/README.md").expect("there is an index");
    let read = |path: &str| fs::read_to_string(workspace().join(path)).expect("the crate has the guide");
    let (guide, links) = (read("mayfly/src/guide.rs"), read("mayfly/src/guide_links.md"));
    for page in pages() {
        let Some(path) = page.path.strip_prefix("docs/") else { continue };
        assert!(path == "README.md" || index.text.contains(&format!("]: {path}\n")), "the index lacks {path}");
        let is_included = guide.contains(&format!("\"{path}\"")) || guide.contains(&format!("docs/{path}\""));
        assert!(is_included, "mayfly/src/guide.rs lacks {path}");
        // What a link of the repository leads to has another address in the documentation of the crate.
        for label in page.text.lines().filter_map(|line| Some(line.strip_prefix('[')?.split_once("]: ")?.0)) {
            assert!(links.contains(&format!("[{label}]: ")), "mayfly/src/guide_links.md lacks [{label}]");
        }
    }
}

#[test]
fn the_readme_stays_short() {
    let readme = &pages()[0];
    let lines = readme.text.lines().count();
    assert!(lines <= 220, "{lines} lines");
    for block in readme.blocks.iter().filter(|block| block.language == "rust").skip(2) {
        assert!(block.code.lines().count() <= 10, "{}", block.code);
    }
}

#[test]
fn lines_of_pages_fit_the_width() {
    for page in pages() {
        let is_free = |line: &str| line.starts_with('|') || (line.starts_with('[') && line.contains("]: "));
        let too_long = page.prose().into_iter().find(|line| !is_free(line) && line.chars().count() > 120);
        assert_eq!(too_long, None, "{}", page.path);
    }
}
