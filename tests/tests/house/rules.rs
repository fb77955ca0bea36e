//! The rules of the layout, and the complaints about a crate that breaks them.

use std::collections::{BTreeMap, BTreeSet};

use syn::Item;
use syn::spanned::Spanned;

use crate::imports::{Import, imports};
use crate::modules::{Tree, is_test};
use crate::sources::Sources;

/// The most lines that a file may have, docs and tests apart.
const LONGEST: usize = 250;

/// Lists what is wrong with the layout of a package; nothing, if it keeps all rules.
pub(crate) fn complaints(sources: &Sources) -> Vec<String> {
    let mut complaints = BTreeSet::new();
    let mut reached = BTreeSet::new();
    for root in ["lib.rs", "main.rs"].into_iter().filter(|root| sources.contains_key(*root)) {
        let tree = Tree::of(root, sources);
        let imports = imports(root, &tree, sources);
        complaints.extend(circles(&imports));
        complaints.extend(imports_from_above(root, &imports));
        reached.extend(tree.files().map(str::to_owned));
        complaints.extend(tree.lost);
    }
    let unreached = sources.keys().filter(|path| !reached.contains(*path));
    complaints.extend(unreached.map(|path| format!("{path}: no `mod` leads to this file")));
    complaints.extend(faces(sources));
    complaints.extend(long_files(sources));
    complaints.into_iter().collect()
}

/// Finds the files that import each other, directly or through others.
fn circles(imports: &[Import]) -> Vec<String> {
    let mut arrows: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for import in imports {
        arrows.entry(&import.from).or_default().insert(&import.to);
    }
    let reach: BTreeMap<_, _> = arrows.keys().map(|&from| (from, reachable(from, &arrows))).collect();
    let is_with = |a: &str, b: &str| reach.get(a).is_some_and(|reach| reach.contains(b));
    let circles: BTreeSet<Vec<&str>> = reach
        .keys()
        .map(|&file| reach.keys().copied().filter(|&other| is_with(file, other) && is_with(other, file)).collect())
        .filter(|circle: &Vec<_>| circle.len() > 1)
        .collect();
    circles.iter().map(|circle| told(circle, imports)).collect()
}

fn reachable<'a>(from: &str, arrows: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(file) = open.pop() {
        for &next in arrows.get(file).into_iter().flatten() {
            if reached.insert(next) {
                open.push(next);
            }
        }
    }
    reached
}

/// Describes a circle by its arrows, each with the lines that make it.
fn told(circle: &[&str], imports: &[Import]) -> String {
    let is_inside = |import: &&Import| [&import.from, &import.to].iter().all(|file| circle.contains(&file.as_str()));
    let mut arrows: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for import in imports.iter().filter(is_inside) {
        let place = format!("line {}: {}", import.line, import.path);
        arrows.entry((&import.from, &import.to)).or_default().push(place);
    }
    let arrows: Vec<_> =
        arrows.iter().map(|((from, to), places)| format!("\n    {from} → {to} ({})", places.join(", "))).collect();
    format!("a circle of {} files:{}", circle.len(), arrows.concat())
}

/// Finds the imports of a file that declares the importing one: the crate's root, or a face from inside its folder.
fn imports_from_above(root: &str, imports: &[Import]) -> Vec<String> {
    let is_above = |import: &&Import| import.to == root || import.from.starts_with(&folder_of(&import.to));
    let complaint = |import: &Import| {
        let Import { from, line, to, path } = import;
        format!(
            "{from}:{line}: imports {to}, which declares this file, by {path}; import the file that defines the name"
        )
    };
    imports.iter().filter(is_above).map(complaint).collect()
}

/// Returns the folder with the modules that a file declares: `registry/` for `registry.rs`.
fn folder_of(path: &str) -> String {
    format!("{}/", path.trim_end_matches(".rs"))
}

/// Finds faces, files beside a folder of their name, that hold more than docs, `mod` and `use`.
fn faces(sources: &Sources) -> Vec<String> {
    let is_face = |path: &str| sources.keys().any(|other| other.starts_with(&folder_of(path)));
    let is_allowed = |item: &Item| match item {
        Item::Use(_) => true,
        Item::Mod(module) => module.content.is_none() || is_test(&module.attrs),
        _ => false,
    };
    let mut complaints = Vec::new();
    for (path, source) in sources.iter().filter(|(path, _)| is_face(path)) {
        let extra: Vec<_> = source.syntax.items.iter().filter(|item| !is_allowed(item)).collect();
        if let Some(first) = extra.first() {
            let line = first.span().start().line;
            complaints
                .push(format!("{path}:{line}: a face holds docs, `mod` and `use` only, not {} items", extra.len()));
        }
    }
    complaints
}

/// Finds files that are too long, docs and tests apart.
fn long_files(sources: &Sources) -> Vec<String> {
    let is_doc = |line: &&str| ["///", "//!"].iter().any(|mark| line.trim_start().starts_with(mark));
    let mut complaints = Vec::new();
    for (path, source) in sources {
        let code = source.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let lines = code.lines().filter(|line| !is_doc(line)).count();
        if lines > LONGEST {
            complaints.push(format!("{path}: {lines} lines of code, more than {LONGEST}"));
        }
    }
    complaints
}
