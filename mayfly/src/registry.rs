//! The registry: what `#[mayfly::handler]` leaves in the binary.

use std::borrow::Cow;

use crate::Error;
use crate::call::Call;
use crate::state::Needs;

/// One function under `#[mayfly::handler]`, as the macro registers it.
///
/// Everything typed (the event, the reply, the error) is erased into [`invoke`](Self::invoke), a plain `fn` pointer.
#[derive(Clone, Copy, Debug)]
pub struct Handler {
    /// `module_path!()` and the function's name; raw segments still carry their `r#`.
    pub path: &'static str,
    /// Whether one of them does: looking for it at run time would cost more than all else of the selection.
    pub is_raw: bool,
    /// The attribute's `name = "…"`.
    pub name: Option<&'static str>,
    /// Whether the attribute says `default`.
    pub default: bool,
    /// Whether it is an `async fn`.
    pub is_async: bool,
    /// Says what need not be known of a handler that is not selected. It is a function, since at every start of the
    /// process the loader has work with each text of a `static`.
    pub describe: fn() -> Description,
    /// Decodes the event, calls the function and encodes its reply.
    pub invoke: fn(&mut Call<'_>) -> Result<(), Error>,
}

/// What else is known of a handler.
#[derive(Clone, Copy, Debug)]
pub struct Description {
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
}

inventory::collect!(Handler);

/// Iterates over every registered handler, in no particular order.
pub(crate) fn all() -> impl Iterator<Item = &'static Handler> {
    inventory::iter::<Handler>()
}

/// Collects every registered handler, sorted by path.
pub(crate) fn sorted() -> Vec<&'static Handler> {
    let mut handlers: Vec<_> = all().collect();
    handlers.sort_by_key(|handler| {
        let Description { file, line, .. } = (handler.describe)();
        (handler.path(), file, line)
    });
    handlers
}

impl Handler {
    /// The path a user writes in `_HANDLER`: `my_app::handler::process`.
    pub(crate) fn path(&self) -> Cow<'static, str> {
        if self.is_raw { without_raw(self.path) } else { Cow::Borrowed(self.path) }
    }

    /// Whether this is its path or its `name`.
    pub(crate) fn is_named(&self, wanted: &str) -> bool {
        self.path() == wanted || self.name == Some(wanted)
    }

    /// The path with the package's name in front, where that differs from the crate's: a function in the binary crate
    /// `bootstrap` of package `my-app` is also found as `my_app::process`.
    pub(crate) fn alias(&self) -> Option<String> {
        let (krate, rest) = self.path.split_once("::")?;
        let package = (self.describe)().package.replace('-', "_");
        (krate != package).then(|| format!("{package}::{}", without_raw(rest)))
    }

    /// Where the function stands, as `file:line`.
    pub(crate) fn place(&self) -> String {
        let Description { file, line, .. } = (self.describe)();
        format!("{file}:{line}")
    }
}

/// Strips `r#` from every segment: raw identifiers are a matter of spelling, not of the name.
pub(crate) fn without_raw(path: &str) -> Cow<'_, str> {
    if path.contains("r#") { Cow::Owned(path.replace("r#", "")) } else { Cow::Borrowed(path) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::private::is_raw;

    fn handler(path: &'static str) -> Handler {
        let describe =
            || Description { package: "my-app", file: "src/lib.rs", line: 7, event: None, reply: "()", needs: |_| {} };
        Handler {
            path,
            is_raw: is_raw(path),
            name: None,
            default: false,
            is_async: false,
            describe,
            invoke: |_| Ok(()),
        }
    }

    #[test]
    fn raw_segments_are_read_without_their_mark() {
        let raw = handler("a::r#type::r#fn");
        assert_eq!(raw.path(), "a::type::fn");
        assert!(raw.is_named("a::type::fn") && !raw.is_named("a::type::f"));
    }

    #[test]
    fn alias_exists_only_where_crate_and_package_differ() {
        assert_eq!(handler("my_app::x").alias(), None);
        assert_eq!(handler("bootstrap::r#mod::x").alias().as_deref(), Some("my_app::mod::x"));
    }
}
