//! The registry: what `#[mayfly::handler]` leaves in the binary.

use std::borrow::Cow;

use super::init::Init;
use super::path::without_raw;
#[cfg(feature = "axum")]
use super::route::Route;
use crate::error::Error;
use crate::invocation::call::Call;
use crate::invocation::state::Needs;

/// One function under `#[mayfly::handler]`, as the macro registers it.
///
/// Everything typed (the event, the reply, the error) is erased into [`Description::invoke`], a plain `fn` pointer.
#[derive(Clone, Copy, Debug)]
pub struct Handler {
    /// The [`hash`] of the path, by which it is looked for.
    pub path_hash: u64,
    /// The attribute's `name = "…"`.
    pub name: Option<&'static str>,
    /// Whether the attribute says `default`.
    pub default: bool,
    /// Whether it is an `async fn`.
    pub is_async: bool,
    /// Says what need not be known of a handler that is not selected. It is a function, since at every start of the
    /// process the loader has work with each address in a `static`.
    pub describe: fn() -> Description,
}

/// What else is known of a handler.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// `module_path!()` and the function's name; raw segments still carry their `r#`.
    pub path: &'static str,
    /// The package the function was compiled in, as Cargo writes it.
    pub package: &'static str,
    /// Where the function stands, relative to the workspace.
    pub file: &'static str,
    /// The line of the function's name.
    pub line: u32,
    /// Source text of the first parameter's type.
    pub event: Option<&'static str>,
    /// Source text of the return type.
    pub reply: &'static str,
    /// Collects the states that the parameters want.
    pub needs: fn(&mut Needs),
    /// The further part of a handler of HTTP requests.
    pub http: Option<&'static Http>,
    /// Decodes the event, calls the function and encodes its reply.
    pub invoke: fn(&mut Call<'_>) -> Result<(), Error>,
}

/// The further part of a handler of HTTP requests.
#[derive(Debug)]
pub enum Http {
    /// The init that builds the service of a function under `#[mayfly::service]`.
    Service(&'static Init),
    /// The route of a function under `#[mayfly::get]` and the like.
    #[cfg(feature = "axum")]
    Route(Route),
}

inventory::collect!(Handler);

/// Iterates over every registered handler, in no particular order.
pub(crate) fn all() -> impl Iterator<Item = &'static Handler> {
    inventory::iter::<Handler>()
}

impl Handler {
    /// The path a user writes in `_HANDLER`: `my_app::handler::process`.
    pub(crate) fn path(&self) -> Cow<'static, str> {
        without_raw((self.describe)().path)
    }

    /// Whether `wanted`, which has that hash, is its path or its `name`.
    #[inline]
    pub(crate) fn is_named(&self, wanted: &str, hash: u64) -> bool {
        (self.path_hash == hash && self.path() == wanted) || self.name == Some(wanted)
    }

    /// The path with the package's name in front, where that differs from the crate's: a function in the binary crate
    /// `bootstrap` of package `my-app` is also found as `my_app::process`.
    pub(crate) fn alias(&self) -> Option<String> {
        let Description { path, package, .. } = (self.describe)();
        let (krate, rest) = path.split_once("::")?;
        let package = package.replace('-', "_");
        (krate != package).then(|| format!("{package}::{}", without_raw(rest)))
    }

    /// Everything that it is found by, as far as there is any.
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

    /// Where the function stands, as `file:line`.
    pub(crate) fn place(&self) -> String {
        let Description { file, line, .. } = (self.describe)();
        format!("{file}:{line}")
    }
}

#[cfg(test)]
mod tests {
    use super::super::path::hash;
    use super::*;

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
            invoke: |_| Ok(()),
        }
    }

    #[test]
    fn raw_segments_are_read_without_their_mark() {
        let raw = handler(|| described("a::r#type::r#fn"));
        assert_eq!(raw.path(), "a::type::fn");
        for (wanted, is_its) in [("a::type::fn", true), ("a::type::f", false), ("a::r#type::r#fn", false)] {
            assert_eq!(raw.is_named(wanted, hash(wanted)), is_its, "{wanted}");
        }
        assert!(!raw.is_named("a::other", raw.path_hash), "a hash alone decides nothing");
    }

    #[test]
    fn alias_exists_only_where_crate_and_package_differ() {
        assert_eq!(handler(|| described("my_app::x")).alias(), None);
        assert_eq!(handler(|| described("bootstrap::r#mod::x")).alias().as_deref(), Some("my_app::mod::x"));
    }
}
