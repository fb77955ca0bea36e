//! [`Imports`]: the names under which a module knows `#[mayfly::handler]`.

use std::collections::BTreeSet;

use syn::{Item, Path, UseTree};

const ATTRIBUTE: &str = "handler";

/// The names that a module has for the attribute and for the crate mayfly.
#[derive(Clone, Debug, Default)]
pub(crate) struct Imports {
    attributes: BTreeSet<String>,
    crates: BTreeSet<String>,
}

impl Imports {
    /// Takes the names of mayfly in a package's manifest, which every module knows.
    pub(crate) fn of_crate(names: &[String]) -> Self {
        Self { attributes: BTreeSet::new(), crates: names.iter().cloned().collect() }
    }

    /// Collects the names that a module imports by `use` and `extern crate`, some of them from the module around it.
    pub(crate) fn of_module(items: &[Item], known: &Self, outer: &Self) -> Self {
        let mut imports = Self { attributes: BTreeSet::new(), crates: known.crates.clone() };
        for item in items {
            match item {
                Item::Use(item) => imports.add(&item.tree, &mut Vec::new(), known, outer),
                Item::ExternCrate(item) if known.crates.contains(&item.ident.to_string()) => {
                    imports.crates.extend(item.rename.iter().map(|(_, name)| name.to_string()));
                }
                _ => {}
            }
        }
        imports
    }

    /// Returns whether a path names the attribute.
    pub(crate) fn names_handler(&self, path: &Path) -> bool {
        let segments: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        match segments.as_slice() {
            [attribute] => self.attributes.contains(attribute),
            [krate, attribute] => self.crates.contains(krate) && attribute == ATTRIBUTE,
            _ => false,
        }
    }

    fn add(&mut self, tree: &UseTree, path: &mut Vec<String>, known: &Self, outer: &Self) {
        match tree {
            UseTree::Path(tree) => {
                path.push(tree.ident.to_string());
                self.add(&tree.tree, path, known, outer);
                path.pop();
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add(tree, path, known, outer)),
            UseTree::Glob(_) => match path.as_slice() {
                [krate] if known.crates.contains(krate) => _ = self.attributes.insert(ATTRIBUTE.to_owned()),
                [outside] if outside == "super" => {
                    self.attributes.extend(outer.attributes.iter().cloned());
                    self.crates.extend(outer.crates.iter().cloned());
                }
                _ => {}
            },
            UseTree::Name(name) => self.add_one(path, &name.ident.to_string(), None, known, outer),
            UseTree::Rename(name) => {
                self.add_one(path, &name.ident.to_string(), Some(name.rename.to_string()), known, outer);
            }
        }
    }

    fn add_one(&mut self, path: &[String], name: &str, rename: Option<String>, known: &Self, outer: &Self) {
        let here = rename.unwrap_or_else(|| name.to_owned());
        match path {
            [] if known.crates.contains(name) => _ = self.crates.insert(here),
            [krate] if known.crates.contains(krate) && name == ATTRIBUTE => _ = self.attributes.insert(here),
            [krate] if known.crates.contains(krate) && name == "self" => {
                self.crates.insert(if here == "self" { krate.clone() } else { here });
            }
            [outside] if outside == "super" && outer.attributes.contains(name) => _ = self.attributes.insert(here),
            [outside] if outside == "super" && outer.crates.contains(name) => _ = self.crates.insert(here),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(known: &str, source: &str, path: &str) -> bool {
        let known = Imports::of_crate(&[known.to_owned()]);
        let outer = syn::parse_file("use mayfly::handler as outer;").unwrap();
        let outer = Imports::of_module(&outer.items, &known, &Imports::default());
        let file = syn::parse_file(source).unwrap();
        let imports = Imports::of_module(&file.items, &known, &outer);
        imports.names_handler(&syn::parse_str(path).unwrap())
    }

    #[test]
    fn every_way_of_importing_the_attribute_is_known() {
        for (known, source, path) in [
            ("mayfly", "", "mayfly::handler"),
            ("mayfly", "", "::mayfly::handler"),
            ("lambda", "", "lambda::handler"),
            ("mayfly", "use mayfly::handler;", "handler"),
            ("mayfly", "use mayfly::{Error, handler as function};", "function"),
            ("mayfly", "use mayfly::*;", "handler"),
            ("mayfly", "use ::mayfly as m;", "m::handler"),
            ("mayfly", "use mayfly::{self as m};", "m::handler"),
            ("mayfly", "extern crate mayfly as m;", "m::handler"),
            ("mayfly", "use super::*;", "outer"),
            ("mayfly", "use super::outer as inner;", "inner"),
        ] {
            assert!(names(known, source, path), "{source} #[{path}]");
        }
        for (known, source, path) in [
            ("mayfly", "", "handler"),
            ("lambda", "", "mayfly::handler"),
            ("mayfly", "use other::handler;", "handler"),
            ("mayfly", "use mayfly::init;", "mayfly::init"),
            ("mayfly", "", "outer"),
        ] {
            assert!(!names(known, source, path), "{source} #[{path}]");
        }
    }
}
