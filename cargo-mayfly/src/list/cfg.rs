//! Evaluates `#[cfg]` conditions, as far as they are known without the compiler.

use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Lit, Meta, Token};

/// The configuration that a crate was compiled with, as far as it is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cfg<'a> {
    pub(crate) features: &'a [String],
}

impl Cfg<'_> {
    /// Returns the attributes of an item that was compiled, including those inside `cfg_attr`; `None` for an item that
    /// was not compiled, or for which that is not known.
    pub(crate) fn seen(self, attributes: &[Attribute]) -> Option<Vec<Meta>> {
        let mut seen = Vec::new();
        let mut waiting: Vec<_> = attributes.iter().rev().map(|attribute| attribute.meta.clone()).collect();
        while let Some(meta) = waiting.pop() {
            match &meta {
                Meta::List(list) if list.path.is_ident("cfg") => {
                    let condition = list.parse_args::<Meta>().ok()?;
                    if self.holds(&condition) != Some(true) {
                        return None;
                    }
                }
                Meta::List(list) if list.path.is_ident("cfg_attr") => {
                    let mut parts = metas(&meta).into_iter();
                    if parts.next().and_then(|condition| self.holds(&condition)) == Some(true) {
                        waiting.extend(parts.rev());
                    }
                }
                _ => seen.push(meta),
            }
        }
        Some(seen)
    }

    /// Returns whether a condition is true; `None` if only the compiler knows.
    fn holds(self, condition: &Meta) -> Option<bool> {
        match condition {
            Meta::Path(path) => match path.get_ident()?.to_string().as_str() {
                "true" => Some(true),
                "false" | "test" | "doc" | "doctest" => Some(false),
                "unix" => Some(cfg!(unix)),
                "windows" => Some(cfg!(windows)),
                _ => None,
            },
            Meta::NameValue(pair) => {
                let value = text(&pair.value)?;
                match pair.path.get_ident()?.to_string().as_str() {
                    "feature" => Some(self.features.contains(&value)),
                    "target_os" => Some(value == std::env::consts::OS),
                    "target_arch" => Some(value == std::env::consts::ARCH),
                    "target_family" => Some(value == std::env::consts::FAMILY),
                    _ => None,
                }
            }
            Meta::List(list) => {
                let parts: Vec<_> = metas(condition).iter().map(|part| self.holds(part)).collect();
                match list.path.get_ident()?.to_string().as_str() {
                    "not" => parts.first().copied().flatten().map(|holds| !holds),
                    "all" if parts.contains(&Some(false)) => Some(false),
                    "all" => parts.into_iter().collect::<Option<Vec<_>>>().map(|_| true),
                    "any" if parts.contains(&Some(true)) => Some(true),
                    "any" => parts.into_iter().collect::<Option<Vec<_>>>().map(|_| false),
                    _ => None,
                }
            }
        }
    }
}

/// Returns the text of a string literal.
pub(crate) fn text(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

fn metas(meta: &Meta) -> Vec<Meta> {
    let Meta::List(list) = meta else { return Vec::new() };
    let metas = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    metas.map(|metas| metas.into_iter().collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_true_false_or_unknown() {
        let features = ["on".to_owned()];
        let cfg = Cfg { features: &features };
        for (condition, expected) in [
            ("feature = \"on\"", Some(true)),
            ("feature = \"off\"", Some(false)),
            ("test", Some(false)),
            ("not(test)", Some(true)),
            ("tokio_unstable", None),
            ("not(tokio_unstable)", None),
            ("all(feature = \"on\", tokio_unstable)", None),
            ("all(feature = \"off\", tokio_unstable)", Some(false)),
            ("any(feature = \"on\", tokio_unstable)", Some(true)),
            ("any(test, feature = \"off\")", Some(false)),
            ("all()", Some(true)),
            ("unix", Some(cfg!(unix))),
        ] {
            assert_eq!(cfg.holds(&syn::parse_str(condition).unwrap()), expected, "{condition}");
        }
    }

    #[test]
    fn attributes_in_a_cfg_attr_count_if_its_condition_holds() {
        let features = ["on".to_owned()];
        let seen = |item: &str| {
            let item: syn::ItemFn = syn::parse_str(item).unwrap();
            let names =
                |metas: Vec<Meta>| metas.iter().filter_map(|meta| Some(meta.path().get_ident()?.to_string())).collect();
            Cfg { features: &features }.seen(&item.attrs).map(names).map(|names: Vec<String>| names.join(" "))
        };
        assert_eq!(
            seen("#[cfg_attr(feature = \"on\", a, cfg(not(test)), b)] #[c] fn f() {}").as_deref(),
            Some("a b c")
        );
        assert_eq!(seen("#[cfg_attr(feature = \"off\", a)] fn f() {}").as_deref(), Some(""));
        assert_eq!(seen("#[cfg_attr(feature = \"on\", cfg(test))] fn f() {}"), None);
    }
}
