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
            let behind = shapes.range(shape.clone()..).skip(1).take_while(|(other, _)| other.starts_with(shape)).next();
            if let Some((_, other)) = behind {
                return Err(ambiguous(same.routes[0], other.routes[0]));
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

/// Finds the `{` of the parameter in a segment. `{{` is a brace that is none.
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
