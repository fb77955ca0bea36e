//! Finds the handlers in the sources of a crate without compiling it.

use std::fs;
use std::path::{Path, PathBuf};

use syn::ext::IdentExt as _;
use syn::{Ident, Item, ItemMod, Meta};

use crate::list::cfg::{self, Cfg};
use crate::list::imports::Imports;
use crate::project::compile::Crate;

/// A function with `#[mayfly::handler]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The path of the function, which begins with the crate's name.
    pub(crate) path: String,
    pub(crate) file: PathBuf,
    pub(crate) line: usize,
}

/// The handlers in the sources of a crate.
#[derive(Debug, Default)]
pub(crate) struct Source {
    /// The handlers that were certainly compiled.
    pub(crate) handlers: Vec<Found>,
    /// The files that could not be parsed, with the errors.
    pub(crate) unread: Vec<(PathBuf, syn::Error)>,
}

impl Source {
    /// Reads a crate with all its modules, in which mayfly has one of these names.
    pub(crate) fn of(krate: &Crate, names_of_mayfly: &[String]) -> Self {
        let known = Imports::of_crate(names_of_mayfly);
        let mut reading = Reading { cfg: Cfg { features: &krate.features }, known, source: Self::default() };
        let modules = krate.root.parent().map(Path::to_owned).unwrap_or_default();
        let scope = Scope { file: &krate.root, modules, is_inline: false, path: krate.name.clone() };
        reading.file(&scope, &Imports::default());
        reading.source
    }
}

/// A module, and the folder of its submodules.
struct Scope<'a> {
    file: &'a Path,
    modules: PathBuf,
    is_inline: bool,
    path: String,
}

struct Reading<'a> {
    cfg: Cfg<'a>,
    known: Imports,
    source: Source,
}

impl Reading<'_> {
    fn file(&mut self, scope: &Scope<'_>, outer: &Imports) {
        // A module whose file is missing was not compiled, or the build would have failed.
        let Ok(text) = fs::read_to_string(scope.file) else { return };
        match syn::parse_file(&text) {
            Ok(file) if self.cfg.seen(&file.attrs).is_some() => self.items(&file.items, scope, outer),
            Ok(_) => {}
            Err(error) => self.source.unread.push((scope.file.to_owned(), error)),
        }
    }

    fn items(&mut self, items: &[Item], scope: &Scope<'_>, outer: &Imports) {
        let imports = Imports::of_module(items, &self.known, outer);
        for item in items {
            match item {
                Item::Fn(function) => {
                    let Some(seen) = self.cfg.seen(&function.attrs) else { continue };
                    if seen.iter().any(|meta| imports.names_handler(meta.path())) {
                        let name = &function.sig.ident;
                        let line = name.span().start().line;
                        let path = below(&scope.path, name);
                        self.source.handlers.push(Found { path, file: scope.file.to_owned(), line });
                    }
                }
                Item::Mod(module) => self.module(module, scope, &imports),
                _ => {}
            }
        }
    }

    fn module(&mut self, module: &ItemMod, scope: &Scope<'_>, outer: &Imports) {
        let Some(seen) = self.cfg.seen(&module.attrs) else { return };
        let (path, name) = (below(&scope.path, &module.ident), module.ident.unraw().to_string());
        // A `#[path]` is relative to the folder of the file, or of the submodules inside of `mod name { … }`.
        let own = scope.file.parent().unwrap_or(Path::new(""));
        let folder = if scope.is_inline { scope.modules.as_path() } else { own };
        let named = seen.iter().find_map(path_of).map(|path| folder.join(path));
        if let Some((_, items)) = &module.content {
            let modules = named.unwrap_or_else(|| scope.modules.join(name));
            return self.items(items, &Scope { file: scope.file, modules, is_inline: true, path }, outer);
        }
        let (alone, within) = (scope.modules.join(format!("{name}.rs")), scope.modules.join(&name));
        let (file, modules) = match named {
            Some(file) => (file.clone(), file.parent().map(Path::to_owned).unwrap_or_default()),
            None if alone.is_file() => (alone, within),
            None => (within.join("mod.rs"), within),
        };
        self.file(&Scope { file: &file, modules, is_inline: false, path }, outer);
    }
}

fn below(path: &str, name: &Ident) -> String {
    format!("{path}::{}", name.unraw())
}

fn path_of(meta: &Meta) -> Option<String> {
    match meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => cfg::text(&pair.value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the handlers of a crate `my_app` with these files, as `path file:line`.
    fn found(name: &str, features: &[&str], files: &[(&str, &str)]) -> Vec<String> {
        let folder = std::env::temp_dir().join(format!("cargo-mayfly-source-{}-{name}", std::process::id()));
        for (file, text) in files {
            let file = folder.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        let krate = Crate {
            name: "my_app".to_owned(),
            package: cargo_metadata::PackageId { repr: String::new() },
            root: folder.join(files[0].0),
            features: features.iter().map(ToString::to_string).collect(),
            is_binary: false,
        };
        let source = Source::of(&krate, &["mayfly".to_owned()]);
        let shown = source.handlers.iter().map(|found| {
            format!("{} {}:{}", found.path, found.file.strip_prefix(&folder).unwrap().display(), found.line)
        });
        let shown = shown
            .chain(source.unread.iter().map(|(file, _)| format!("unread {}", file.file_name().unwrap().display())));
        let shown = shown.collect();
        fs::remove_dir_all(folder).unwrap();
        shown
    }

    #[test]
    fn modules_are_followed_into_their_files() {
        let handler = |name: &str| format!("\n#[mayfly::handler]\npub async fn {name}() {{}}\n");
        let files = [
            (
                "src/lib.rs",
                "mod a; mod b; mod r#type;\n#[path = \"elsewhere/x.rs\"] mod c; mod inline { mod d; #[path = \"y.rs\"] mod e; }",
            ),
            ("src/a.rs", &format!("mod deep;{}", handler("one"))),
            ("src/a/deep.rs", &handler("r#two")),
            ("src/b/mod.rs", &format!("mod deep; #[path = \"z.rs\"] mod f;{}", handler("three"))),
            ("src/b/deep.rs", &handler("four")),
            ("src/b/z.rs", &handler("five")),
            ("src/type.rs", &handler("six")),
            ("src/elsewhere/x.rs", &format!("mod g;{}", handler("seven"))),
            ("src/elsewhere/g.rs", &handler("eight")),
            ("src/inline/d.rs", &handler("nine")),
            ("src/inline/y.rs", &handler("ten")),
            ("src/unused.rs", &handler("never")),
        ];
        assert_eq!(
            found("modules", &[], &files),
            [
                "my_app::a::deep::two src/a/deep.rs:3",
                "my_app::a::one src/a.rs:3",
                "my_app::b::deep::four src/b/deep.rs:3",
                "my_app::b::f::five src/b/z.rs:3",
                "my_app::b::three src/b/mod.rs:3",
                "my_app::type::six src/type.rs:3",
                "my_app::c::g::eight src/elsewhere/g.rs:3",
                "my_app::c::seven src/elsewhere/x.rs:3",
                "my_app::inline::d::nine src/inline/d.rs:3",
                "my_app::inline::e::ten src/inline/y.rs:3",
            ]
        );
    }

    #[test]
    fn only_handlers_that_were_certainly_compiled_count() {
        let source = "use mayfly::handler;
            #[cfg(feature = \"on\")] #[handler] fn a() {}
            #[handler] #[cfg(feature = \"off\")] fn b() {}
            #[cfg(test)] mod tests { #[mayfly::handler] fn c() {} }
            #[cfg(tokio_unstable)] #[handler] fn d() {}
            #[cfg_attr(feature = \"on\", mayfly::handler)] fn e() {}
            #[cfg_attr(not(feature = \"on\"), mayfly::handler)] fn f() {}
            mod inner { use super::*; #[handler(name = \"x\")] fn g() {} }
            fn h() {}
            struct S; impl S { fn i() {} }";
        assert_eq!(
            found("conditions", &["on"], &[("lib.rs", source)]),
            ["my_app::a lib.rs:2", "my_app::e lib.rs:6", "my_app::inner::g lib.rs:8"]
        );
        assert_eq!(found("broken", &[], &[("lib.rs", "mod a;"), ("a.rs", "fn (")]), ["unread a.rs"]);
    }
}
