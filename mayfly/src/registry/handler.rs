//! `Handler`: a function under `#[mayfly::handler]`, as the macro registers it.

use std::borrow::Cow;

use super::init::Init;
use super::path::without_raw;
#[cfg(feature = "axum")]
use super::route::Route;
use crate::around::list::Arounds;
use crate::error::Error;
use crate::invocation::call::Call;
use crate::invocation::state::Needs;
use crate::json::Json;

/// A function under `#[mayfly::handler]`, as the macro registers it.
///
/// The types of its event, reply and error are erased by [`Description::invoke`], a plain `fn` pointer.
#[derive(Clone, Copy, Debug)]
pub struct Handler {
    /// The [hash](super::path::hash) of the path, by which the selection finds the handler.
    pub path_hash: u64,
    /// The value of the attribute's argument `name`, if it has one.
    pub name: Option<&'static str>,
    /// Whether the attribute has the argument `default`.
    pub default: bool,
    /// Whether the invocation is async: an `async fn`, a service or a route.
    pub is_async: bool,
    /// Returns the description. It is a function since the loader must relocate each address in a `static` at every
    /// start of the process, even for handlers that are not selected.
    pub describe: fn() -> Description,
}

/// The description of a handler.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// `module_path!()` and the function's name. Raw identifiers still have their `r#`.
    pub path: &'static str,
    /// The Cargo package that holds the function.
    pub package: &'static str,
    /// The file that holds the function, relative to the workspace.
    pub file: &'static str,
    /// The line of the function's name.
    pub line: u32,
    /// The source text of the first parameter's type.
    pub event: Option<&'static str>,
    /// The source text of the return type.
    pub reply: &'static str,
    /// Collects the states that the parameters ask for.
    pub needs: fn(&mut Needs),
    /// The additional part of a handler of HTTP requests.
    pub http: Option<&'static Http>,
    /// Returns the list of the attribute's argument `around`.
    pub arounds: Option<fn() -> Arounds>,
    /// Writes the members that only some handlers have in the list of the registry. Their code is in no other binary.
    pub list: Option<fn(&Description, &mut Json)>,
    /// Decodes the event, calls the function and encodes the reply.
    pub invoke: fn(&mut Call<'_>) -> Result<(), Error>,
}

/// The further part of a handler of HTTP requests.
#[derive(Debug)]
pub enum Http {
    /// A function under `#[mayfly::service]`.
    Service(Service),
    /// The route of a function under `#[mayfly::get]` and the like.
    #[cfg(feature = "axum")]
    Route(Route),
}

/// The further part of a function under `#[mayfly::service]`.
#[derive(Debug)]
pub struct Service {
    /// The init that builds the service.
    pub init: &'static Init,
    /// Whether its responses are streamed.
    pub is_streamed: bool,
}

inventory::collect!(Handler);

/// Iterates over all registered handlers, in no particular order.
pub(crate) fn all() -> impl Iterator<Item = &'static Handler> {
    inventory::iter::<Handler>()
}

impl Handler {
    /// Returns the path, as a user writes it in `_HANDLER`: `my_app::handler::process`.
    pub(crate) fn path(&self) -> Cow<'static, str> {
        without_raw((self.describe)().path)
    }

    /// Returns whether `wanted`, whose hash is `hash`, is the path or the `name` of this handler.
    #[inline]
    pub(crate) fn is_named(&self, wanted: &str, hash: u64) -> bool {
        (self.path_hash == hash && self.path() == wanted) || self.name == Some(wanted)
    }

    /// Returns the path with the package's name in place of the crate's, if the two differ: a function in the binary
    /// crate `bootstrap` of the package `my-app` is also found as `my_app::process`.
    pub(crate) fn alias(&self) -> Option<String> {
        let Description { path, package, .. } = (self.describe)();
        let (krate, rest) = path.split_once("::")?;
        let package = package.replace('-', "_");
        (krate != package).then(|| format!("{package}::{}", without_raw(rest)))
    }

    /// Returns all names by which the handler is found: its path, its `name` and its alias.
    pub(crate) fn names(&self) -> [Option<Cow<'static, str>>; 3] {
        [Some(self.path()), self.name.map(Cow::Borrowed), self.alias().map(Cow::Owned)]
    }

    /// Returns the route of a function under `#[mayfly::get]` and the like.
    #[cfg(feature = "axum")]
    pub(crate) fn route(&self) -> Option<&'static Route> {
        match (self.describe)().http? {
            Http::Route(route) => Some(route),
            Http::Service(_) => None,
        }
    }

    /// Reports whether it is one of Mayfly's own.
    #[cfg(feature = "axum")]
    pub(crate) fn is_built_in(&self) -> bool {
        (self.describe)().package == "mayfly"
    }

    /// Returns the place of the function as `file:line`.
    pub(crate) fn place(&self) -> String {
        let Description { file, line, .. } = (self.describe)();
        format!("{file}:{line}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::path::hash;

    fn handler(describe: fn() -> Description) -> Handler {
        let Description { path, .. } = describe();
        Handler { path_hash: hash(path), name: None, default: false, is_async: false, describe }
    }

    fn described(path: &'static str) -> Description {
        Description {
            path,
            package: "my-app",
            file: "src/lib.rs",
            line: 7,
            event: None,
            reply: "()",
            needs: |_| {},
            http: None,
            arounds: None,
            list: None,
            invoke: |_| Ok(()),
        }
    }

    #[test]
    fn raw_identifiers_are_found_without_their_prefix() {
        let raw = handler(|| described("a::r#type::r#fn"));
        assert_eq!(raw.path(), "a::type::fn");
        for (wanted, expected) in [("a::type::fn", true), ("a::type::f", false), ("a::r#type::r#fn", false)] {
            assert_eq!(raw.is_named(wanted, hash(wanted)), expected, "{wanted}");
        }
        assert!(!raw.is_named("a::other", raw.path_hash), "an equal hash is not enough");
    }

    #[test]
    fn a_handler_has_an_alias_only_if_crate_and_package_differ() {
        assert_eq!(handler(|| described("my_app::x")).alias(), None);
        assert_eq!(handler(|| described("bootstrap::r#mod::x")).alias().as_deref(), Some("my_app::mod::x"));
    }
}
