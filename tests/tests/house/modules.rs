//! `Tree`: the modules of a crate and the file that holds each of them.

use std::collections::BTreeMap;

use syn::{Attribute, Item, ItemMacro, ItemMod, Meta, Token, punctuated::Punctuated};

use crate::sources::Sources;

/// A module, by its place in the tree.
pub(crate) type Id = usize;

/// The modules that a crate's root leads to.
#[derive(Default)]
pub(crate) struct Tree {
    modules: Vec<Module>,
    /// The file of each macro that every file can name without a path, or by the crate alone.
    macros: BTreeMap<String, String>,
    /// `mod` lines that lead to no file.
    pub(crate) lost: Vec<String>,
}

struct Module {
    file: String,
    parent: Id,
    children: BTreeMap<String, Id>,
}

impl Tree {
    /// Follows the `mod` lines from a root such as `lib.rs`.
    pub(crate) fn of(root: &str, sources: &Sources) -> Self {
        let mut tree = Self::default();
        let top = tree.add(root, 0);
        tree.follow(top, "", &sources[root].syntax.items, sources, false);
        tree
    }

    fn add(&mut self, file: &str, parent: Id) -> Id {
        self.modules.push(Module { file: file.to_owned(), parent, children: BTreeMap::new() });
        self.modules.len() - 1
    }

    fn follow(&mut self, module: Id, folder: &str, items: &[Item], sources: &Sources, exports: bool) {
        for item in items {
            match item {
                Item::Mod(child) if !is_test(&child.attrs) => self.enter(module, folder, child, sources),
                Item::Macro(ItemMacro { ident: Some(name), attrs, .. })
                    if exports || attrs.iter().any(|attribute| attribute.path().is_ident("macro_export")) =>
                {
                    self.macros.insert(name.to_string(), self.modules[module].file.clone());
                }
                _ => {}
            }
        }
    }

    fn enter(&mut self, parent: Id, folder: &str, child: &ItemMod, sources: &Sources) {
        let name = name(&child.ident);
        let file = format!("{folder}{name}.rs");
        let exports = child.attrs.iter().any(|attribute| attribute.path().is_ident("macro_use"));
        let (file, items) = match (&child.content, sources.get(&file)) {
            (Some((_, items)), _) => (self.modules[parent].file.clone(), items),
            (None, Some(source)) => (file, &source.syntax.items),
            (None, None) => {
                self.lost.push(format!("{}: `mod {name}` needs the file {file}", self.modules[parent].file));
                return;
            }
        };
        let module = self.add(&file, parent);
        self.modules[parent].children.insert(name.clone(), module);
        self.follow(module, &format!("{folder}{name}/"), items, sources, exports);
    }

    /// Names the file that holds a module.
    pub(crate) fn file(&self, module: Id) -> &str {
        &self.modules[module].file
    }

    /// Returns the module around this one; the root is its own.
    pub(crate) fn parent(&self, module: Id) -> Id {
        self.modules[module].parent
    }

    /// Finds a module by its name in another.
    pub(crate) fn child(&self, module: Id, name: &str) -> Option<Id> {
        self.modules[module].children.get(name).copied()
    }

    /// Names the file that defines a macro which needs no path.
    pub(crate) fn macro_file(&self, name: &str) -> Option<&str> {
        self.macros.get(name).map(String::as_str)
    }

    /// Lists the files, each once for every module in it.
    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        self.modules.iter().map(|module| module.file.as_str())
    }
}

/// An identifier without the `r#` that keywords need.
pub(crate) fn name(ident: &proc_macro2::Ident) -> String {
    ident.to_string().trim_start_matches("r#").to_owned()
}

/// Whether an item is compiled for the crate's own tests only.
pub(crate) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => {
            list.parse_args().is_ok_and(|condition: Meta| needs_test(&condition))
        }
        _ => false,
    })
}

fn needs_test(condition: &Meta) -> bool {
    let parts = |list: &syn::MetaList| list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    match condition {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("all") => parts(list).is_ok_and(|all| all.iter().any(needs_test)),
        Meta::List(list) if list.path.is_ident("any") => parts(list).is_ok_and(|any| any.iter().all(needs_test)),
        _ => false,
    }
}
