//! The rules of `#[mayfly::get]` and the other routes.

use std::collections::HashSet;

use syn::{GenericParam, PathSegment, Type};

use crate::check::{common, output};
use crate::kind::Input;
use crate::mistakes::Mistakes;
use crate::parse::signature::last_segment;
use crate::parse::{pattern, place};

const NOT_GENERIC: &str =
    "a route cannot be generic: Mayfly calls it without type arguments; write one route per concrete type";

/// The methods that axum routes.
const METHODS: [&str; 9] = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];

/// Types that `Path` reads from a single parameter.
const SCALARS: [&str; 17] = [
    "String", "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64",
    "u128", "usize",
];

/// Checks a route.
pub(crate) fn route(input: &Input<'_>, mistakes: &mut Mistakes) {
    common::name(input.kind.noun, &input.args, mistakes);
    pattern(input, mistakes);
    methods(input, mistakes);
    common::qualifiers(input, mistakes);
    lifetimes(input, mistakes);
    common::generics(input, NOT_GENERIC, mistakes);
    common::parameters(input, |_| "name the type: it decides what is taken from the request", mistakes);
    paths(input, mistakes);
    if let Some(returned) = input.function.output() {
        output::never(input, returned, mistakes);
        output::future(input, returned, mistakes);
    }
    common::where_clause(input, NOT_GENERIC, mistakes);
}

fn pattern(input: &Input<'_>, mistakes: &mut Mistakes) {
    let attribute = &input.kind.name;
    match &input.args.pattern {
        Some(pattern) => {
            if let Some(mistake) = pattern::mistake(&pattern.value()) {
                mistakes.add(pattern, mistake);
            }
        }
        // Another mistake in the attribute may be the reason.
        None if mistakes.is_empty() => {
            let more = if *attribute == "route" { ", methods = [GET, POST]" } else { "" };
            mistakes.add(
                input.function.name(),
                format_args!(
                    "a route needs the pattern of its paths: `#[mayfly::{attribute}(\"/orders/{{id}}\"{more})]`"
                ),
            );
        }
        None => {}
    }
}

fn methods(input: &Input<'_>, mistakes: &mut Mistakes) {
    if input.kind.name != "route" {
        return;
    }
    let methods = input.args.methods.as_deref().unwrap_or_default();
    if methods.is_empty() && mistakes.is_empty() {
        mistakes.add(
            input.function.name(),
            "a route needs its methods: `#[mayfly::route(\"/orders/{id}\", methods = [GET, POST])]`",
        );
    }
    let mut seen = HashSet::new();
    for method in methods {
        let text = method.to_string();
        if !METHODS.contains(&&*text) {
            mistakes.add(
                method,
                format_args!("axum does not route the method `{text}`; write one of {}", METHODS.join(", ")),
            );
        } else if !seen.insert(text) {
            mistakes.add(method, format_args!("`{method}` specified more than once"));
        }
    }
}

fn lifetimes(input: &Input<'_>, mistakes: &mut Mistakes) {
    for parameter in &input.function.signature.generics.params {
        if let GenericParam::Lifetime(lifetime) = parameter {
            mistakes
                .add(lifetime, "a route cannot be generic: axum's extractors own their values; remove the lifetime");
        }
    }
}

/// Compares each `Path` with the pattern, as far as its type tells how many parameters it reads.
fn paths(input: &Input<'_>, mistakes: &mut Mistakes) {
    let Some(pattern) = &input.args.pattern else { return };
    let pattern = pattern.value();
    if pattern::mistake(&pattern).is_some() {
        return;
    }
    let has = pattern::parameters(&pattern);
    for parameter in input.function.parameters() {
        let Some(takes) = last_segment(parameter).and_then(taken_by_path).filter(|takes| *takes != has) else {
            continue;
        };
        let s = |count: usize| if count == 1 { "" } else { "s" };
        mistakes.add(
            parameter,
            format_args!("this `Path` takes {takes} parameter{}, and the pattern `{pattern}` has {has}", s(takes)),
        );
    }
}

/// Counts the parameters that `Path<T>` reads: known of tuples and of scalars.
fn taken_by_path(segment: &PathSegment) -> Option<usize> {
    if segment.ident != "Path" {
        return None;
    }
    match place::types_in(segment).next()? {
        Type::Tuple(tuple) => Some(tuple.elems.len()),
        of => SCALARS.iter().any(|scalar| last_segment(of).is_some_and(|last| last.ident == scalar)).then_some(1),
    }
}
