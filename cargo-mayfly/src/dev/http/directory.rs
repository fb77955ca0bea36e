//! [`Directory`]: the paths under which the HTTP functions of a build are served.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use crate::dev::builds::catalog::Catalog;

/// The characters of a name that a segment of a URL's path cannot hold.
const NOT_IN_A_SEGMENT: AsciiSet =
    CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'/').add(b'<').add(b'>').add(b'?');

/// The HTTP functions of a build. The only one is served at `/`, several below their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Directory {
    /// The paths of the handlers, under the names in URLs: the attribute's `name`, else the path.
    functions: BTreeMap<String, String>,
}

/// The place of a request's path in a directory.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place<'a> {
    /// A function, and the path and query that it sees.
    Function(&'a str, &'a str),
    /// The name of a function without the `/` behind it; the function is served at this path.
    Folder(String),
    /// The root, where several functions are listed.
    Root,
    /// None of the functions.
    Nowhere,
}

impl Directory {
    /// Collects the services of a build; they include `mayfly::routes` where no service takes the routes.
    pub(crate) fn of(catalog: &Catalog) -> Self {
        let handlers = catalog.artifacts.iter().flat_map(|artifact| &artifact.registry.handlers);
        let services = handlers.filter(|handler| handler.service);
        Self::with(services.map(|service| (service.name.as_deref(), &*service.path)))
    }

    /// Collects services by their names, if they have any, and paths. A name that another service has, in another
    /// binary, is not used again.
    fn with<'a>(services: impl Iterator<Item = (Option<&'a str>, &'a str)>) -> Self {
        let (named, unnamed): (Vec<_>, Vec<_>) = services.partition(|(name, _)| name.is_some());
        let mut functions = BTreeMap::new();
        for (name, path) in unnamed.into_iter().chain(named) {
            let name = name.unwrap_or(path);
            let is_taken = functions.get(name).is_some_and(|other| other != path);
            functions.insert(if is_taken { path } else { name }.to_owned(), path.to_owned());
        }
        Self { functions }
    }

    /// Returns whether there are no HTTP functions.
    pub(crate) fn is_empty(&self) -> bool {
        self.functions.is_empty()
    }

    /// Returns the path of each function in URLs, with the path of its handler.
    pub(crate) fn pages(&self) -> Vec<(String, &str)> {
        let functions = self.functions.iter();
        functions
            .map(|(name, handler)| (if self.is_single() { "/".to_owned() } else { page(name) }, &**handler))
            .collect()
    }

    /// Finds the function for the path and query of a request.
    pub(crate) fn find<'a>(&'a self, target: &'a str) -> Place<'a> {
        if self.is_single() {
            return self.functions.values().next().map_or(Place::Nowhere, |handler| Place::Function(handler, target));
        }
        let Some(inner) = target.strip_prefix('/') else { return Place::Nowhere };
        let end = inner.find(['/', '?']).unwrap_or(inner.len());
        let (segment, rest) = inner.split_at(end);
        if segment.is_empty() && !rest.starts_with('/') {
            return Place::Root;
        }
        let name = percent_decode_str(segment).decode_utf8_lossy();
        match self.functions.get(&*name) {
            Some(handler) if rest.starts_with('/') => Place::Function(handler, rest),
            Some(_) => Place::Folder(page(&name) + rest),
            None => Place::Nowhere,
        }
    }

    fn is_single(&self) -> bool {
        self.functions.len() == 1
    }
}

fn page(name: &str) -> String {
    format!("/{}/", utf8_percent_encode(name, &NOT_IN_A_SEGMENT))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(functions: &[(&str, &str)]) -> Directory {
        Directory { functions: functions.iter().map(|(name, path)| ((*name).to_owned(), (*path).to_owned())).collect() }
    }

    #[test]
    fn no_service_hides_another_whatever_their_names() {
        let named = [(Some("api"), "a::api"), (Some("api"), "b::api"), (Some("c::api"), "d::api"), (None, "c::api")];
        let several = directory(&[("api", "a::api"), ("b::api", "b::api"), ("c::api", "c::api"), ("d::api", "d::api")]);
        assert_eq!(Directory::with(named.into_iter()), several);
        let twice = [(Some("api"), "a::api"), (Some("api"), "a::api")];
        assert_eq!(Directory::with(twice.into_iter()), directory(&[("api", "a::api")]));
    }

    #[test]
    fn the_only_function_is_at_the_root_and_sees_every_path_as_it_is() {
        let directory = directory(&[("shop::api", "shop::api")]);
        assert_eq!(directory.pages(), [("/".to_owned(), "shop::api")]);
        for target in ["/", "/?a", "//", "/a/../b?c=%2F", "/shop::api/x", "/%2e%2e", "*"] {
            assert_eq!(directory.find(target), Place::Function("shop::api", target));
        }
    }

    #[test]
    fn several_functions_are_below_their_names() {
        let directory = directory(&[("admin", "shop::admin"), ("shop::api", "shop::api")]);
        assert_eq!(directory.pages(), [("/admin/".to_owned(), "shop::admin"), ("/shop::api/".to_owned(), "shop::api")]);
        for (target, place) in [
            ("/", Place::Root),
            ("/?x", Place::Root),
            ("/admin/", Place::Function("shop::admin", "/")),
            ("/admin//x/../%2F?y=/", Place::Function("shop::admin", "//x/../%2F?y=/")),
            ("/shop::api/x", Place::Function("shop::api", "/x")),
            ("/shop%3A%3Aapi/x", Place::Function("shop::api", "/x")),
            ("/admin", Place::Folder("/admin/".to_owned())),
            ("/admin?x=1", Place::Folder("/admin/?x=1".to_owned())),
            ("/shop::admin/", Place::Nowhere),
            ("//admin/", Place::Nowhere),
            ("/x", Place::Nowhere),
            ("*", Place::Nowhere),
        ] {
            assert_eq!(directory.find(target), place, "{target}");
        }
        assert_eq!(Directory::default().find("/"), Place::Root);
    }
}
