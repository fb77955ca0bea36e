//! The rules on return types that several attributes share.

use proc_macro2::Ident;
use syn::{PathSegment, Type, TypeParamBound};

use crate::kind::Input;
use crate::mistakes::Mistakes;
use crate::parse::place;
use crate::parse::signature::last_segment;

/// Rejects `!`.
pub(crate) fn never(input: &Input<'_>, output: &Type, mistakes: &mut Mistakes) {
    if matches!(output, Type::Never(_)) {
        mistakes.add(output, format_args!("{} must return", input.kind.noun));
    }
}

/// Rejects a future that would not be awaited, be it written by the user or by another attribute; returns whether it
/// found one.
pub(crate) fn future(input: &Input<'_>, output: &Type, mistakes: &mut Mistakes) -> bool {
    let found = is_future(output) || place::success(&input.function).is_some_and(is_future);
    if found && input.function.is_async() {
        mistakes.add(output, "the future that the function returns is not awaited; await it in the function");
    } else if found {
        let attribute = input.kind.attribute();
        mistakes.add(
            output,
            format_args!(
                "a plain `fn` that returns a future is not awaited; write `async fn`, or put `{attribute}` above the \
                 attribute that turned an `async fn` into this one"
            ),
        );
    }
    found
}

/// Reports whether a type is spelled as a future: `impl Future`, `Pin<Box<dyn Future>>`, `BoxFuture`.
fn is_future(output: &Type) -> bool {
    match output {
        Type::ImplTrait(of) => of.bounds.iter().any(is_future_bound),
        Type::TraitObject(of) => of.bounds.iter().any(is_future_bound),
        _ => last_segment(output).is_some_and(|segment| match segment.ident.to_string().as_str() {
            "BoxFuture" | "LocalBoxFuture" => true,
            "Pin" | "Box" => place::types_in(segment).any(is_future),
            _ => false,
        }),
    }
}

fn is_future_bound(bound: &TypeParamBound) -> bool {
    let TypeParamBound::Trait(bound) = bound else { return false };
    bound.path.segments.last().is_some_and(|segment| segment.ident == "Future" || segment.ident == "IntoFuture")
}

/// Rejects a `Result` inside the reply.
pub(crate) fn inner_results(input: &Input<'_>, output: &Type, mistakes: &mut Mistakes) {
    for inner in results_in(place::success(&input.function).unwrap_or(output)) {
        mistakes.add(
            inner,
            "only the outermost `Result` separates the reply from the error; this inner one would be serialized as \
             `{\"Err\":…}`: move it outward, as in `Result<Option<T>, E>` (`transpose`, `collect`, `?`)",
        );
    }
}

/// Finds each `Result` that a type spells out with its type arguments.
fn results_in(of: &Type) -> Vec<&Ident> {
    match of {
        Type::Array(array) => results_in(&array.elem),
        Type::Group(group) => results_in(&group.elem),
        Type::Paren(paren) => results_in(&paren.elem),
        Type::Reference(reference) => results_in(&reference.elem),
        Type::Slice(slice) => results_in(&slice.elem),
        Type::Tuple(tuple) => tuple.elems.iter().flat_map(results_in).collect(),
        Type::Path(_) => last_segment(of).map(results_in_segment).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn results_in_segment(segment: &PathSegment) -> Vec<&Ident> {
    let is_one = segment.ident == "Result" && place::types_in(segment).next().is_some();
    is_one.then_some(&segment.ident).into_iter().chain(place::types_in(segment).flat_map(results_in)).collect()
}
