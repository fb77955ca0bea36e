//! The selection of the handler that `_HANDLER` or `MAYFLY_HANDLER` names.

use std::borrow::Cow;

use super::all;
use super::copies;
use super::handler::{self, Description, Handler};
use super::path::{hash, in_order, without_raw};
use crate::env::Env;
use crate::error::Error;

/// The value of `_HANDLER` that deployment tools set if they know only one function per binary.
const BOOTSTRAP: &str = "bootstrap";

/// Selects the handler that the environment names.
///
/// Fails with `Runtime.HandlerNotFound` or `Runtime.DuplicateHandler`. The message lists the handlers of this binary
/// and says what to do.
pub(crate) fn select(env: &Env) -> Result<&'static Handler, Error> {
    // An exact name is found without sorting: a hundred handlers must not cost more than one.
    let exactly = |wanted| {
        let hash = hash(wanted);
        only(handler::all().filter(|handler| handler.is_named(wanted, hash)))
    };
    if let Some(Ok(found)) = env.handler.as_deref().or(env.mayfly_handler.as_deref()).and_then(exactly) {
        return Ok(found);
    }
    select_from(&all::sorted(), env.handler.as_deref(), env.mayfly_handler.as_deref(), &executable())
}

/// Selects a handler by its path, name or alias.
#[cfg(feature = "testing")]
pub(crate) fn by_name(wanted: &str) -> Result<&'static Handler, Error> {
    let handlers = all::sorted();
    find(&handlers, wanted).unwrap_or_else(|| Err(not_found(&handlers, "the requested name", wanted, "")))
}

/// Selects the handler for a process without `_HANDLER`.
#[cfg(feature = "testing")]
pub(crate) fn default() -> Result<&'static Handler, Error> {
    select_from(&all::sorted(), None, None, "")
}

fn select_from(
    handlers: &[&'static Handler],
    wanted: Option<&str>,
    fallback: Option<&str>,
    executable: &str,
) -> Result<&'static Handler, Error> {
    if let Some(wanted) = wanted {
        if let Some(found) = find(handlers, wanted) {
            return found;
        }
        if ![BOOTSTRAP, executable].contains(&wanted) {
            return Err(not_found(handlers, "_HANDLER", wanted, ""));
        }
    }
    if let Some(fallback) = fallback {
        return find(handlers, fallback).unwrap_or_else(|| Err(not_found(handlers, "MAYFLY_HANDLER", fallback, "")));
    }
    let default = only(handlers.iter().copied().filter(|handler| handler.default));
    let Some(wanted) = wanted else { return default.unwrap_or(Ok(&BUILT_IN)) };
    default
        .or_else(|| only_one(handlers).map(Ok))
        .unwrap_or_else(|| Err(not_found(handlers, "_HANDLER", wanted, OWN_NAME_ADVICE)))
}

/// The advice for a `_HANDLER` that names the binary.
const OWN_NAME_ADVICE: &str = "; this name is the binary's own: set the variable MAYFLY_HANDLER to the path of the \
                               function, or mark one `#[mayfly::handler(default)]`";

/// Returns the only handler that a binary's own name can mean.
#[cfg(not(feature = "axum"))]
fn only_one(handlers: &[&'static Handler]) -> Option<&'static Handler> {
    (handlers.len() == 1).then(|| handlers[0])
}

/// Returns the only handler that a binary's own name can mean. Routes do not count, since each is one of many by its
/// nature; where there is nothing else, all of them are meant.
#[cfg(feature = "axum")]
fn only_one(handlers: &[&'static Handler]) -> Option<&'static Handler> {
    let mut whole = handlers.iter().copied().filter(|handler| handler.route().is_none() && !handler.is_built_in());
    match (whole.next(), whole.next()) {
        (Some(only), None) => Some(only),
        (Some(_), Some(_)) => None,
        (None, _) => handlers.iter().copied().find(|handler| handler.is_built_in()),
    }
}

/// Finds the handler with that path or name, else the one with that alias.
fn find(handlers: &[&'static Handler], wanted: &str) -> Option<Result<&'static Handler, Error>> {
    let wanted = &*without_raw(wanted);
    let hash = hash(wanted);
    let exact = |handler: &&'static Handler| handler.is_named(wanted, hash);
    let alias = |handler: &&'static Handler| handler.alias().as_deref() == Some(wanted);
    let handlers = handlers.iter().copied();
    only(handlers.clone().filter(exact)).or_else(|| only(handlers.filter(alias)))
}

/// Returns the only match, `None` if there is none, an error if there are several.
fn only(mut found: impl Iterator<Item = &'static Handler>) -> Option<Result<&'static Handler, Error>> {
    let first = found.next()?;
    let second = found.next();
    Some(second.map_or(Ok(first), |second| Err(registered_twice(first, second))))
}

#[cold]
fn registered_twice(first: &Handler, second: &Handler) -> Error {
    let same = if first.path() == second.path() {
        first.path()
    } else {
        Cow::Owned(format!("{} or {}", first.path(), second.path()))
    };
    let message = format!(
        "the handler {same} is registered twice: {} and {}; give one a `name` of its own",
        first.place(),
        second.place()
    );
    Error::runtime("Runtime.DuplicateHandler", message)
}

#[cold]
fn not_found(handlers: &[&'static Handler], variable: &str, wanted: &str, advice: &str) -> Error {
    let copies = copies::complaint();
    let message = if handlers.is_empty() {
        let why = copies.as_deref().unwrap_or(NOTHING_REGISTERED);
        format!("Handler not found: {variable} is `{wanted}`, but {why}")
    } else {
        let closest = closest(handlers, wanted);
        let closest = if closest.is_empty() { String::new() } else { format!("; closest: {}", closest.join(", ")) };
        let copies = copies.map(|copies| format!("; {copies}")).unwrap_or_default();
        format!(
            "Handler not found: {variable} is `{wanted}`, and no handler has that name{closest}; this binary has: \
             {}{advice}{copies}",
            list(handlers)
        )
    };
    Error::runtime("Runtime.HandlerNotFound", message)
}

/// The reason for a binary without handlers, which is common in the first deployment of a library crate.
const NOTHING_REGISTERED: &str = "this binary has no handlers at all; if they stand in a library crate `my_app`, write \
                                  `mayfly::main!(my_app);` in src/main.rs, or the linker leaves them out";

fn list(handlers: &[&'static Handler]) -> String {
    let shown = handlers.iter().map(|handler| match handler.name {
        Some(name) => Cow::Owned(format!("{} (named `{name}`)", handler.path())),
        None => handler.path(),
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// Returns up to three paths, names or aliases that `wanted` may be a typing mistake of, the closest first.
fn closest(handlers: &[&'static Handler], wanted: &str) -> Vec<String> {
    let wanted = wanted.to_ascii_lowercase();
    let mut near = Vec::new();
    for handler in handlers {
        for name in handler.names().into_iter().flatten() {
            let lower = name.to_ascii_lowercase();
            let distance = distance(&lower, &wanted);
            if distance <= wanted.len() / 3 || last_segment(&lower) == last_segment(&wanted) {
                near.push((distance, name));
            }
        }
    }
    in_order(near.into_iter(), Clone::clone).into_iter().take(3).map(|(_, name)| format!("`{name}`")).collect()
}

fn last_segment(path: &str) -> &str {
    path.rsplit(':').next().unwrap_or_default()
}

/// Returns the Levenshtein distance: the number of bytes to insert, remove or replace.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// Returns the file name of the executable.
fn executable() -> String {
    let path = std::env::current_exe().unwrap_or_default();
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The handler of a process without `_HANDLER`. Its reply to every event is a sentence that says what to do.
static BUILT_IN: Handler = Handler {
    path_hash: hash("mayfly::default"),
    name: None,
    default: true,
    is_async: false,
    describe: || Description {
        path: "mayfly::default",
        package: "mayfly",
        file: file!(),
        line: line!(),
        event: None,
        reply: "String",
        needs: |_| {},
        http: None,
        arounds: None,
        list: None,
        invoke: |call| call.encode(please_set(&all::sorted())),
    },
};

fn please_set(handlers: &[&'static Handler]) -> String {
    match handlers.first() {
        None => format!(
            "Please set _HANDLER to the path of the function to run; but {}",
            copies::complaint().as_deref().unwrap_or(NOTHING_REGISTERED)
        ),
        Some(first) => format!(
            "Please set _HANDLER to the path of the function to run, e.g. {}. This binary has: {}",
            first.path(),
            list(handlers)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Creates a handler with that path and place.
    macro_rules! handler {
        ($path:literal) => {
            handler!($path, "src/lib.rs", 7)
        };
        ($path:literal, $file:literal, $line:literal) => {{
            let describe =
                || Description { path: $path, package: "my-app", file: $file, line: $line, ..(BUILT_IN.describe)() };
            Handler { path_hash: hash($path), default: false, describe, ..BUILT_IN }
        }};
    }

    fn leak(handlers: impl IntoIterator<Item = Handler>) -> Vec<&'static Handler> {
        handlers.into_iter().map(|handler| &*Box::leak(Box::new(handler))).collect()
    }

    /// Returns the path of the selected handler, or the error.
    fn selected(handlers: &[&'static Handler], wanted: Option<&str>, fallback: Option<&str>) -> String {
        match select_from(handlers, wanted, fallback, "my-app") {
            Ok(handler) => handler.path().into_owned(),
            Err(error) => format!("{}: {}", error.name(), error.message()),
        }
    }

    #[test]
    fn an_exact_path_or_name_comes_before_an_alias() {
        let named = Handler { name: Some("short"), ..handler!("my_app::long") };
        let handlers = leak([handler!("bootstrap::process"), handler!("my_app::process"), named]);
        assert_eq!(selected(&handlers, Some("bootstrap::process"), None), "bootstrap::process");
        assert_eq!(selected(&handlers, Some("my_app::process"), None), "my_app::process", "exact path");
        assert_eq!(selected(&handlers[..1], Some("my_app::process"), None), "bootstrap::process", "alias");
        assert_eq!(selected(&handlers, Some("short"), None), "my_app::long");
        assert_eq!(selected(&handlers, Some("my_app::long"), None), "my_app::long");
    }

    #[test]
    fn an_unset_handler_selects_mayfly_handler_then_the_default_then_the_built_in_one() {
        let default = Handler { default: true, ..handler!("my_app::b") };
        let handlers = leak([handler!("my_app::a"), default]);
        assert_eq!(selected(&handlers, None, None), "my_app::b");
        assert_eq!(selected(&handlers, None, Some("my_app::a")), "my_app::a");
        let wrong = selected(&handlers, None, Some("my_app::c"));
        assert!(wrong.contains("MAYFLY_HANDLER is `my_app::c`"), "{wrong}");
        assert_eq!(selected(&leak([handler!("my_app::a")]), None, None), "mayfly::default");
        assert_eq!(
            please_set(&leak([handler!("my_app::a"), handler!("my_app::b")])),
            "Please set _HANDLER to the path of the function to run, e.g. my_app::a. \
             This binary has: my_app::a, my_app::b"
        );
        assert!(please_set(&[]).contains("mayfly::main!(my_app)"));
    }

    #[test]
    fn the_name_of_the_binary_selects_mayfly_handler_then_the_default_then_the_only_handler() {
        let two = leak([handler!("my_app::a"), handler!("my_app::b")]);
        for own in ["bootstrap", "my-app"] {
            assert_eq!(selected(&two, Some(own), Some("my_app::b")), "my_app::b");
            assert_eq!(selected(&two[..1], Some(own), None), "my_app::a", "the only one");
            let lost = selected(&two, Some(own), None);
            assert!(lost.contains("Handler not found") && lost.contains("MAYFLY_HANDLER"), "{lost}");
            let wrong = selected(&two, Some(own), Some("my_app::c"));
            assert!(wrong.contains("MAYFLY_HANDLER is `my_app::c`"), "{wrong}");
        }
        let default = leak([Handler { default: true, ..handler!("my_app::b") }, handler!("my_app::a")]);
        assert_eq!(selected(&default, Some("bootstrap"), None), "my_app::b");
    }

    #[test]
    fn an_unknown_name_is_reported_with_the_closest_names_and_all_handlers() {
        let named = Handler { name: Some("refund"), ..handler!("my_app::back") };
        let tick = handler!("bootstrap::tick");
        let handlers = leak([tick, named, handler!("my_app::orders::cancel"), handler!("my_app::orders::place")]);
        let list = "this binary has: bootstrap::tick, my_app::back (named `refund`), my_app::orders::cancel, \
                    my_app::orders::place";
        assert!(please_set(&handlers).ends_with(&list.replace("this", "This")));
        for (wanted, closest) in [
            ("my_app::orders::plaec", "closest: `my_app::orders::place`"),
            ("My_App::Orders::Place", "closest: `my_app::orders::place`"),
            ("place", "closest: `my_app::orders::place`"),
            ("refnud", "closest: `refund`"),
            ("Refund", "closest: `refund`"),
            ("my_app::refund", "closest: `refund`"),
            ("my_app::orders::give", "closest: `my_app::orders::place`"),
            ("my_app::tikc", "closest: `my_app::tick`"),
            ("nothing", "no handler has that name; this"),
        ] {
            let message = selected(&handlers, Some(wanted), None);
            assert!(message.starts_with("Runtime.HandlerNotFound: Handler not found: "), "{message}");
            assert!(message.contains(closest) && message.ends_with(list), "{message}");
        }
        assert!(selected(&[], Some("x"), None).contains("mayfly::main!(my_app);"));
    }

    #[test]
    fn a_duplicate_path_is_an_error_only_if_it_is_selected() {
        let handlers =
            leak([handler!("my_app::a"), handler!("my_app::b", "src/x.rs", 3), handler!("my_app::b", "src/y.rs", 9)]);
        assert_eq!(selected(&handlers, Some("my_app::a"), None), "my_app::a");
        let message = selected(&handlers, Some("my_app::b"), None);
        assert!(message.starts_with("Runtime.DuplicateHandler: "), "{message}");
        assert!(message.contains("src/x.rs:3 and src/y.rs:9"), "{message}");
    }
}
