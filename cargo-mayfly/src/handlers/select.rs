//! Predicts which handler the runtime would select.

use crate::handlers::nearest;
use crate::handlers::registry::{Handler, Registry};
use crate::handlers::warnings;
use crate::lambda::runtime::BOOTSTRAP;

/// The settings that select the handler of a binary.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HandlerSetting<'a> {
    /// The variable `_HANDLER`, which is the Handler setting on Lambda.
    pub(crate) handler: &'a str,
    /// The variable `MAYFLY_HANDLER`.
    pub(crate) instead: Option<&'a str>,
    /// The executable's file name.
    pub(crate) executable: &'a str,
}

impl HandlerSetting<'_> {
    /// Looks for the handler as the runtime does: by path, name or alias; for `bootstrap` and the binary's own name, by
    /// `MAYFLY_HANDLER`, by `default`, or as the only handler. The error is a predicate that names the nearest
    /// handlers.
    pub(crate) fn check(&self, registry: &Registry) -> Result<(), String> {
        if is_named(registry, self.handler) {
            return Ok(());
        }
        if ![BOOTSTRAP, self.executable].contains(&self.handler) {
            return Err(not_found(registry, self.handler));
        }
        match self.instead {
            Some(instead) if is_named(registry, instead) => Ok(()),
            Some(instead) => Err(format!("is `{}`, and MAYFLY_HANDLER {}", self.handler, not_found(registry, instead))),
            None if registry.handlers.len() == 1 || registry.handlers.iter().any(|handler| handler.default) => Ok(()),
            None => Err(format!(
                "is `{}`, the binary's own name, which selects no handler: set MAYFLY_HANDLER to the path of one, or \
                 mark one `#[mayfly::handler(default)]`",
                self.handler
            )),
        }
    }
}

/// Returns whether a handler has this path, name or alias.
pub(crate) fn is_named(registry: &Registry, wanted: &str) -> bool {
    named(registry, wanted).is_some()
}

/// Returns the handler with this path, name or alias.
pub(crate) fn named<'a>(registry: &'a Registry, wanted: &str) -> Option<&'a Handler> {
    let wanted = wanted.replace("r#", "");
    registry.handlers.iter().find(|handler| handler.names().any(|name| *name == wanted))
}

/// Returns a predicate that says that there is no such handler, and names the nearest ones.
pub(crate) fn not_found(registry: &Registry, wanted: &str) -> String {
    let names = registry.handlers.iter().flat_map(Handler::names);
    let nearest = nearest::of(wanted, names.map(String::as_str));
    let nearest = if nearest.is_empty() { String::new() } else { format!("; closest: {}", nearest.join(", ")) };
    let copies = warnings::of_copies(registry).map(|copies| format!("; {copies}")).unwrap_or_default();
    format!("is `{wanted}`, and no handler of the binary has that name{nearest}{copies}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn registry(default: Option<&str>, paths: &[&str]) -> Registry {
        let handler = |path: &&str| {
            json!({
                "path": path, "alias": path.replace("bootstrap::", "my_app::"), "name": null,
                "default": default == Some(path), "async": false, "file": "src/lib.rs", "line": 1, "event": null,
                "reply": "()", "needs": [],
            })
        };
        let handlers: Vec<_> = paths.iter().map(handler).collect();
        serde_json::from_value(json!({ "mayfly": "0.1.0", "handlers": handlers, "inits": [] })).expect("a registry")
    }

    fn check(registry: &Registry, handler: &str, instead: Option<&str>) -> Result<(), String> {
        HandlerSetting { handler, instead, executable: "my-app" }.check(registry)
    }

    #[test]
    fn paths_aliases_and_raw_names_are_found() {
        let registry = registry(None, &["bootstrap::a", "my_app::type"]);
        for handler in ["bootstrap::a", "my_app::a", "my_app::r#type"] {
            assert_eq!(check(&registry, handler, None), Ok(()));
        }
    }

    #[test]
    fn the_nearest_path_name_and_alias_are_suggested() {
        let mut registry = registry(None, &["bootstrap::tick", "my_app::type", "my_app::back"]);
        registry.handlers[2].name = Some("refund".to_owned());
        for (wanted, nearest) in [
            ("my_app::typ", "; closest: `my_app::type`, `my_app::tick`"),
            ("refnud", "; closest: `refund`"),
            ("my_app::refund", "; closest: `refund`"),
            ("my_app::tikc", "; closest: `my_app::tick`, `my_app::type`, `my_app::back`"),
            ("nothing", ""),
        ] {
            let expected = format!("is `{wanted}`, and no handler of the binary has that name{nearest}");
            assert_eq!(check(&registry, wanted, None), Err(expected));
        }
        registry.copies = vec!["0.1.0".to_owned(), "0.2.0".to_owned()];
        let message = check(&registry, "nothing", None).unwrap_err();
        assert!(message.contains("; the binary has 2 copies of mayfly (0.1.0, 0.2.0), and "), "{message}");
    }

    #[test]
    fn the_binarys_own_name_leaves_the_choice_to_the_variable_and_the_default() {
        for own in ["bootstrap", "my-app"] {
            let two = registry(None, &["my_app::a", "my_app::b"]);
            assert_eq!(check(&two, own, Some("my_app::b")), Ok(()));
            assert!(check(&two, own, None).unwrap_err().contains("set MAYFLY_HANDLER"));
            let wrong = check(&two, own, Some("my_app::c")).unwrap_err();
            assert!(wrong.starts_with(&format!("is `{own}`, and MAYFLY_HANDLER is `my_app::c`")), "{wrong}");
            assert_eq!(check(&registry(Some("my_app::b"), &["my_app::a", "my_app::b"]), own, None), Ok(()));
            assert_eq!(check(&registry(None, &["my_app::a"]), own, None), Ok(()));
        }
    }
}
