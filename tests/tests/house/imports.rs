//! `Import`: an arrow from a file to another one that it names, by `use` or by a path in its code.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, ItemUse, Macro, Meta, Path, TraitItem, UseTree, VisRestricted};

use crate::modules::{Id, Tree, is_test, name};
use crate::sources::Sources;

/// A place where a file names another one of its crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Import {
    pub(crate) from: String,
    pub(crate) line: usize,
    pub(crate) to: String,
    /// The path as it stands there.
    pub(crate) path: String,
}

/// Lists the imports of a crate, without those of its tests.
///
/// A path leads to the file of its longest prefix that is a module: one through a `pub use` leads to the file with that
/// line, not to the one that defines the name.
pub(crate) fn imports(root: &str, tree: &Tree, sources: &Sources) -> Vec<Import> {
    let mut reader = Reader { tree, module: 0, paths: Vec::new() };
    let mut imports = Vec::new();
    reader.read(0, root, sources);
    let aliases = aliases(tree, &reader.paths);
    for path in &reader.paths {
        let from = tree.file(path.module);
        let Some(to) = path.leads_to(tree, &aliases).filter(|&to| to != from) else { continue };
        let (from, to) = (from.to_owned(), to.to_owned());
        imports.push(Import { from, line: path.line, to, path: path.segments.join("::") });
    }
    imports
}

/// The module that a name stands for inside another module.
type Aliases = BTreeMap<(Id, String), Id>;

/// A path as it was found in a module.
struct Found {
    module: Id,
    line: usize,
    segments: Vec<String>,
    /// The name that it has in the module from here on, if it is that of a `use`.
    alias: Option<String>,
}

impl Found {
    /// Follows the path as far as it names modules; the number of segments left over comes with the last one.
    fn module(&self, tree: &Tree, aliases: &Aliases) -> Option<(Id, usize)> {
        let mut segments = self.segments.iter().map(String::as_str).peekable();
        let first = segments.next()?;
        let mut module = match first {
            "crate" => 0,
            "self" => self.module,
            "super" => tree.parent(self.module),
            name => {
                let alias = || aliases.get(&(self.module, name.to_owned())).copied();
                tree.child(self.module, name).or_else(alias)?
            }
        };
        while let Some(&name) = segments.peek() {
            match if name == "super" { Some(tree.parent(module)) } else { tree.child(module, name) } {
                Some(inner) => module = inner,
                None => break,
            }
            segments.next();
        }
        Some((module, segments.count()))
    }

    fn leads_to<'a>(&self, tree: &'a Tree, aliases: &Aliases) -> Option<&'a str> {
        let is_bare = self.segments.len() == 1 && self.alias.is_none();
        let last = self.segments.last()?;
        if is_bare {
            return tree.macro_file(last.strip_suffix('!')?);
        }
        let (module, left) = self.module(tree, aliases)?;
        let exported = if module == 0 && left == 1 { tree.macro_file(last.trim_end_matches('!')) } else { None };
        Some(exported.unwrap_or_else(|| tree.file(module)))
    }
}

/// Collects the modules that have another name by a `use`, which may itself begin with such a name.
fn aliases(tree: &Tree, paths: &[Found]) -> Aliases {
    let mut aliases = Aliases::new();
    for _ in 0..2 {
        for path in paths {
            let (Some(alias), Some((target, 0))) = (&path.alias, path.module(tree, &aliases)) else { continue };
            aliases.insert((path.module, alias.clone()), target);
        }
    }
    aliases
}

struct Reader<'a> {
    tree: &'a Tree,
    module: Id,
    paths: Vec<Found>,
}

impl Reader<'_> {
    /// Reads a module's file, and those of the modules in it.
    fn read(&mut self, module: Id, file: &str, sources: &Sources) {
        let outer = std::mem::replace(&mut self.module, module);
        self.items(&sources[file].syntax.items, sources);
        self.module = outer;
    }

    fn items(&mut self, items: &[Item], sources: &Sources) {
        for item in items {
            let Item::Mod(inner) = item else {
                self.visit_item(item);
                continue;
            };
            let Some(module) = self.tree.child(self.module, &name(&inner.ident)) else { continue };
            match &inner.content {
                None => self.read(module, self.tree.file(module), sources),
                Some((_, items)) if !is_test(&inner.attrs) => {
                    let outer = std::mem::replace(&mut self.module, module);
                    self.items(items, sources);
                    self.module = outer;
                }
                Some(_) => {}
            }
        }
    }

    fn find(&mut self, line: usize, segments: Vec<String>, alias: Option<String>) {
        self.paths.push(Found { module: self.module, line, segments, alias });
    }

    fn use_tree(&mut self, line: usize, before: &[String], tree: &UseTree) {
        let with = |last: &Ident| if last == "self" { before.to_vec() } else { [before, &[name(last)]].concat() };
        let (ident, alias) = match tree {
            UseTree::Path(path) => {
                return self.use_tree(path.ident.span().start().line, &with(&path.ident), &path.tree);
            }
            UseTree::Group(group) => return group.items.iter().for_each(|tree| self.use_tree(line, before, tree)),
            UseTree::Glob(_) => return self.find(line, [before, &[String::new()]].concat(), None),
            UseTree::Name(last) => (&last.ident, with(&last.ident).pop()),
            UseTree::Rename(last) => (&last.ident, Some(name(&last.rename))),
        };
        self.find(ident.span().start().line, with(ident), alias);
    }

    /// Finds the paths in tokens that are no syntax yet.
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            let path = path_at(&tokens, at);
            if let TokenTree::Group(group) = &tokens[at] {
                self.tokens(group.stream());
            } else if path.len() > 1 {
                self.find(tokens[at].span().start().line, path.clone(), None);
            }
            at += (3 * path.len()).max(3) - 2; // each `::` is two tokens
        }
    }
}

/// Returns the path that begins with this token; nothing if it is in the middle of one, or begins with `$crate`.
///
/// That of `a::{b, c}` and of `a::*` ends with an empty name.
fn path_at(tokens: &[TokenTree], at: usize) -> Vec<String> {
    let is = |at: usize, mark| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == mark);
    let is_separator = |at: usize| is(at, ':') && is(at + 1, ':');
    let TokenTree::Ident(first) = &tokens[at] else { return Vec::new() };
    if at >= 1 && is(at - 1, '$') || at >= 2 && is_separator(at - 2) {
        return Vec::new();
    }
    let mut path = vec![name(first)];
    while is_separator(at + 3 * path.len() - 2) {
        let Some(TokenTree::Ident(next)) = tokens.get(at + 3 * path.len()) else {
            path.push(String::new());
            break;
        };
        path.push(name(next));
    }
    path
}

/// The macros whose tokens become code of another crate.
const QUOTING: [&str; 3] = ["quote", "quote_spanned", "parse_quote"];

impl<'a> Visit<'a> for Reader<'_> {
    fn visit_item(&mut self, item: &'a Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'a ImplItem) {
        let attributes = match item {
            ImplItem::Const(item) => &item.attrs,
            ImplItem::Fn(item) => &item.attrs,
            ImplItem::Type(item) => &item.attrs,
            _ => &Vec::new(),
        };
        if !is_test(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_trait_item(&mut self, item: &'a TraitItem) {
        if !matches!(item, TraitItem::Fn(item) if is_test(&item.attrs)) {
            visit::visit_trait_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'a ItemUse) {
        if item.leading_colon.is_none() {
            self.use_tree(item.use_token.span.start().line, &[], &item.tree);
        }
    }

    /// Skips `pub(in …)`, which imports nothing.
    fn visit_vis_restricted(&mut self, _: &'a VisRestricted) {}

    fn visit_attribute(&mut self, attribute: &'a Attribute) {
        if let Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone());
        }
    }

    fn visit_macro(&mut self, call: &'a Macro) {
        let Some(last) = call.path.segments.last() else { return };
        let mut segments: Vec<_> = call.path.segments.iter().map(|segment| name(&segment.ident)).collect();
        if let Some(last) = segments.last_mut() {
            last.push('!');
        }
        self.find(last.ident.span().start().line, segments, None);
        if !QUOTING.iter().any(|quoting| last.ident == quoting) {
            self.tokens(call.tokens.clone());
        }
    }

    fn visit_path(&mut self, path: &'a Path) {
        if path.leading_colon.is_none() && path.segments.len() > 1 {
            let segments = path.segments.iter().map(|segment| name(&segment.ident)).collect();
            self.find(path.segments[0].ident.span().start().line, segments, None);
        }
        visit::visit_path(self, path);
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
