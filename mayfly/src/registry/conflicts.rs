//! The conflicts of routes, found before axum sees them: it would panic, and name one place only.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::handler::Handler;
use super::route::Route;
use crate::error::Error;
use crate::invocation::state::init_error;

/// The routes of one shape. Their patterns are the same, letter by letter.
struct Same {
    pattern: &'static str,
    routes: Vec<(&'static Handler, &'static Route)>,
}

/// Fails with `Runtime.InitError`, which names both functions by `file:line`, if axum would refuse a router of these
/// routes.
pub(super) fn check(routes: &[&'static Handler]) -> Result<(), Error> {
    let mut shapes: BTreeMap<String, Same> = BTreeMap::new();
    for &handler in routes {
        let Some(route) = handler.route() else { continue };
        match shapes.entry(shape(route.pattern)) {
            Entry::Vacant(entry) => _ = entry.insert(Same { pattern: route.pattern, routes: vec![(handler, route)] }),
            Entry::Occupied(mut entry) => {
                let same = entry.get_mut();
                compare(same, handler, route)?;
                same.routes.push((handler, route));
            }
        }
    }
    for (shape, same) in &shapes {
        if same.pattern.contains("{*") {
            // The next in their order begins with this shape if any does.
            let next = shapes.range(shape.clone()..).nth(1).filter(|(next, _)| next.starts_with(shape));
            if let Some((_, longer)) = next {
                return Err(ambiguous(same.routes[0], longer.routes[0]));
            }
        }
    }
    Ok(())
}

/// Compares a route with those of the same shape.
fn compare(same: &Same, handler: &'static Handler, route: &'static Route) -> Result<(), Error> {
    if same.pattern != route.pattern {
        return Err(ambiguous(same.routes[0], (handler, route)));
    }
    for &(other, of_other) in &same.routes {
        if let Some(method) = route.methods.iter().find(|method| of_other.methods.contains(method)) {
            let [first, second] = named([other, handler]);
            return Err(init_error(format_args!(
                "two routes answer `{method} {}`: {first} and {second}; remove one, or change its method or pattern",
                route.pattern
            )));
        }
    }
    Ok(())
}

/// Replaces the names of parameters, which do not tell two patterns apart.
fn shape(pattern: &str) -> String {
    let mut shape = String::with_capacity(pattern.len());
    for segment in pattern.split_inclusive('/') {
        match parameter(segment) {
            Some(start) => {
                shape.push_str(&segment[..start]);
                shape.push_str(if segment.ends_with('/') { "{}/" } else { "{}" });
            }
            None => shape.push_str(segment),
        }
    }
    shape
}

/// Finds the `{` of the parameter in a segment. `{{` stands for a brace.
fn parameter(segment: &str) -> Option<usize> {
    let bytes = segment.as_bytes();
    let mut at = segment.find('{')?;
    while bytes.get(at + 1) == Some(&b'{') {
        at = at + 2 + segment[at + 2..].find('{')?;
    }
    Some(at)
}

type Found = (&'static Handler, &'static Route);

#[cold]
fn ambiguous(first: Found, second: Found) -> Error {
    let names = named([first.0, second.0]);
    let mut patterns = [first.1.pattern, second.1.pattern];
    if first.0.path() > second.0.path() {
        patterns.reverse();
    }
    init_error(format_args!(
        "the routes {} and {} have patterns that match the same paths, `{}` and `{}`; write the same pattern for both, \
         or change one",
        names[0], names[1], patterns[0], patterns[1]
    ))
}

/// Names two routes with their places, in the order of their paths.
#[cold]
fn named(mut routes: [&'static Handler; 2]) -> [String; 2] {
    if routes[0].path() > routes[1].path() {
        routes.reverse();
    }
    routes.map(|route| format!("`{}` ({})", route.path(), route.place()))
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use axum::Router;
    use axum::routing::{MethodFilter, on};

    use super::super::handler::{Description, Http};
    use super::super::path::hash;
    use super::*;

    /// A route under that path, at that line.
    macro_rules! route {
        ($path:literal, $line:literal, $pattern:expr, $methods:expr) => {{
            static HTTP: Http = Http::Route(Route {
                methods: $methods,
                pattern: $pattern,
                is_async: true,
                serve: |_| Box::pin(async { unreachable!() }),
            });
            &*Box::leak(Box::new(Handler {
                path_hash: hash($path),
                name: None,
                default: false,
                is_async: true,
                describe: || Description {
                    path: $path,
                    package: "my-app",
                    file: "src/lib.rs",
                    line: $line,
                    event: None,
                    reply: "()",
                    needs: |_| {},
                    http: Some(&HTTP),
                    arounds: None,
                    list: None,
                    invoke: |_| Ok(()),
                },
            }))
        }};
    }

    fn message(routes: &[&'static Handler]) -> String {
        check(routes).map_err(|error| error.message().to_owned()).err().unwrap_or_default()
    }

    #[test]
    fn a_conflict_names_both_places_in_the_order_of_their_paths() {
        let item = route!("my_app::item", 7, "/items/{id}", &["GET", "HEAD"]);
        let again = route!("my_app::again", 9, "/items/{id}", &["POST", "GET"]);
        let other = route!("my_app::other", 11, "/items/{name}", &["PUT"]);
        let rest = route!("my_app::rest", 13, "/items/{*rest}", &["PUT"]);
        let below = route!("my_app::below", 15, "/items/{id}/parts", &["GET"]);
        let put = route!("my_app::put", 17, "/items/{id}", &["PUT"]);
        assert_eq!(message(&[item, below, put]), "");
        for routes in [[item, again], [again, item]] {
            assert_eq!(
                message(&routes),
                "Initialization error: two routes answer `GET /items/{id}`: `my_app::again` (src/lib.rs:9) and \
                 `my_app::item` (src/lib.rs:7); remove one, or change its method or pattern"
            );
        }
        for routes in [[item, other], [other, item]] {
            assert_eq!(
                message(&routes),
                "Initialization error: the routes `my_app::item` (src/lib.rs:7) and `my_app::other` (src/lib.rs:11) have \
                 patterns that match the same paths, `/items/{id}` and `/items/{name}`; write the same pattern for both, \
                 or change one"
            );
        }
        assert!(message(&[rest, below]).contains("`/items/{id}/parts` and `/items/{*rest}`"));
    }

    /// Patterns of up to three segments.
    fn patterns() -> Vec<String> {
        let segments = ["a", "b{x}", "{x}", "{y}", "{{x}}"];
        let ends = ["{*r}", "{*s}", "a{*r}"];
        let mut all = Vec::new();
        for first in segments {
            all.push(format!("/{first}"));
            for second in segments {
                all.push(format!("/{first}/{second}"));
                all.extend(["a", "{x}"].map(|third| format!("/{first}/{second}/{third}")));
                all.extend(ends.map(|end| format!("/{first}/{second}/{end}")));
            }
            all.extend(ends.map(|end| format!("/{first}/{end}")));
        }
        all.extend(ends.map(|end| format!("/{end}")));
        all
    }

    fn axum_refuses(first: &str, second: &str) -> bool {
        let get = || on(MethodFilter::GET, || async {});
        let both = || Router::<()>::new().route(first, get()).route(second, get());
        catch_unwind(AssertUnwindSafe(both)).is_err()
    }

    #[test]
    fn what_axum_refuses_is_refused_and_nothing_else() {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let patterns = patterns();
        let mut differ = Vec::new();
        for first in &patterns {
            for second in &patterns {
                let (ours, theirs) = (are_in_conflict(first, second), axum_refuses(first, second));
                if ours != theirs {
                    differ.push((first, second, ours));
                }
            }
        }
        std::panic::set_hook(hook);
        assert!(differ.is_empty(), "{} of {}: {differ:?}", differ.len(), patterns.len() * patterns.len());
    }

    fn are_in_conflict(first: &str, second: &str) -> bool {
        let (one, other) = (shape(first), shape(second));
        one == other
            || (first.contains("{*") && other.starts_with(&one))
            || (second.contains("{*") && one.starts_with(&other))
    }
}
