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
    /// The attribute's `name = "…"`.
    pub name: Option<&'static str>,
    /// The package the function was compiled in, as Cargo writes it.
    pub package: &'static str,
    /// Whether the attribute says `default`.
    pub default: bool,
    /// Where the function stands, relative to the workspace.
    pub file: &'static str,
    /// The line of the function's name.
    pub line: u32,
    /// Source text of the first parameter's type.
    pub event: Option<&'static str>,
    /// Source text of the return type.
    pub reply: &'static str,
    /// Whether it is an `async fn`.
    pub is_async: bool,
    /// Collects the states that the parameters want.
    pub needs: fn(&mut Needs),
    /// Decodes the event, calls the function and encodes its reply.
    pub invoke: fn(&mut Call<'_>) -> Result<(), Error>,
}

inventory::collect!(Handler);

/// Iterates over every registered handler, in no particular order.
pub(crate) fn all() -> impl Iterator<Item = &'static Handler> {
    inventory::iter::<Handler>()
}

/// Collects every registered handler, sorted by path.
pub(crate) fn sorted() -> Vec<&'static Handler> {
    let mut handlers: Vec<_> = all().collect();
    handlers.sort_by_key(|handler| (handler.path(), handler.file, handler.line));
    handlers
}

impl Handler {
    /// The path a user writes in `_HANDLER`: `my_app::handler::process`.
    pub(crate) fn path(&self) -> Cow<'static, str> {
        without_raw(self.path)
    }

    /// The path with the package's name in front, where that differs from the crate's: a function in the binary crate
    /// `bootstrap` of package `my-app` is also found as `my_app::process`.
    pub(crate) fn alias(&self) -> Option<String> {
        let (krate, rest) = self.path.split_once("::")?;
        let package = self.package.replace('-', "_");
        (krate != package).then(|| format!("{package}::{}", without_raw(rest)))
    }

    /// Where the function stands, as `file:line`.
    pub(crate) fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

/// Strips `r#` from every segment: raw identifiers are a matter of spelling, not of the name.
pub(crate) fn without_raw(path: &str) -> Cow<'_, str> {
    if path.contains("r#") { Cow::Owned(path.replace("r#", "")) } else { Cow::Borrowed(path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handler(path: &'static str, package: &'static str) -> Handler {
        Handler {
            path,
            name: None,
            package,
            default: false,
            file: "src/lib.rs",
            line: 7,
            event: None,
            reply: "()",
            is_async: false,
            needs: |_| {},
            invoke: |_| Ok(()),
        }
    }

    #[test]
    fn raw_segments_are_read_without_their_mark() {
        assert_eq!(handler("a::r#type::r#fn", "a").path(), "a::type::fn");
    }

    #[test]
    fn alias_exists_only_where_crate_and_package_differ() {
        assert_eq!(handler("my_app::x", "my-app").alias(), None);
        assert_eq!(handler("bootstrap::r#mod::x", "my-app").alias().as_deref(), Some("my_app::mod::x"));
    }
}
